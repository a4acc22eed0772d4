import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ROOT, inContentScript, openMail, start, stored, until } from './harness.mjs';

/** All that an extension kept before the stored form had types of its own, written out by that extension. */
const WRITTEN = fs.readFileSync(path.join(ROOT, 'crates/background/src/store/records/before.json'), 'utf8');

/** The server that its account is at. */
const SERVER = Object.keys(JSON.parse(WRITTEN).local.accounts)[0];

// Another test's server may be at that address by now, which would refuse an account that it never gave out.
const away = net.createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
await once(away, 'listening');
away.unref();
const BEFORE = JSON.parse(WRITTEN.replaceAll(SERVER, `http://127.0.0.1:${away.address().port}`));

const IDS = Object.fromEntries(BEFORE.records.messages.map(({ subject, message }) => [subject, message]));
const row = (popup, subject) => popup.locator(`[data-kaifu="message"][data-message="${IDS[subject]}"]`);

/** Puts what was kept in the place of all that is kept. Nothing may have the database open. */
const keepAsBefore = (page) => page.evaluate(async ({ version, stores, records, local }) => {
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  await done(indexedDB.deleteDatabase('kaifu'));
  const opening = indexedDB.open('kaifu', version);
  opening.onupgradeneeded = () => {
    for (const [name, { keyPath, indexes }] of Object.entries(stores)) {
      const store = opening.result.createObjectStore(name, { keyPath });
      for (const [index, fields] of Object.entries(indexes)) store.createIndex(index, fields);
      for (const record of records[name]) store.put(record);
    }
  };
  (await done(opening)).close();
  await chrome.storage.local.clear();
  await chrome.storage.local.set(local);
}, BEFORE);

describe('what an earlier version kept', () => {
  let run;
  let inside;
  before(async () => {
    run = await start();
    inside = await run.context.newPage();
    await inside.goto(new URL('manifest.json', run.popupUrl).href);
    await until('the database', () => inside.evaluate(() => indexedDB.databases()), (found) => found.length > 0);
    await run.stopWorker();
    await keepAsBefore(inside);
  });
  after(() => run?.close());

  test('is in the list, with every event and outcome', async () => {
    const popup = await run.openPopup();
    await row(popup, 'Unread').waitFor();
    const shown = await popup.locator('[data-kaifu="message"]').evaluateAll((rows) => rows.map(({ dataset }) => [dataset.message, dataset.kaifuState]));
    // The sender looked at the last one three seconds after it was read, so that counts as their own view.
    assert.deepEqual(shown, [[IDS.Later, 'scheduled'], [IDS.Unread, 'unseen'], [IDS['計画 "Plan"'], 'unseen']]);
    const read = row(popup, '計画 "Plan"');
    await read.locator('[data-action="toggle"]').click();
    for (const words of ['anna@example.org', 'sender@example.com', 'Firefox', 'Linux']) {
      await until(words, () => read.locator('.details').textContent(), (text) => text.includes(words));
    }
    assert.match(await row(popup, 'Later').textContent(), /2099/);
    assert.match(await popup.locator('[data-notice="unfamiliar"]').textContent(), /send button/);
    assert.equal(await popup.locator('#mailbox option').count(), 3);
    await popup.close();
  });

  test('is known in Gmail: the account, the settings, the choices, the schedule', async () => {
    const page = await openMail(run);
    const { Ok: held } = await inContentScript(run, page, async (session, contextId) => {
      const expression = 'chrome.runtime.sendMessage({ call: "watch", revision: 0 })';
      const { result } = await session.send('Runtime.evaluate', { expression, contextId, awaitPromise: true, returnByValue: true });
      return result.value;
    });
    const told = held.value;
    const [[backend, { account, key }]] = Object.entries(BEFORE.local.accounts);
    assert.deepEqual(told.account, { backend, account, key });
    assert.deepEqual([told.track_by_default, told.mark_untracked], [false, true]);
    const drafts = Object.fromEntries(told.drafts.map(({ draft, ...rest }) => [draft, rest]));
    for (const { draft, track, message } of BEFORE.records.drafts) {
      const { chosen } = drafts[draft];
      // What was tracked before there were modes had an image.
      assert.deepEqual([Boolean(chosen), chosen?.mode ?? null, drafts[draft].message], [track !== null, track ? 'image' : null, message]);
    }
    const later = BEFORE.records.messages.find(({ subject }) => subject === 'Later');
    const { scheduled, cancelled, thread } = drafts[later.draft];
    assert.deepEqual([scheduled, cancelled, thread], [true, false, later.thread]);
    const [untracked] = BEFORE.records.untracked;
    assert.equal(drafts[untracked.draft].message, untracked.message);
    await page.close();
  });

  test('is all still there', async () => {
    for (const [name, records] of Object.entries(BEFORE.records)) {
      // A cursor is written again with each answer of the server.
      if (name !== 'cursors') assert.deepEqual(await stored(inside, name), records, name);
    }
    assert.deepEqual(await inside.evaluate(() => chrome.storage.local.get(['accounts', 'settings'])), { accounts: BEFORE.local.accounts, settings: BEFORE.local.settings });
  });
});
