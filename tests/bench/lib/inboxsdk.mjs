// The peer: an extension on InboxSDK that adds one button to each compose.
import { build } from 'esbuild';
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../e2e/harness.mjs';
import { HOME, install } from './peers.mjs';

const SOURCE = path.join(ROOT, 'tests/bench/peers/inboxsdk');
const PACKAGES = path.join(HOME, 'inboxsdk/node_modules');
const SDK = path.join(PACKAGES, '@inboxsdk/core');

/** Installs what the peer is built from; null where it works, else why not. */
export const installPeer = () => install(
  path.join(SDK, 'package.json'),
  [['npm', 'install', '--prefix', path.join(HOME, 'inboxsdk'), '--ignore-scripts', '--no-save', '--no-audit', '--no-fund', '@inboxsdk/core@2.2.26']],
);

/** Builds the peer and gives its folder. */
export async function buildPeer() {
  const folder = path.join(HOME, 'inboxsdk/extension');
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  await build({ entryPoints: [path.join(SOURCE, 'content.js')], outfile: path.join(folder, 'content.js'), nodePaths: [PACKAGES], bundle: true, minify: true, format: 'iife', logLevel: 'error' });
  fs.copyFileSync(path.join(SOURCE, 'manifest.json'), path.join(folder, 'manifest.json'));
  for (const file of ['background.js', 'pageWorld.js']) fs.copyFileSync(path.join(SDK, file), path.join(folder, file));
  return folder;
}

/** Gives the pages the globals of Gmail's and the class that InboxSDK waits for; the stage has none. */
export function giveGlobals(context, email) {
  return context.addInitScript((address) => {
    const globals = [];
    globals[4] = 'gmail.en';
    globals[9] = 'stage';
    globals[10] = address;
    globals[17] = [['p', []]];
    window.GLOBALS = globals;
    document.addEventListener('DOMContentLoaded', () => document.body.classList.add('aAA'));
  }, email);
}

/** How far the peer has got: `button` where there is one in a compose. */
export async function peerState(page) {
  return (await page.locator('html').getAttribute('data-peer')) ?? 'not loaded';
}
