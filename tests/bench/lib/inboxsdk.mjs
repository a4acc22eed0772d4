// The peer: an extension on InboxSDK that adds one button to each compose.
import { build } from 'esbuild';
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../e2e/harness.mjs';
import { HOME, install } from './peers.mjs';

const SOURCE = path.join(ROOT, 'tests/bench/peers/inboxsdk');
const PACKAGES = path.join(HOME, 'inboxsdk/node_modules');
const SDK = path.join(PACKAGES, '@inboxsdk/core');

/** What it puts into a compose. */
export const BUTTON = '.inboxsdk__composeButton';

/** Waits until a compose has it. */
export const readyButton = (mail) => mail.locator(BUTTON).waitFor();

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
