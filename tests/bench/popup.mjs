import { start } from '../e2e/harness.mjs';
import { median } from './lib/report.mjs';

const MESSAGES = 10_000;
const OPENS_EACH = 10;
const ROUNDS = 20;

/** Fills the extension's database, from one of its own pages. */
function fillDatabase({ messages, opensEach }) {
  const id = (number) => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setUint32(4, number);
    return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  };
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('kaifu');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const writing = opening.result.transaction(['messages', 'opens'], 'readwrite');
      const [kept, opens] = [writing.objectStore('messages'), writing.objectStore('opens')];
      const now = Date.now();
      let seq = 0;
      for (let number = 0; number < messages; number += 1) {
        const message = id(number);
        const sentAt = now - (messages - number) * 600_000;
        kept.put({
          message, account: 'bench', mailbox: 'sender@example.com', subject: `Offer number ${number}`,
          recipients: [{ address: `reader${number}@example.org`, name: `Reader ${number}` }], sent_at: sentAt, outcome: 'sent',
        });
        for (let open = 0; open < opensEach; open += 1) {
          seq += 1;
          opens.put({
            account: 'bench', seq, message, kind: 'pixel', at: sentAt + 60_000 * (open + 1), claim: 'likely', reason: 'browser',
            source: { class: 'human', client: 'Firefox', reader: `r${open}` },
          });
        }
      }
      writing.oncomplete = () => {
        opening.result.close();
        resolve();
      };
      writing.onerror = () => reject(writing.error);
    };
  });
}

const run = await start();
try {
  const inside = await run.openPopup();
  await inside.locator('.empty').waitFor();
  await inside.evaluate(fillDatabase, { messages: MESSAGES, opensEach: OPENS_EACH });
  await inside.close();
  await run.context.addInitScript(() => {
    new MutationObserver((changes, observer) => {
      if (!document.querySelector('[data-kaifu="message"]')) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => (globalThis.paintedAt = performance.now())));
    }).observe(document, { childList: true, subtree: true });
  });
  const paints = [];
  const keys = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const popup = await run.openPopup();
    await popup.waitForFunction(() => globalThis.paintedAt);
    paints.push(await popup.evaluate(() => globalThis.paintedAt));
    keys.push(...(await popup.evaluate(() => ['1', '12', '1', ''].map((text) => {
      const search = document.querySelector('#search');
      search.value = text;
      const start = performance.now();
      search.dispatchEvent(new Event('input'));
      document.body.getBoundingClientRect();
      return performance.now() - start;
    }))));
    await popup.close();
  }
  console.log(`popup_first_rows_median ${median(paints).toFixed(1)} ms`);
  console.log(`popup_search_keystroke_median ${median(keys).toFixed(1)} ms`);
  console.log(`popup_search_keystroke_slowest ${Math.max(...keys).toFixed(1)} ms`);
} finally {
  await run.close();
}
