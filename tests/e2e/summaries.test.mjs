// What emails came to is kept beside them: it must be what judging them anew comes to, whatever happened.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PROGRAMS } from '../stage/recipients.mjs';
import { messageIn, openMail, sendTracked, start, stored, tell, until } from './harness.mjs';

const STEPS = 30;

let run;
let inside;
let page;
let emails;
before(async () => {
  run = await start();
  inside = await run.context.newPage();
  await inside.goto(new URL('manifest.json', run.popupUrl).href);
  page = await openMail(run);
  emails = [];
  for (let number = 0; number < 4; number += 1) {
    const left = await sendTracked(run, page, { subject: `Number ${number}`, to: number % 2 ? 'Anna <anna@example.com>' : 'ben@example.org' });
    emails.push({ id: left.id, message: messageIn(left.html) });
  }
});
after(() => run?.close());

/** What the report says of all emails. */
const report = () => inside.evaluate(async () => {
  const question = { days: null, which: 'all', order: 'sent', limit: 100 };
  const { Ok: { value } } = await chrome.runtime.sendMessage({ call: 'watch_report', revision: 0, question });
  return value;
});

/** Takes every summary away, and nothing else. */
const takeAway = () => inside.evaluate(() => new Promise((resolve, reject) => {
  const opening = indexedDB.open('kaifu');
  opening.onerror = reject;
  opening.onsuccess = () => {
    const writing = opening.result.transaction('summaries', 'readwrite');
    writing.objectStore('summaries').delete(IDBKeyRange.lowerBound([]));
    writing.oncomplete = () => {
      opening.result.close();
      resolve();
    };
  };
}));

/** How many summaries are kept: those of a day lie in one value, each behind its length. */
const summaries = () => inside.evaluate(() => new Promise((resolve, reject) => {
  const opening = indexedDB.open('kaifu');
  opening.onerror = reject;
  opening.onsuccess = () => {
    opening.result.transaction('summaries').objectStore('summaries').getAll(IDBKeyRange.lowerBound([])).onsuccess = ({ target: { result: days } }) => {
      opening.result.close();
      let count = 0;
      for (const { buffer, byteOffset, byteLength } of days) {
        const view = new DataView(buffer, byteOffset, byteLength);
        for (let at = 0; at < byteLength; at += 4 + view.getUint32(at, true)) count += 1;
      }
      resolve(count);
    };
  };
}));

test('what is kept of an email is what judging it anew comes to', async (context) => {
  const seed = Number(process.env.KAIFU_SEED ?? Date.now() % 100_000);
  context.diagnostic(`KAIFU_SEED=${seed}`);
  let state = seed;
  const below = (most) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * most);
  };
  const oneOf = (all) => all[below(all.length)];
  let changed = 0;
  let before;
  for (let step = 0; step < STEPS; step += 1) {
    const { id, message } = oneOf(emails);
    const at = Date.now();
    switch (below(6)) {
      case 0:
        await tell(run, page, { call: 'viewed', messages: [message], at: at - below(20_000) });
        break;
      case 1: {
        const outcome = oneOf(['sent', 'undone', 'untracked', 'refused']);
        await tell(run, page, { call: 'settle', message, outcome, signal: 'wire', origin: 'sender', at, since: at });
        break;
      }
      default: {
        const count = (await stored(inside, 'opens')).length;
        await run.stage.open(id, oneOf(Object.keys(PROGRAMS)));
        await until('the event', async () => (await stored(inside, 'opens')).length, (now) => now > count);
        await until('all to be told of', () => stored(inside, 'opens'), (all) => all.every((it) => !it.unannounced));
      }
    }
    // Gmail's page may tell something more of an email at any time, which takes its summary out again.
    const kept = await until('a summary of each email', async () => {
      const all = await report();
      return (await summaries()) === emails.length && all;
    });
    await takeAway();
    await run.stopWorker();
    const anew = await report();
    assert.deepEqual(kept, anew, `step ${step}`);
    changed += JSON.stringify(kept) === JSON.stringify(before) ? 0 : 1;
    before = kept;
  }
  assert.ok(changed > 5, `${changed} steps changed the report`);
});

test('other rules of judgement leave no summary as it was', async () => {
  const before = await report();
  await inside.evaluate(() => new Promise((resolve, reject) => {
    const opening = indexedDB.open('kaifu');
    opening.onerror = reject;
    opening.onsuccess = () => {
      const writing = opening.result.transaction('summaries', 'readwrite');
      const all = writing.objectStore('summaries');
      all.put('other rules', 'stamp');
      // A summary that nothing can be read from would be missing in the report.
      all.openCursor(IDBKeyRange.lowerBound([])).onsuccess = ({ target: { result: cursor } }) => {
        cursor?.update(new Uint8Array());
        cursor?.continue();
      };
      writing.oncomplete = () => {
        opening.result.close();
        resolve();
      };
    };
  }));
  await run.stopWorker();
  assert.deepEqual(await report(), before);
});
