// How long a compose form stands there without its toggle: from the toolbar's appearing, as the page
// itself sees it, to the toggle in place.
import { compose, openMail, part, readyToggle, start, until } from '../e2e/harness.mjs';
import { median, quantile } from './lib/load.mjs';

const COMPOSES = Number(process.env.KAIFU_BENCH_COMPOSES ?? 60);

/**
 * Notes in the page, for each form, when its Send button was put in and when its toggle was there. The
 * first is taken as the page's own call returns: an observer could hear of both at once.
 */
function watch() {
  window.waits = [];
  const sends = new Map();
  for (const name of ['append', 'appendChild', 'insertBefore', 'replaceChildren', 'prepend']) {
    for (const owner of [Element.prototype, Node.prototype]) {
      const original = Object.getOwnPropertyDescriptor(owner, name)?.value;
      if (!original) continue;
      owner[name] = function put(...nodes) {
        const result = original.apply(this, nodes);
        if (this.isConnected) {
          for (const send of document.querySelectorAll('.M9 .dC [role="button"].aoO')) {
            const form = send.closest('.M9');
            if (!sends.has(form)) sends.set(form, performance.now());
          }
        }
        return result;
      };
    }
  }
  const done = new WeakSet();
  new MutationObserver(() => {
    const now = performance.now();
    for (const [form, at] of sends) {
      if (done.has(form) || !form.querySelector('[data-kaifu="toggle"]')) continue;
      done.add(form);
      window.waits.push(now - at);
    }
  }).observe(document, { childList: true, subtree: true });
}

const run = await start({ undo: 30 });
try {
  await run.context.addInitScript(watch);
  const page = await openMail(run);
  // The first form makes sure that everything is up.
  const first = await compose(page);
  await readyToggle(first);
  await first.locator('.oh').click();
  await page.evaluate(() => (window.waits = []));
  for (let round = 1; round <= COMPOSES; round += 1) {
    const mail = await compose(page);
    await part.toggle(mail).waitFor();
    await until('the wait', () => page.evaluate(() => window.waits.length), (count) => count === round);
    await mail.locator('.oh').click();
    await until('the form to close', () => page.locator('.M9').count(), (count) => count === 0);
  }
  const waits = await page.evaluate(() => window.waits);
  console.log(`toolbar_to_toggle_composes ${waits.length} forms`);
  console.log(`toolbar_to_toggle_median ${median(waits).toFixed(2)} ms`);
  console.log(`toolbar_to_toggle_p95 ${quantile(waits, 0.95).toFixed(2)} ms`);
} finally {
  await run.close();
}
