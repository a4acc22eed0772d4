// Stands in for scripts/fallback.mjs, which takes only what wasm2js and wasm-bindgen wrote.
import { copyFileSync } from 'node:fs';

copyFileSync(process.argv[2], process.argv[5]);
