// Prints what the extension weighs, and what of it each Gmail tab loads.
// Usage: node scripts/sizes.mjs <extension folder>
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { loads } from './lib/loads.mjs';

const folder = process.argv[2];

const line = (name, raw, gzip) =>
  console.log(`  ${name.padEnd(50)} ${(raw / 1024).toFixed(1).padStart(8)} kB ${(gzip / 1024).toFixed(1).padStart(8)} kB gzip`);
for (const [name, files] of Object.entries(loads(folder))) {
  let [raw, gzip] = [0, 0];
  for (const file of files) {
    const bytes = readFileSync(path.join(folder, file));
    const packed = gzipSync(bytes, { level: 9 }).length;
    line(`  ${file}`, bytes.length, packed);
    raw += bytes.length;
    gzip += packed;
  }
  line(name, raw, gzip);
}
