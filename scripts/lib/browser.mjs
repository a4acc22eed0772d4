// The browser that everything here runs: the demo, the tests, the benches and `./build.sh run`.
import fs from 'node:fs';
import path from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];

/** Where macOS keeps applications; none of them is on the search path. */
const APPLICATIONS = ['Chromium', 'Google Chrome'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);

function isProgram(file) {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/**
 * The Chromium or Chrome that KAIFU_CHROME names, as a path or as a name on the search path; without
 * it, the first one found.
 * @param {Record<string, string | undefined>} [environment]
 * @throws {Error} when there is none, also when KAIFU_CHROME names none
 */
export function findBrowser(environment = process.env, applications = APPLICATIONS) {
  const folders = (environment.PATH ?? '').split(path.delimiter).filter(Boolean);
  const places = (name) => (name.includes('/') ? [path.resolve(name)] : folders.map((folder) => path.join(folder, name)));
  const wanted = environment.KAIFU_CHROME;
  if (wanted) {
    const found = places(wanted).find(isProgram);
    if (!found) throw new Error(`KAIFU_CHROME names ${wanted}, which is no program`);
    return found;
  }
  const found = [...NAMES.flatMap(places), ...applications].find(isProgram);
  if (!found) throw new Error(`no Chromium or Chrome was found: install one, or name it in KAIFU_CHROME`);
  return found;
}
