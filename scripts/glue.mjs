// Minifies wasm-bindgen's glue in place, without the synchronous start that only the fallback uses and
// without ways to load that nothing here takes.
// Usage: node scripts/glue.mjs <web|no-modules> <file>
import { readFileSync, writeFileSync } from 'node:fs';
import { minify, withOneWayToLoad, withoutInitSync } from './lib/javascript.mjs';

const [target, file] = process.argv.slice(2);
const source = readFileSync(file, 'utf8');
writeFileSync(file, await minify(withOneWayToLoad(withoutInitSync(source)), { format: target === 'web' ? 'esm' : undefined }));
