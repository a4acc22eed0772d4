import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { Backend } from './backend.mjs';
import { browserArguments, findBrowser } from './browser.mjs';
import { startStage } from './server.mjs';

const USAGE = `usage: node tests/stage/run.mjs --demo --extension dist/chrome --server target/release/kaifu-server
  [--headless] [--exit-when-ready] [--backend http://127.0.0.1:8787] [--csp eval|strict] [--lang en|ja|es|ar] [--dark]

Starts the server with fresh data, a stage that behaves like Gmail, and a Chromium with the extension on it.
--backend is the address that the extension was built with.`;
const READY_MS = 60_000;
/** How long a browser may take to say that it runs, and then to load the extension. */
const START_MS = 30_000;

const { values } = parseArgs({
  options: {
    demo: { type: 'boolean' }, headless: { type: 'boolean', default: false }, 'exit-when-ready': { type: 'boolean' }, help: { type: 'boolean' },
    extension: { type: 'string', default: 'dist/chrome' }, server: { type: 'string', default: 'target/release/kaifu-server' },
    backend: { type: 'string', default: 'http://127.0.0.1:8787' }, csp: { type: 'string', default: 'eval' },
    lang: { type: 'string', default: 'en' }, dark: { type: 'boolean', default: false },
  },
});

const closers = [];
let closing;

/** Undoes everything that was started, once, whoever asks first. */
function close(code) {
  closing ??= (async () => {
    for (const closer of closers.reverse()) await closer();
    process.exit(code);
  })();
  return closing;
}

/**
 * Starts a browser, whose end is awaited by `ended`.
 * @throws {Error} when it does not say within half a minute that it runs
 */
async function startBrowser(program, args) {
  const browser = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  // A program that could not be started has no exit, only an error.
  const ended = new Promise((resolve) => browser.once('exit', resolve).once('error', resolve));
  closers.push(async () => {
    if (browser.pid && browser.exitCode === null && browser.signalCode === null) process.kill(-browser.pid, 'SIGTERM');
    await ended;
  });
  let text = '';
  let late;
  const port = await new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`${program} ${why}:\n${text.slice(-2000)}`));
    browser.once('error', (error) => fail(`does not start: ${error.message}`)).once('exit', () => fail('ended'));
    late = setTimeout(fail, START_MS, `did not start within ${START_MS / 1000} s`);
    browser.stderr.on('data', (chunk) => {
      text += chunk;
      const found = /DevTools listening on ws:\/\/[^:]+:(\d+)/.exec(text)?.[1];
      if (found) resolve(Number(found));
    });
  }).finally(() => clearTimeout(late));
  return { browser, ended, port };
}

/** Opens the page as soon as the extension is there: a page from before has no content script. */
async function openOnceLoaded(port, page) {
  const tools = `http://127.0.0.1:${port}/json`;
  const deadline = Date.now() + START_MS;
  for (;;) {
    const targets = await (await fetch(`${tools}/list`)).json();
    if (targets.some((target) => target.type === 'service_worker')) break;
    if (Date.now() > deadline) throw new Error(`the browser did not load the extension within ${START_MS / 1000} s`);
    await pause(50);
  }
  await fetch(`${tools}/new?${encodeURIComponent(page)}`, { method: 'PUT' });
}

/** Makes the window as large as the screen has room for: without a window manager nobody else does. */
async function fillScreen(port) {
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
  try {
    const [context] = browser.contexts();
    const page = context.pages().at(-1);
    const session = await context.newCDPSession(page);
    const { windowId } = await session.send('Browser.getWindowForTarget');
    const bounds = await page.evaluate(() => ({ left: screen.availLeft, top: screen.availTop, width: screen.availWidth, height: screen.availHeight }));
    await session.send('Browser.setWindowBounds', { windowId, bounds });
  } finally {
    // This only hangs up.
    await browser.close();
  }
}

async function demo() {
  if (!fs.existsSync(path.join(values.extension, 'manifest.json'))) throw new Error(`no extension in ${values.extension}: build it with ./build.sh`);
  const backend = new Backend(values.server, values.backend);
  closers.push(() => backend.close());
  await backend.start();
  console.log(`server   http://127.0.0.1:${backend.port}, known to the extension as ${values.backend}, data in ${backend.folder}`);
  const options = { guide: true, csp: values.csp, lang: values.lang, dark: values.dark };
  const { stage, url, resolverRules, close: closeStage } = await startStage({ options, backend: { public: values.backend, port: backend.port } });
  closers.push(closeStage);
  console.log('stage    answers for every host in this browser; nothing reaches the network');
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'kaifu-demo-'));
  closers.push(() => fs.rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
  const page = `${url}#inbox?compose=new`;
  const own = ['--remote-debugging-port=0', `--user-data-dir=${profile}`];
  const rules = browserArguments({ resolverRules, extension: values.extension, headless: values.headless });
  const { browser, ended, port } = await startBrowser(findBrowser(), [...rules, ...own, 'about:blank']);
  await openOnceLoaded(port, page);
  if (!values.headless) await fillScreen(port);
  console.log(`browser  ${page}`);
  const late = setTimeout(() => {
    console.error(`the toggle did not appear in the compose within ${READY_MS / 1000} s`);
    // Without a window nobody could look what is wrong.
    if (values.headless) void close(1);
  }, READY_MS);
  await Promise.race([stage.ready, ended]);
  clearTimeout(late);
  if (browser.exitCode !== null) return close(0);
  console.log(`stage ready ${page} devtools 127.0.0.1:${port}`);
  if (values['exit-when-ready']) return close(0);
  console.log('Close the browser or press Ctrl+C to end.');
  await ended;
  return close(0);
}

if (values.help || !values.demo) {
  console.log(USAGE);
  process.exit(values.help ? 0 : 2);
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void close(0));
demo().catch(async (error) => {
  console.error(error.message);
  await close(1);
});
