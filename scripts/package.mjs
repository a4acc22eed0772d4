// Packs a folder into a zip that depends on nothing but the files' names and content.
// Usage: node scripts/package.mjs <folder> <zip>
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { zipSync } from 'fflate';

const [folder, result] = process.argv.slice(2);
const names = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)).split(path.sep).join('/'))
  .sort();
const files = Object.fromEntries(names.map((name) => [name, readFileSync(path.join(folder, name))]));
// The zip format keeps local time; fflate reads these fields the same way in every time zone.
const mtime = new Date(1980, 0, 1);
const REGULAR_FILE_0644 = 0o100644 << 16;
writeFileSync(result, zipSync(files, { level: 9, mtime, os: 3, attrs: REGULAR_FILE_0644 }));
