// Minifies scripts and style sheets in place.
// Usage: node scripts/minify.mjs <file>...
import { readFileSync, writeFileSync } from 'node:fs';
import { minify } from './lib/javascript.mjs';

for (const file of process.argv.slice(2)) {
  writeFileSync(file, await minify(readFileSync(file, 'utf8'), { loader: file.endsWith('.css') ? 'css' : 'js' }));
}
