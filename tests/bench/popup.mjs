import { start } from '../e2e/harness.mjs';
import { fillDatabase } from './lib/database.mjs';
import { median } from './lib/report.mjs';

const MESSAGES = 10_000;
const OPENS_EACH = 10;
const ROUNDS = 20;

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
