import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Backend } from '../stage/backend.mjs';
import {
  PUBLIC, ROOT, compose, draftId, inContentScript, kept, mailThatLeft, messageIn, openMail, openOptions, part, sendTracked, settled, start, stored, tell,
  tracked, until,
} from './harness.mjs';

/** The alarm asks every 30 s. */
const AN_ALARM_MS = 75_000;

/** A copy of the built extension that may reach every port of this machine without asking. */
function extensionForAllPorts() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kaifu-ports-'));
  fs.cpSync(process.env.KAIFU_DIST ?? path.join(ROOT, 'dist/chrome'), folder, { recursive: true });
  const file = path.join(folder, 'manifest.json');
  const manifest = JSON.parse(fs.readFileSync(file, 'utf8'));
  manifest.host_permissions.push('http://localhost/*');
  fs.writeFileSync(file, JSON.stringify(manifest));
  return folder;
}

/** Something that listens on a port of this machine, and what it was asked. */
function listen(answer, port = 0) {
  const asked = [];
  const server = http.createServer((request, reply) => {
    asked.push({ at: Date.now(), method: request.method, url: request.url });
    answer(request, reply);
  });
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve({
    asked,
    url: `http://localhost:${server.address().port}`,
    close: () => new Promise((done) => {
      server.close(done);
      server.closeAllConnections();
    }),
  })));
}

const portal = (_, reply) => reply.writeHead(401, { 'content-type': 'text/html' }).end('<!doctype html><title>Sign in</title>');

const accounts = (inside) => inside.evaluate(() => chrome.storage.local.get(['accounts', 'former_accounts']));
const accountOn = async (inside, url) => (await accounts(inside)).accounts?.[url]?.account;

/** Saves another server's address, and waits for the answer. */
async function useServer(run, url) {
  const options = await openOptions(run);
  await options.locator('#backend').fill(url);
  await options.locator('#settings-save').click();
  await until(`${url} to be saved`, () => options.locator('#settings-status').textContent(), (text) => text === 'Saved');
  await options.close();
}

/** The most requests that came within one second. */
const mostInASecond = (asked) => Math.max(0, ...asked.map(({ at }, first) => asked.slice(first).filter((other) => other.at - at < 1_000).length));

describe('servers and their accounts', () => {
  let run;
  let inside;
  let folder;
  before(async () => {
    folder = extensionForAllPorts();
    run = await start({ extension: folder });
    inside = await run.context.newPage();
    await inside.goto(new URL('manifest.json', run.popupUrl).href);
    await until('an account', () => accountOn(inside, PUBLIC));
  });
  after(async () => {
    await run?.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  /** Has a recipient load an email's image. */
  const open = (left) => fetch(`http://127.0.0.1:${run.server.port}/p/${/\/p\/([\w-]+)\.gif/.exec(left.html)[1]}.gif`, {
    headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' },
  });

  test('an address that refuses costs the account of no other server', async () => {
    const refuses = await listen((_, reply) => reply.writeHead(401, { 'content-type': 'application/json' })
      .end(JSON.stringify({ error: { code: 'unauthorized', message: 'no' } })));
    const given = await accountOn(inside, PUBLIC);
    await useServer(run, refuses.url);
    await until('the question', () => refuses.asked.some(({ method }) => method === 'POST'));
    await useServer(run, PUBLIC);
    const popup = await run.openPopup();
    await until('no problem', () => popup.locator('[data-notice="problem"]').count(), (count) => count === 0);
    assert.equal(await accountOn(inside, PUBLIC), given);
    assert.equal(await accountOn(inside, refuses.url), undefined);
    await popup.close();
    await refuses.close();
  });

  test('an address that never answers holds up nothing', async () => {
    const silent = await listen(() => {});
    await useServer(run, silent.url);
    await until('the question', () => silent.asked.length > 0);
    const second = new Backend(run.server.binary, 'http://localhost');
    await second.start();
    const url = `http://localhost:${second.port}`;
    await useServer(run, url);
    await until('an account on the second server', () => accountOn(inside, url));
    await useServer(run, PUBLIC);
    await second.close();
    await silent.close();
  });

  test('an email is followed after another server was put in use', async () => {
    const page = await openMail(run);
    const left = await sendTracked(run, page, { subject: 'Of the first server' });
    const given = await accountOn(inside, PUBLIC);
    const second = new Backend(run.server.binary, 'http://localhost');
    await second.start();
    await useServer(run, `http://localhost:${second.port}`);
    await until('an account there', () => accountOn(inside, `http://localhost:${second.port}`));
    await open(left);
    await run.waitForNotification(messageIn(left.html), AN_ALARM_MS);
    await useServer(run, PUBLIC);
    assert.equal(await accountOn(inside, PUBLIC), given);
    await second.close();
    await page.close();
  });

  test('what a stranger answers costs no account, and is not asked in a storm', async () => {
    const page = await openMail(run);
    const left = await sendTracked(run, page, { subject: 'Behind a sign-in page' });
    const given = await accountOn(inside, PUBLIC);
    await run.server.stop();
    const stranger = await listen(portal, run.server.port);
    const popup = await run.openPopup();
    const notice = popup.locator('[data-notice="problem"]');
    await until('words for it', () => notice.textContent(), (text) => /Nothing is lost/.test(text));
    assert.equal(await notice.locator('[data-action="register"]').count(), 0);
    await notice.locator('[data-action="retry"]').click();
    await until('the question of the press', () => popup.locator('[data-action="retry"]').getAttribute('aria-disabled'), (state) => state === 'false');
    assert.ok(stranger.asked.every(({ method }) => method === 'GET'), JSON.stringify(stranger.asked));
    assert.ok(mostInASecond(stranger.asked) <= 3, JSON.stringify(stranger.asked));
    await stranger.close();
    await run.server.start();
    await open(left);
    await run.waitForNotification(messageIn(left.html), AN_ALARM_MS);
    assert.equal(await accountOn(inside, PUBLIC), given);
    await popup.close();
    await page.close();
  });

  test('an account that its own server refuses is kept beside the new one', async () => {
    const given = await accountOn(inside, PUBLIC);
    const page = await openMail(run);
    const left = await sendTracked(run, page, { subject: 'Of the old account' });
    const { api_token: token } = (await accounts(inside)).accounts[PUBLIC];
    const deleted = await fetch(`http://127.0.0.1:${run.server.port}/v1/account`, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } });
    assert.equal(deleted.status, 204);
    const popup = await run.openPopup();
    const register = popup.locator('[data-notice="problem"] [data-action="register"]');
    await register.waitFor({ timeout: AN_ALARM_MS });
    const row = popup.locator(`[data-kaifu="message"][data-message="${messageIn(left.html)}"]`);
    await until('the state', () => row.getAttribute('data-kaifu-state'), (state) => state === 'unfollowed');
    assert.equal(await accountOn(inside, PUBLIC), given);
    await register.click();
    await until('a new account', () => accountOn(inside, PUBLIC), (account) => account !== given);
    assert.deepEqual((await accounts(inside)).former_accounts.map((it) => it.given.account), [given]);
    await until('no problem', () => popup.locator('[data-notice="problem"]').count(), (count) => count === 0);
    assert.equal(await row.getAttribute('data-kaifu-state'), 'unfollowed');
    await popup.close();
    await page.close();
  });
});
