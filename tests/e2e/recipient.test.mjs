// The recipient's page in a real browser, with scripts on, off and failing.
import assert from 'node:assert/strict';
import { randomBytes, randomInt, webcrypto } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { chromium } from 'playwright-core';
import { KIND, messageOf, mint } from '../lib/token.mjs';
import { Backend } from '../stage/backend.mjs';
import { browserArguments, findBrowser } from '../stage/browser.mjs';
import { ROOT, builtServer, until } from './harness.mjs';

/** A name under which recipients reach the server by plain http, where browsers have no cryptography. */
const PLAIN = 'recipient.test';
const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SCRIPT = fs.readFileSync(path.join(ROOT, 'crates/server/src/pages/recipient/script.js'), 'utf8');

let server;
let browser;
let account;
let url;

/** Asks the server as a program does that sends what it is told to. */
function ask(method, target, { headers = {}, body = '' } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request(`${url}${target}`, { method, headers }, (reply) => {
      const parts = [];
      reply.on('data', (part) => parts.push(part)).on('end', () => resolve({ status: reply.statusCode, headers: reply.headers, text: Buffer.concat(parts).toString() }));
    });
    request.on('error', reject).end(body);
  });
}

/** An email's page: its address with the key of its names, and what was told of it. */
function email(kind = KIND.imagePage) {
  const token = mint(kind, account);
  const key = randomBytes(16);
  const message = messageOf(token);
  const events = async () => {
    const headers = { authorization: `Bearer ${account.api_token}` };
    const { events: all } = JSON.parse((await ask('GET', '/v1/events?limit=1000', { headers })).text);
    return all.filter((event) => event.message === message);
  };
  return { token, key, path: `/r/${token}`, address: `${url}/r/${token}#${key.toString('base64url')}`, events };
}

/** Opens a sealed name as the sender's browser does. */
async function open(sealed, key) {
  const bytes = Buffer.from(sealed, 'base64url');
  const secret = await webcrypto.subtle.importKey('raw', key, 'AES-GCM', false, ['decrypt']);
  const rule = { name: 'AES-GCM', iv: bytes.subarray(0, 12), additionalData: Buffer.from('kaifu/seal/v1') };
  const text = Buffer.from(await webcrypto.subtle.decrypt(rule, secret, bytes.subarray(12)));
  return text.subarray(1, 1 + text[0]).toString();
}

const nonceIn = (html) => /name="nonce" value="([^"]+)"/.exec(html)[1];
const ageOf = (nonce) => Date.now() - Number.parseInt(nonce, 10);

/** Waits until a person could have read the page. */
const read = async (page) => {
  const nonce = await page.locator('input[name="nonce"]').first().inputValue();
  await until('the page to be read', () => ageOf(nonce), (age) => age > 1_100);
};

async function visit(mail, options = {}, address = mail.address) {
  const context = await browser.newContext({ viewport: { width: 320, height: 700 }, locale: 'en', ...options });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const sent = [];
  page.on('request', (request) => sent.push(request.url().split('#')[0], request.postData() ?? ''));
  await page.goto(address);
  return Object.assign(page, { sent });
}

const press = (page, name) => page.getByRole('button', { name }).click();
const status = (page) => page.getByRole('status').first();
const leave = (page) => page.context().close();

/** A name that is found wherever it lies in clear. */
const randomName = () => {
  const from = (start, count) => String.fromCodePoint(...Array.from({ length: 7 }, () => start + randomInt(count)));
  return randomInt(2) ? `${from(0x61, 26)} ${from(0x41, 26)}` : from(0x4e00, 5_000);
};

before(async () => {
  server = new Backend(builtServer(), `http://${PLAIN}`);
  await server.start();
  url = `http://127.0.0.1:${server.port}`;
  account = JSON.parse((await ask('POST', '/v1/accounts', { headers: { 'content-type': 'application/json' }, body: '{}' })).text);
  const resolverRules = `MAP ${PLAIN} 127.0.0.1:${server.port}, MAP * ~NOTFOUND , EXCLUDE 127.0.0.1`;
  browser = await chromium.launch({ executablePath: findBrowser(), args: browserArguments({ resolverRules }) });
});
after(async () => {
  await browser?.close();
  await server?.close();
});

describe('the recipient’s page', () => {
  test('takes two actions from the email to the end, with a name that only the sender reads', async () => {
    const mail = email();
    const page = await visit(mail, {}, 'about:blank');
    await page.goto(url + mail.path.replace(mail.token, 'x'));
    await page.setContent(`<a href="${mail.address}">here</a>`);
    await page.getByRole('link').click();
    const name = randomName();
    await page.getByLabel('Your name').fill(name);
    await read(page);
    await press(page, "I've read this");
    await page.getByText('The sender will be told').waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute('role')), 'status');
    const [event] = await mail.events();
    assert.deepEqual([event.kind, event.claim, event.sealed.length], ['read', 'likely', 379]);
    assert.equal(await open(event.sealed, mail.key), name);
    // The key never left the browser, nor did the name in clear, and the page still has it.
    const sent = page.sent.join('\n');
    assert.ok(!sent.includes(mail.key.toString('base64url')) && !decodeURIComponent(sent.replaceAll('+', ' ')).includes(name));
    assert.equal(new URL(page.url()).hash.slice(1), mail.key.toString('base64url'));
    await press(page, 'Undo');
    await page.getByText('was taken back').waitFor();
    const [, undo] = await mail.events();
    assert.deepEqual([undo.kind, undo.of], ['undo', event.id]);
    await leave(page);
  });

  test('declines, erases and allows again', async () => {
    const mail = email();
    const page = await visit(mail);
    await press(page, "Don't track me");
    await page.getByText('was declined').waitFor();
    await ask('GET', mail.path.replace('/r/', '/p/').replace(mail.token, `${mint(KIND.image, account, { message: Buffer.from(mail.token, 'base64url').subarray(9, 17) })}.gif`));
    await press(page, 'Erase what is recorded');
    await page.getByText('was declined').waitFor();
    assert.deepEqual((await mail.events()).map((event) => event.kind), ['refuse']);
    await press(page, 'Allow again');
    await page.getByText('is recorded again').waitFor();
    assert.deepEqual((await mail.events()).map((event) => event.kind), ['refuse', 'undo']);
    await page.getByRole('button', { name: "I've read this" }).waitFor();
    await leave(page);
  });

  test('asks once more when a press comes within a second, and keeps the key', async () => {
    const mail = email(KIND.consentPage);
    const page = await visit(mail);
    await until('a press within a second', async () => {
      await page.goto('about:blank');
      await page.goto(mail.address);
      await page.evaluate(() => document.querySelector('form').requestSubmit());
      await page.waitForURL(/done=/);
      return page.url().includes('done=unsure');
    });
    assert.match(await status(page).textContent(), /press once more/);
    assert.equal(new URL(page.url()).hash.slice(1), mail.key.toString('base64url'));
    assert.equal((await mail.events()).at(-1).claim, 'unknown');
    await read(page);
    await press(page, 'I agree');
    await page.getByText('that you agree').waitFor();
    const event = (await mail.events()).at(-1);
    assert.deepEqual([event.kind, event.claim, await open(event.sealed, mail.key)], ['agree', 'likely', '']);
    await leave(page);
  });

  for (const [what, options, host, prepare] of [
    ['scripts are off', { javaScriptEnabled: false }],
    ['the browser has no cryptography, over plain http', {}, PLAIN],
    ['the key was lost', {}, undefined, (address) => address.split('#')[0]],
  ]) {
    test(`confirms without a name where ${what}`, async () => {
      const mail = email();
      const page = await visit(mail, options, (prepare ?? ((it) => it))(host ? mail.address.replace(url, `http://${host}`) : mail.address));
      assert.equal(await page.getByLabel('Your name').count(), 0);
      await read(page);
      await press(page, "I've read this");
      await page.getByText('The sender will be told').waitFor();
      const [event] = await mail.events();
      assert.deepEqual([event.kind, event.claim, event.sealed], ['read', 'likely', undefined]);
      await leave(page);
    });
  }

  test('confirms without a name where sealing fails, and sends none in clear', async () => {
    const mail = email();
    const page = await visit(mail, {}, 'about:blank');
    await page.addInitScript(() => (SubtleCrypto.prototype.encrypt = () => Promise.reject(new Error('no'))));
    await page.goto(mail.address);
    await page.getByLabel('Your name').fill('Unmistakable');
    await read(page);
    await press(page, "I've read this");
    await page.getByText('The sender will be told').waitFor();
    assert.equal((await mail.events())[0].sealed, undefined);
    assert.ok(!page.sent.join('\n').includes('Unmistakable'));
    await leave(page);
  });

  test('is whole and accessible at 320 and 800 pixels, light and dark', async () => {
    const mail = email();
    const message = Buffer.from(mail.token, 'base64url').subarray(9, 17);
    const image = `/p/${mint(KIND.image, account, { message })}.gif`;
    const agents = ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'curl/8.5.0', 'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)'];
    for (const agent of agents) await ask('GET', image, { headers: { 'user-agent': agent } });
    for (const [width, colorScheme] of [[320, 'light'], [800, 'dark']]) {
      const page = await visit(mail, { viewport: { width, height: 700 }, colorScheme, timezoneId: 'Asia/Tokyo', bypassCSP: true });
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
      // The reader's own clock, with its zone.
      assert.match(await page.locator('time').first().textContent(), /GMT\+9|JST/);
      await page.evaluate(AXE);
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]), [], `${width} ${colorScheme}`);
      await leave(page);
    }
  });
});

describe('what is no person', () => {
  /** Follows every link on a page, as programs do that look for traps. */
  const follow = async (html) => {
    for (const [, target] of html.matchAll(/(?:href|src|action)="([^"]+)"/g)) await ask('GET', target);
  };
  const rendered = (options, act = async () => {}) => async (mail) => {
    const page = await visit(mail, options);
    await act(page);
    await leave(page);
  };
  const fetched = (method, headers) => (mail) => ask(method, mail.path, { headers });
  const PROGRAMS = [
    fetched('HEAD', {}),
    fetched('GET', {}),
    fetched('GET', { 'user-agent': 'curl/8.5.0' }),
    fetched('GET', { 'user-agent': 'Barracuda Sentinel (EE)' }),
    fetched('GET', { 'sec-purpose': 'prefetch;prerender' }),
    fetched('OPTIONS', {}),
    async (mail) => follow((await ask('GET', mail.path)).text),
    async (mail) => { for (const button of ['read', 'agree', 'refuse', 'erase']) await ask('GET', `${mail.path}/${button}`); },
    async (mail) => { for (const button of ['read', 'agree', 'refuse', 'erase']) await ask('POST', `${mail.path}/${button}`); },
    rendered({}),
    rendered({ javaScriptEnabled: false }),
    rendered({ userAgent: 'Mozilla/5.0 HeadlessChrome/140.0' }, async (page) => {
      await page.mouse.wheel(0, 5_000);
      for (const summary of await page.locator('summary').all()) await summary.click();
      await page.getByLabel('Your name').fill('scanner');
    }),
  ];

  test('confirms and declines nothing by looking', async () => {
    const rounds = Number(process.env.KAIFU_SCANS ?? 1);
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, program] of PROGRAMS.entries()) {
        for (const kind of [KIND.imagePage, KIND.consentPage]) {
          const mail = email(kind);
          await program(mail);
          assert.deepEqual(await mail.events(), [], `program ${index} and a page of kind ${kind}`);
        }
      }
    }
  });
});

describe('names', () => {
  test('200 of them lie nowhere in clear', async () => {
    // The page's very script seals them, so that this takes seconds.
    const start = SCRIPT.indexOf('async function seal');
    const seal = (key) => new Function('key', `${SCRIPT.slice(start, SCRIPT.lastIndexOf('}'))}\nreturn seal;`)(`#${key.toString('base64url')}`);
    const mail = email();
    const names = Array.from({ length: 200 }, randomName);
    const page = (await ask('GET', mail.path)).text;
    const nonce = nonceIn(page);
    await until('the page to be read', () => ageOf(nonce), (age) => age > 1_100);
    for (const name of names) {
      const body = new URLSearchParams({ nonce, sealed: await seal(mail.key)(name) }).toString();
      assert.equal((await ask('POST', `${mail.path}/read`, { body })).status, 303);
    }
    const sealed = (await mail.events()).map((event) => event.sealed).filter(Boolean);
    const opened = await Promise.all(sealed.map((text) => open(text, mail.key)));
    assert.ok(opened.length > 20 && opened.every((name) => names.includes(name)));
    const files = fs.readdirSync(server.folder).map((name) => fs.readFileSync(path.join(server.folder, name)));
    const everywhere = Buffer.concat([...files, Buffer.from(server.log)]);
    assert.ok(everywhere.includes(sealed[0]), 'the search finds what is there');
    for (const name of names) {
      for (const encoding of ['utf8', 'utf16le']) assert.ok(!everywhere.includes(Buffer.from(name, encoding)), name);
      assert.ok(!everywhere.includes(encodeURIComponent(name)), name);
    }
  });
});
