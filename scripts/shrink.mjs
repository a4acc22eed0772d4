// Takes out of a module, and of its glue, what only people would read; both in place.
// Usage: node scripts/shrink.mjs <wasm-bindgen's module> <its glue>
import { readFileSync, writeFileSync } from 'node:fs';
import { withShortImports, withoutPanicMessages, withoutPanicPlaces, withoutPanicWords } from './lib/wasm.mjs';

const [module, script] = process.argv.slice(2);
const quiet = withoutPanicWords(withoutPanicPlaces(withoutPanicMessages(readFileSync(module))));
const { bytes, glue } = withShortImports(quiet, readFileSync(script, 'utf8'));
writeFileSync(module, bytes);
writeFileSync(script, glue);
