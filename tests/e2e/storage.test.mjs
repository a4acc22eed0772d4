// What is stored: out of Gmail's reach, and told again until it is kept.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  PUBLIC, compose, draftId, inContentScript, kept, mailThatLeft, messageIn, openMail, part, sendTracked, settled, start, stored, tell, tracked, until,
} from './harness.mjs';

let run;
let inside;
before(async () => {
  run = await start();
  inside = await run.openPopup();
});
after(() => run?.close());

test('a Gmail tab cannot read or write what the extension stores', async () => {
  const page = await openMail(run);
  const answers = await inContentScript(run, page, async (session, contextId) => {
    const ask = async (expression) => (await session.send('Runtime.evaluate', { expression, contextId, awaitPromise: true, returnByValue: true }));
    return Promise.all(['local', 'session', 'sync', 'managed'].flatMap((area) => [
      ask(`chrome.storage.${area}.get(null)`), ask(`chrome.storage.${area}.set({ settings: {} })`),
    ]));
  });
  for (const answer of answers) assert.ok(answer.exceptionDetails, JSON.stringify(answer));
  await until('the account', () => inside.evaluate(() => chrome.storage.local.get('accounts')), ({ accounts }) => accounts?.[PUBLIC]);
  await page.close();
});

test('an email that was received cannot fill the store of own views', async () => {
  const page = await openMail(run);
  const known = messageIn((await sendTracked(run, page, { subject: 'Known' })).html);
  const at = Date.now();
  const invented = Array.from({ length: 3_000 }, (_, number) => Buffer.from(`view${String(number).padStart(4, '0')}`).toString('base64url'));
  await tell(run, page, { call: 'viewed', messages: [known, ...invented], at });
  const views = await stored(inside, 'views');
  assert.ok(views.some((view) => view.message === known && view.at === at));
  assert.ok(!views.some((view) => invented.includes(view.message)));
  await page.close();
});

test('a database that the browser took away is opened again', async () => {
  const page = await openMail(run);
  await sendTracked(run, page, { subject: 'Before it was cleared' });
  const session = await run.context.newCDPSession(inside);
  await session.send('Storage.clearDataForOrigin', { origin: `chrome-extension://${run.extensionId}`, storageTypes: 'indexeddb' });
  await session.detach();
  const left = await sendTracked(run, page, { subject: 'After it was cleared' });
  await until('the email', () => stored(inside, 'messages'), (all) => all.some((it) => it.message === messageIn(left.html)));
  await run.stage.open(left.id, 'firefox');
  await run.waitForNotification(messageIn(left.html));
  await page.close();
});

/** For how long the browser goes by what it last found out about the quota. */
const QUOTA_MS = 60_000;

/** Stores a byte beside the extension's own database. Returns the error's name. */
const store = (page) => page.evaluate(() => new Promise((resolve) => {
  const opening = indexedDB.open('filler');
  opening.onupgradeneeded = () => opening.result.createObjectStore('filler', { autoIncrement: true });
  opening.onerror = () => resolve(opening.error.name);
  opening.onsuccess = () => {
    const writing = opening.result.transaction('filler', 'readwrite');
    writing.objectStore('filler').add(0);
    const end = () => {
      opening.result.close();
      resolve(writing.error?.name);
    };
    writing.oncomplete = end;
    writing.onabort = end;
  };
}));

test('what there was no room for is told again until it is kept, and the switch is off until then', async () => {
  const page = await openMail(run);
  const mail = await tracked(page, { subject: 'No room' });
  const id = await draftId(mail);
  const session = await run.context.newCDPSession(inside);
  const origin = `chrome-extension://${run.extensionId}`;
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
  await until('the browser to notice', () => store(inside), (trouble) => trouble === 'QuotaExceededError', QUOTA_MS);
  await part.send(mail).click();
  await mailThatLeft(run, id);
  const next = await compose(page);
  const disabled = () => part.toggle(next).getAttribute('aria-disabled');
  await until('the switch to be off', disabled, (state) => state === 'true');
  assert.match(await part.toggle(next).getAttribute('title'), /can't store anything/);
  assert.equal(await kept(inside, id), null);
  await run.stopWorker();
  await session.send('Storage.overrideQuotaForOrigin', { origin });
  await settled(inside, id, 'sent', 'wire');
  await until('the switch to work', disabled, (state) => state === 'false');
  await session.detach();
  await page.close();
});

test('a worker that is stopped at any step of a send keeps all of it', async () => {
  const page = await openMail(run);
  const mail = await tracked(page, { subject: 'Stopped' });
  const id = await draftId(mail);
  let answer;
  run.stage.mayAnswerSends = new Promise((resolve) => (answer = resolve));
  await run.stopWorker();
  await part.send(mail).click();
  await run.stopWorker();
  await until('the press', () => kept(inside, id));
  await run.stopWorker();
  answer();
  await run.stopWorker();
  await settled(inside, id, 'sent', 'wire');
  await page.close();
});

test('an email that was sent too long ago is forgotten with its opens, and no other', async () => {
  const page = await openMail(run);
  const [old, fresh] = [await sendTracked(run, page, { subject: 'Old' }), await sendTracked(run, page, { subject: 'Fresh' })].map(({ id, html }) => ({ id, message: messageIn(html) }));
  for (const { id, message } of [old, fresh]) {
    await run.stage.open(id, 'firefox');
    await until('the open', () => stored(inside, 'opens'), (all) => all.some((it) => it.message === message));
  }
  await inside.evaluate((message) => new Promise((resolve, reject) => {
    const opening = indexedDB.open('kaifu');
    opening.onsuccess = () => {
      const writing = opening.result.transaction('messages', 'readwrite');
      const reading = writing.objectStore('messages').get(message);
      reading.onsuccess = () => writing.objectStore('messages').put({ ...reading.result, sent_at: reading.result.sent_at - 731 * 86_400_000 });
      writing.oncomplete = () => (opening.result.close(), resolve());
      writing.onabort = () => reject(writing.error);
    };
  }), old.message);
  // It has looked today, as it does once a day; tomorrow it looks again.
  const looked = () => inside.evaluate(async () => (await chrome.storage.local.get('removed_before')).removed_before);
  const day = await until('the first look', looked);
  await inside.evaluate((yesterday) => chrome.storage.local.set({ removed_before: yesterday }), day - 1);
  await inside.evaluate(() => chrome.alarms.create('news', { when: Date.now(), periodInMinutes: 0.5 }));
  const messages = async (name) => new Set((await stored(inside, name)).map((it) => it.message));
  await until('the end of the old one', () => messages('messages'), (all) => !all.has(old.message), 40_000);
  assert.ok((await messages('messages')).has(fresh.message));
  const opens = await messages('opens');
  assert.deepEqual([opens.has(old.message), opens.has(fresh.message)], [false, true]);
  await until('the note of the day', looked, (now) => now === day);
  await page.close();
});

/** Everything that is kept of a message, but what it came to: that is made anew. */
const known = async (message) => Object.fromEntries(await Promise.all(['messages', 'opens', 'views', 'asked'].map(async (store) => [store, (await stored(inside, store)).filter((it) => it.message === message)])));

test('an event that only a newer version knows is listed as one, and costs no other', async () => {
  const page = await openMail(run);
  const left = await sendTracked(run, page, { subject: 'Of the future' });
  const message = messageIn(left.html);
  await run.stage.open(left.id, 'firefox');
  const [known] = await until('the open', async () => (await stored(inside, 'opens')).filter((it) => it.message === message), (all) => all.length > 0);
  await inside.evaluate((event) => new Promise((resolve, reject) => {
    const opening = indexedDB.open('kaifu');
    opening.onsuccess = () => {
      const writing = opening.result.transaction('opens', 'readwrite');
      writing.objectStore('opens').put(event);
      writing.oncomplete = () => (opening.result.close(), resolve());
      writing.onabort = () => reject(writing.error);
    };
  }), { ...known, seq: known.seq + 1, id: 'AAAAAAAAAAE', kind: 'telepathy', at: known.at + 1 });
  const popup = await run.openPopup();
  const row = popup.locator(`[data-kaifu="message"][data-message="${message}"]`);
  await until('the open', () => row.getAttribute('data-kaifu-state'), (state) => state === 'opened');
  await row.locator('[data-action="toggle"]').click();
  await until('both events', () => row.locator('.timeline').textContent(), (text) => /Update Kaifu to see this/.test(text) && /Firefox/.test(text));
  await popup.close();
  await page.close();
});

test('an email that the user forgets is gone with all that is known of it, and can be brought back', async () => {
  const page = await openMail(run);
  const left = await sendTracked(run, page, { subject: 'Forget me' });
  const message = messageIn(left.html);
  await run.stage.open(left.id, 'firefox');
  await tell(run, page, { call: 'viewed', messages: [message], at: Date.now() - 60_000 });
  await until('the open', () => stored(inside, 'opens'), (all) => all.some((it) => it.message === message && !it.unannounced));
  const popup = await run.openPopup();
  const row = popup.locator(`[data-message="${message}"]`);
  await row.locator('[data-action="toggle"]').click();
  await row.locator('[data-action="mute"]').click();
  await row.locator('[data-action="unmute"]').waitFor();
  await until('the open to be looked at', () => stored(inside, 'opens'), (all) => all.every((it) => it.message !== message || !it.fresh));
  const before = await known(message);
  assert.deepEqual(Object.values(before).map((all) => all.length > 0), [true, true, true, true]);
  await row.locator('[data-action="forget"]').click();
  await row.waitFor({ state: 'detached' });
  assert.deepEqual(await known(message), { messages: [], opens: [], views: [], asked: [] });
  await popup.locator('[data-action="bring-back"]').click();
  await row.waitFor();
  assert.deepEqual(await known(message), before);
  await row.locator('[data-action="forget"]').click();
  await popup.locator('[data-action="bring-back"]').waitFor();
  await popup.locator('[data-action="bring-back"]').waitFor({ state: 'detached' });
  await popup.close();
  await run.stopWorker();
  assert.deepEqual(await known(message), { messages: [], opens: [], views: [], asked: [] });
  await page.close();
});
