import fs from 'node:fs';
import path from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/**
 * The Chromium or Chrome on the search path.
 * @throws {Error} when there is none
 */
export function findBrowser() {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const found = NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name))).find((file) => fs.existsSync(file));
  if (!found) throw new Error(`no Chromium found: install one so that ${NAMES.join(' or ')} is on the PATH`);
  return found;
}

/**
 * The arguments that lead a browser to a stage and keep it off the network.
 * @param {{resolverRules: string, extension?: string, headless?: boolean}} settings
 *   `extension` is the folder of an unpacked extension
 */
export function browserArguments({ resolverRules, extension, headless = true }) {
  return [
    '--disable-quic', '--no-first-run', '--no-default-browser-check', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--disable-gpu', '--ignore-certificate-errors',
    `--host-resolver-rules=${resolverRules}`,
    ...(headless ? ['--headless=new'] : []),
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ...(extension ? [`--disable-extensions-except=${path.resolve(extension)}`, `--load-extension=${path.resolve(extension)}`] : []),
  ];
}
