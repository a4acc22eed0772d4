// What of the built extension is loaded together, as its manifest, pages and scripts name it.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** The files of the extension that a file names between quotes, from its own folder or from the top. */
function named(folder, file) {
  const text = readFileSync(path.join(folder, file), 'utf8');
  const names = [...text.matchAll(/["'`]([\w./-]+\.(?:js|css|wasm))["'`]/g)].map(([, name]) => name);
  return names.flatMap((name) => {
    const places = [path.posix.join(path.posix.dirname(file), name), path.posix.normalize(name)];
    return places.filter((place) => !place.startsWith('..') && existsSync(path.join(folder, place))).slice(0, 1);
  });
}

/** These files, and all that they lead to. */
function loadedWith(folder, files, without = []) {
  const found = new Set();
  const visit = (file) => {
    if (found.has(file) || without.includes(file)) return;
    found.add(file);
    if (/\.(?:js|html)$/.test(file)) named(folder, file).forEach(visit);
  };
  files.forEach(visit);
  return [...found];
}

/**
 * What is loaded together, by name: a Gmail tab, each script that it may load later, the worker, each page.
 * @param {string} folder of the built extension
 * @returns {Record<string, string[]>}
 */
export function loads(folder) {
  const manifest = JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8'));
  const scripts = manifest.content_scripts.flatMap((it) => [...(it.js ?? []), ...(it.css ?? [])]);
  const later = manifest.web_accessible_resources.flatMap((it) => it.resources).filter((file) => file.endsWith('.js'));
  const pages = readdirSync(folder).filter((file) => file.endsWith('.html')).sort();
  return {
    'Gmail tab': loadedWith(folder, scripts, later),
    ...Object.fromEntries(later.map((file) => [`Gmail tab, once it loads ${file}`, loadedWith(folder, [file])])),
    worker: loadedWith(folder, [manifest.background.service_worker]),
    ...Object.fromEntries(pages.map((page) => [path.basename(page, '.html'), loadedWith(folder, [page])])),
  };
}
