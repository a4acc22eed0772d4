// Writes the manifest of a build: the given one, with the host permission of the built-in backend.
// Usage: node scripts/manifest.mjs <manifest.json> <backend address> <result>
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { namedFiles, withBackend } from './lib/manifest.mjs';

const [source, backend, result] = process.argv.slice(2);
const manifest = withBackend(JSON.parse(readFileSync(source, 'utf8')), backend);
const missing = namedFiles(manifest).filter((file) => !existsSync(path.join(path.dirname(result), file)));
if (missing.length > 0) {
  console.error(`${source} names files that the build does not have: ${missing.join(', ')}`);
  process.exit(1);
}
writeFileSync(result, `${JSON.stringify(manifest, null, 2)}\n`);
