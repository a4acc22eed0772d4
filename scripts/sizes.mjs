// Prints what the extension weighs, and what of it each Gmail tab loads.
// Usage: node scripts/sizes.mjs <extension folder>
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const folder = process.argv[2];
const manifest = JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8'));
const scripts = manifest.content_scripts.flatMap((it) => [...(it.js ?? []), ...(it.css ?? [])]);
const groups = {
  'Gmail tab': [...scripts, 'content/kaifu_gmail_bg.wasm'],
  'instead of WebAssembly, where a page forbids it': ['content/kaifu_gmail_js.js'],
  worker: ['background.js', 'wasm/kaifu_background.js', 'wasm/kaifu_background_bg.wasm'],
  popup: ['popup.js', 'wasm/kaifu_popup.js', 'wasm/kaifu_popup_bg.wasm'],
  options: ['options.js', 'wasm/kaifu_options.js', 'wasm/kaifu_options_bg.wasm'],
};

const line = (name, raw, gzip) =>
  console.log(`  ${name.padEnd(50)} ${(raw / 1024).toFixed(1).padStart(8)} kB ${(gzip / 1024).toFixed(1).padStart(8)} kB gzip`);
for (const [name, files] of Object.entries(groups)) {
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
