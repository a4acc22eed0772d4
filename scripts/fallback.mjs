// Joins wasm2js's output and wasm-bindgen's glue into the script for pages that forbid WebAssembly.
// Usage: node scripts/fallback.mjs <wasm2js output> <no-modules glue> <the function that is exported> <result>
import { readFileSync, writeFileSync } from 'node:fs';
import { fallbackModule, minify } from './lib/javascript.mjs';

const [asm, glue, entry, result] = process.argv.slice(2);
writeFileSync(result, await minify(fallbackModule(readFileSync(asm, 'utf8'), readFileSync(glue, 'utf8'), entry), { format: 'esm' }));
