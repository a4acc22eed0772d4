import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { TOKEN_LEN, messageOf } from '../lib/token.mjs';
import { Backend } from '../stage/backend.mjs';
import { browserArguments, findBrowser } from '../stage/browser.mjs';
import { ACCOUNTS } from '../stage/mailbox.mjs';
import { startStage } from '../stage/server.mjs';

/** The root of the repository. */
export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** The backend address that the extension is built with. */
export const PUBLIC = process.env.KAIFU_BACKEND ?? 'http://127.0.0.1:8787';

const POLL_MS = 25;

/** The built kaifu-server. */
export function builtServer() {
  const server = process.env.KAIFU_SERVER ?? ['release', 'debug'].map((kind) => path.join(ROOT, 'target', kind, 'kaifu-server')).find((file) => fs.existsSync(file));
  assert.ok(server && fs.existsSync(server), 'no kaifu-server: build it with ./build.sh, or name it in KAIFU_SERVER');
  return server;
}

function built(folder) {
  const extension = folder ?? process.env.KAIFU_DIST ?? path.join(ROOT, 'dist/chrome');
  assert.ok(fs.existsSync(path.join(extension, 'manifest.json')), `no extension in ${extension}: build it with ./build.sh, or name its folder in KAIFU_DIST`);
  return { extension, server: builtServer() };
}

/**
 * Asks `read` again until `good` holds for what it gives.
 * @template T
 * @param {string} what names the wait when it fails
 * @param {() => T | Promise<T>} read
 * @param {(value: T) => boolean} [good]
 * @returns {Promise<T>}
 */
export async function until(what, read, good = Boolean, timeoutMs = 15_000) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (good(value)) return value;
    if (Date.now() > deadline) assert.fail(`${what}: still ${JSON.stringify(value)} after ${timeoutMs} ms`);
    await pause(POLL_MS);
  }
}

/**
 * Starts a stage, a browser on it and, unless `extension` is false, the built extension and a real
 * kaifu-server. Everything is its own: ports, profile, data.
 * @param {object} [settings]
 * @param {boolean | string} [settings.extension] false for the stage alone; a folder for another extension
 * @param {boolean} [settings.agreed] whether somebody has pressed the first page's button
 * @param {boolean} [settings.tells] whether an email with an image says so in a line, which most tests of
 *   images leave out
 * @param {string} [settings.snapshots] a folder of Gmail pages
 * @param {string} [settings.userAgent] what the browser calls itself; a headless one says that it is
 * The other settings are options of the stage, such as `csp`, `lang`, `editor`, `undo` or `hold`: what
 * is sent is delivered at once unless that says otherwise.
 */
export async function start({ extension = true, agreed = true, tells = false, snapshots, userAgent, ...options } = {}) {
  const parts = extension ? built(extension === true ? undefined : extension) : null;
  // What was started is ended, whatever fails next: one server left would keep node alive for ever.
  const closers = [];
  const run = {
    server: null,
    close: async () => {
      for (const closer of closers.splice(0).reverse()) await closer();
    },
  };
  try {
    // Nobody listens there.
    let port = 9;
    if (parts) {
      run.server = new Backend(parts.server, PUBLIC);
      closers.push(() => run.server.close());
      await run.server.start();
      port = run.server.port;
    }
    const { stage, url, resolverRules, close: closeStage } = await startStage({ options: { hold: 0, ...options }, backend: { public: PUBLIC, port }, snapshots });
    closers.push(closeStage);
    const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'kaifu-e2e-'));
    closers.push(() => fs.rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: findBrowser(), headless: false, ignoreHTTPSErrors: true, viewport: { width: 1400, height: 900 },
      ignoreDefaultArgs: ['--disable-extensions'],
      args: [...browserArguments({ resolverRules, extension: parts?.extension }), ...(userAgent ? [`--user-agent=${userAgent}`] : [])],
    });
    closers.push(() => context.close());
    context.setDefaultTimeout(15_000);
    Object.assign(run, { context, stage, url });
    if (parts) await withExtension(run);
    if (parts && agreed) {
      await agree(run);
      await run.set({ tells });
    }
    return run;
  } catch (error) {
    await run.close();
    throw error;
  }
}

/** Adds what a test may do with the extension itself. */
async function withExtension(run) {
  const { context } = run;
  const first = await until('the extension to start its worker', () => context.serviceWorkers()[0]);
  run.extensionId = new URL(first.url()).host;
  // An extension page of our own keeps `chrome.*` at hand whether the worker is up or not.
  const inside = await context.newPage();
  await inside.goto(`chrome-extension://${run.extensionId}/manifest.json`);
  run.worker = () => context.serviceWorkers().at(-1);
  run.stopWorker = () => stopWorker(context, inside);
  run.popupUrl = await inside.evaluate(() => chrome.runtime.getURL(chrome.runtime.getManifest().action?.default_popup ?? ''));
  run.openPopup = async () => {
    const page = await context.newPage();
    await page.goto(run.popupUrl);
    return page;
  };
  /** Changes some of the settings, as the options page does. */
  run.set = (changes) => inside.evaluate(async (changes) => {
    const ask = async (call) => {
      const answer = await chrome.runtime.sendMessage(call);
      if (!answer?.Ok) throw new Error(JSON.stringify(answer));
      return answer.Ok;
    };
    const { value } = await ask({ call: 'watch_settings', revision: 0 });
    return ask({ call: 'save_settings', settings: { ...value, ...changes } });
  }, changes);
  run.badgeText = () => inside.evaluate(() => chrome.action.getBadgeText({}));
  run.notifications = () => inside.evaluate(() => chrome.notifications.getAll());
  run.waitForNotification = (message, timeoutMs) =>
    until(`a notification of ${message}`, run.notifications, (all) => Object.keys(all).some((id) => id.includes(message)), timeoutMs);
  run.clearNotifications = () => inside.evaluate(async () => {
    for (const id of Object.keys(await chrome.notifications.getAll())) await chrome.notifications.clear(id);
  });
  return run;
}

/** The page that opens by itself once the extension is installed. */
export const firstPage = (run) => until('the first page', () => run.context.pages().find((page) => page.url().endsWith('/first.html')));

/** Agrees on the first page, and closes it. */
export async function agree(run) {
  const page = await firstPage(run);
  await page.locator('[data-kaifu="agree"][aria-disabled="false"]').click();
  await page.locator('#gmail').waitFor();
  await page.close();
}

/** Stops the worker and waits until the browser says that it has stopped. */
async function stopWorker(context, page) {
  const session = await context.newCDPSession(page);
  const stopped = new Promise((resolve) => {
    session.on('ServiceWorker.workerVersionUpdated', ({ versions }) => versions.some((version) => version.runningStatus === 'stopped') && resolve());
  });
  await session.send('ServiceWorker.enable');
  await session.send('ServiceWorker.stopAllWorkers');
  await stopped;
  await session.detach();
}

/** The start of the address of one of the stage's mailboxes. */
export const mailUrl = (account) => `https://mail.google.com/mail/${ACCOUNTS[account].path}/`;

/** Opens the stage's Gmail; `query` holds options of this page, `hash` its route. */
export async function openMail(run, { query = {}, hash = '', account = 0 } = {}) {
  const page = await run.context.newPage();
  const options = new URLSearchParams(query).toString();
  await page.goto(`${mailUrl(account)}${options && `?${options}`}${hash}`);
  await page.locator('[gh="cm"]').waitFor();
  return page;
}

/** Opens a new docked compose and gives its `.M9`. */
export async function compose(page) {
  const composes = page.locator('.M9');
  const before = await composes.count();
  await page.locator('[gh="cm"]').click();
  const opened = composes.nth(before);
  await opened.waitFor();
  return opened;
}

/** The parts of a compose by their accessible landmarks. */
export const part = {
  to: (mail) => mail.locator('.anm[name="to"] input, textarea[name="to"]').first(),
  subject: (mail) => mail.locator('input[name="subjectbox"]'),
  body: (mail) => mail.locator('[g_editable="true"]'),
  send: (mail) => mail.locator('.dC [role="button"].aoO'),
  toggle: (mail) => mail.locator('[data-kaifu="toggle"]'),
};

/** Fills a compose in. */
export async function fill(mail, { to = 'reader@example.org', subject = 'Hello', body = 'A few words.' } = {}) {
  if (to) await part.to(mail).fill(to);
  if (subject) await part.subject(mail).fill(subject);
  await part.body(mail).fill(body);
}

/** Presses Send and gives the mail that left. */
export async function send(run, mail) {
  const id = await draftId(mail);
  await part.send(mail).click();
  return mailThatLeft(run, id);
}

/** The sync id of a compose's draft. */
export async function draftId(mail) {
  return (await mail.locator('input[name="draft"]').getAttribute('value')).slice(1);
}

/** Waits until a mail has left. */
export function mailThatLeft(run, id) {
  return until(`mail ${id} to leave`, () => run.stage.mails().find((mail) => mail.id === id));
}

/** The tracking images in a mail's HTML, as tags. */
export function pixels(html) {
  return (html.match(/<img\b[^>]*>/g) ?? []).filter((tag) => tag.includes(`${PUBLIC}/p/`));
}

/** The links in a mail's HTML that lead to recipients' pages of this installation's backend. */
export const links = (html) => (html.match(/<a\b[^>]*>/g) ?? []).filter((tag) => tag.includes(`${PUBLIC}/r/`));

/** The address that the one link leads to. */
export function link(html) {
  const all = links(html);
  assert.equal(all.length, 1, html);
  const [, href] = /^<a href="([^"]+)">$/.exec(all[0]) ?? assert.fail(`no plain link: ${all[0]}`);
  return href.replaceAll('&amp;', '&');
}

/** What a mail's HTML says. */
export const text = (html) => html.replace(/<img[^>]*>/g, '').replace(/<[^>]*>/g, '').replaceAll('&nbsp;', ' ').replaceAll('&quot;', '"');

/** The images of this installation's backend that the sender's own browser or Gmail tab caused to be fetched. */
export function ownFetches(run) {
  return run.stage.hits.filter((hit) => hit.from !== 'recipient' && hit.path.startsWith('/p/'));
}

/** The message id in a tracking image's address, as the popup and the notifications name it. */
export function messageIn(html) {
  const token = new RegExp(`${PUBLIC}/p/([\\w-]{${TOKEN_LEN}})\\.gif`).exec(html)?.[1];
  assert.ok(token, `no tracking image in ${html}`);
  return messageOf(token);
}

/** Waits until a compose's toggle can be used, and gives it. */
export async function readyToggle(mail) {
  const toggle = part.toggle(mail);
  await toggle.waitFor();
  await until('the toggle to be ready', () => toggle.getAttribute('aria-disabled'), (disabled) => disabled !== 'true');
  return toggle;
}

/** Waits for a toggle's state. */
export function checked(toggle, value) {
  return until(`aria-checked=${value}`, () => toggle.getAttribute('aria-checked'), (now) => now === String(value));
}

/** Switches tracking on by a click. */
export async function track(mail) {
  const toggle = await readyToggle(mail);
  await toggle.click();
  await checked(toggle, true);
}

/** Opens the options page from the popup, as a user does, and waits for the settings. */
export async function openOptions(run) {
  const popup = await run.openPopup();
  const [options] = await Promise.all([run.context.waitForEvent('page'), popup.locator('#settings-open').click()]);
  await popup.close();
  await until('the settings', () => options.locator('#backend').inputValue());
  return options;
}

/** Switches one of the settings on or off, and saves. */
export async function saveChoice(run, choice, wanted) {
  const options = await openOptions(run);
  await options.locator(choice).setChecked(wanted);
  await options.locator('#settings-save').click();
  await until('the settings to be saved', () => options.locator('#settings-status').textContent(), (text) => text === 'Saved');
  await options.close();
}

/** Writes a mail that is to be tracked, and gives its compose. */
export async function tracked(page, content) {
  const mail = await compose(page);
  await fill(mail, content);
  await track(mail);
  return mail;
}

/** Lets `use` run code in the content script's own place, through a session of its own. */
export async function inContentScript(run, page, use) {
  const session = await run.context.newCDPSession(page);
  const contexts = [];
  session.on('Runtime.executionContextCreated', ({ context }) => contexts.push(context));
  await session.send('Runtime.enable');
  const { id } = await until('the content script', () => contexts.find(({ origin }) => origin === `chrome-extension://${run.extensionId}`));
  const value = await use(session, id);
  await session.detach();
  return value;
}

/** Makes calls to the worker, one after the other, as the page's content script would. */
export function tell(run, page, ...calls) {
  return inContentScript(run, page, async (session, contextId) => {
    for (const call of calls) {
      const expression = `chrome.runtime.sendMessage(${JSON.stringify(call)})`;
      const { result } = await session.send('Runtime.evaluate', { expression, contextId, awaitPromise: true, returnByValue: true });
      assert.ok('Ok' in result.value, JSON.stringify(result));
    }
  });
}

/** Writes, tracks and sends a mail in a page. */
export async function sendTracked(run, page, content) {
  return send(run, await tracked(page, content));
}

/** Asks for a time to send a mail at. */
export async function askTime(mail) {
  await mail.locator('.hG').dispatchEvent('mousedown');
  await mail.locator('[role="menuitem"]:visible').dispatchEvent('mousedown');
  await mail.locator('[role="menuitem"]:visible').dispatchEvent('mouseup');
}

/** The dialog about the time, which stands outside of every compose. */
export const dialog = (page) => page.locator('.Kj-JD[role="dialog"]');

/** Everything in one of the worker's stores; `inside` is a page of the extension. */
export const stored = (inside, store) => inside.evaluate((name) => new Promise((resolve, reject) => {
  const opening = indexedDB.open('kaifu');
  opening.onerror = reject;
  opening.onsuccess = () => {
    const request = opening.result.transaction(name).objectStore(name).getAll();
    request.onsuccess = () => {
      opening.result.close();
      resolve(request.result);
    };
  };
}), store);

/** What the worker keeps about the tracked mail of a draft, or null. */
export const kept = async (inside, id) => (await stored(inside, 'messages')).find((message) => message.draft === id) ?? null;

/** Waits until the worker knows what became of a mail, and by which sign. */
export const settled = (inside, id, outcome, ...signals) =>
  until(`${outcome} by ${signals}`, () => kept(inside, id), (it) => it?.outcome === outcome && signals.includes(it.signal));

/** What is to be seen in Gmail's page alone: its message at the foot, or its list, whichever comes first. */
export const IN_PAGE = ['toast', 'list'];

/** The program of axe, to be run in a page. */
export const AXE = () => fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Looks at a page as axe does in both themes, `wide` and narrow, where nothing may stand out at the side. */
export async function canBeUsedByEverybody(page, wide) {
  await page.evaluate(AXE());
  for (const [width, colorScheme] of [[wide, 'light'], [wide, 'dark'], [320, 'light']]) {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    assert.deepEqual(violations.map((it) => [it.id, it.nodes.map((node) => node.target)]), [], `${width} ${colorScheme}`);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(overflow <= 0, `${overflow} px too wide at ${width}`);
  }
}
