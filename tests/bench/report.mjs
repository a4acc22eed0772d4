// How long the report takes with thousands of emails: until it is there, when none of them was judged
// yet, when the worker has just started and when it knows them; and from the choice of another period
// to its figures.
import { start, until } from '../e2e/harness.mjs';
import { fillDatabase } from './lib/database.mjs';
import { median } from './lib/report.mjs';

const MESSAGES = 10_000;
const OPENS_EACH = 10;
const ROUNDS = 5;

const run = await start();
try {
  const inside = await run.openPopup();
  await inside.locator('.empty').waitFor();
  await inside.evaluate(fillDatabase, { messages: MESSAGES, opensEach: OPENS_EACH });
  await inside.close();
  await run.context.addInitScript(() => {
    globalThis.drawn = [];
    let before;
    new MutationObserver(() => {
      const now = document.querySelector('.figures .value')?.textContent;
      if (!now || now === before) return;
      before = now;
      requestAnimationFrame(() => setTimeout(() => globalThis.drawn.push(performance.now())));
    }).observe(document, { childList: true, subtree: true, characterData: true });
  });
  /** Opens the report, and gives its page and how many milliseconds it took to be there. */
  const open = async () => {
    const page = await run.context.newPage();
    await page.goto(run.popupUrl.replace('popup.html', 'report.html'));
    await page.waitForFunction(() => globalThis.drawn.length, null, { timeout: 60_000 });
    return [page, await page.evaluate(() => globalThis.drawn[0])];
  };
  const [first, again, all, back] = [[], [], [], []];
  await run.stopWorker();
  const [unjudged, judging] = await open();
  await unjudged.locator('[data-period="all"]').click();
  await until('all of them', () => unjudged.locator('.figures .value').first().textContent(), (text) => text === String(MESSAGES));
  await unjudged.close();
  for (let round = 0; round < ROUNDS; round += 1) {
    await run.stopWorker();
    const [page, milliseconds] = await open();
    first.push(milliseconds);
    for (const [times, period] of [[all, 'all'], [back, '30']]) {
      times.push(await page.evaluate(async (name) => {
        const before = globalThis.drawn.length;
        const asked = performance.now();
        document.querySelector(`[data-period="${name}"]`).click();
        while (globalThis.drawn.length === before) await new Promise(requestAnimationFrame);
        return globalThis.drawn.at(-1) - asked;
      }, period));
    }
    const [other, soon] = await open();
    again.push(soon);
    await other.close();
    await page.close();
  }
  console.log(`report_unjudged_figures ${judging.toFixed(1)} ms`);
  console.log(`report_first_figures_median ${median(first).toFixed(1)} ms`);
  console.log(`report_again_figures_median ${median(again).toFixed(1)} ms`);
  console.log(`report_all_emails_median ${median(all).toFixed(1)} ms`);
  console.log(`report_other_period_median ${median(back).toFixed(1)} ms`);
} finally {
  await run.close();
}
