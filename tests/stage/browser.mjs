import path from 'node:path';

export { findBrowser } from '../../scripts/lib/browser.mjs';

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
