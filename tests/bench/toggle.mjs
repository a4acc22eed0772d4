// How long a compose form stands there without its toggle: from the toolbar's appearing, as the page
// itself sees it, to the toggle in place; and the same of the button of an extension on InboxSDK.
import assert from 'node:assert/strict';
import { compose, openMail, readyToggle, start, until } from '../e2e/harness.mjs';
import { BUTTON, buildPeer, installPeer, readyButton } from './lib/inboxsdk.mjs';
import { median, quantile } from './lib/report.mjs';

const COMPOSES = Number(process.env.KAIFU_BENCH_COMPOSES ?? 60);
const TOGGLE = '[data-kaifu="toggle"]';

/**
 * Notes in the page, for each form, when its Send button was put in and when `control` was there. The
 * first is taken as the page's own call returns: an observer could hear of both at once.
 */
function watch(control) {
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
      if (done.has(form) || !form.querySelector(control)) continue;
      done.add(form);
      window.waits.push(now - at);
    }
  }).observe(document, { childList: true, subtree: true });
}

/** Opens so many forms and prints how long each waited for the one `control` that an extension gives it. */
async function measure(name, extension, control, ready) {
  const run = await start({ extension, undo: 30 });
  try {
    await run.context.addInitScript(watch, control);
    const page = await openMail(run);
    // The first form makes sure that everything is up.
    const first = await compose(page);
    await ready(first);
    await first.locator('.oh').click();
    await page.evaluate(() => (window.waits = []));
    for (let round = 1; round <= COMPOSES; round += 1) {
      const mail = await compose(page);
      await until('the wait', () => page.evaluate(() => window.waits.length), (count) => count === round);
      assert.equal(await mail.locator(control).count(), 1);
      await mail.locator('.oh').click();
      await until('the form to close', () => page.locator('.M9').count(), (count) => count === 0);
    }
    const waits = await page.evaluate(() => window.waits);
    console.log(`${name}_composes ${waits.length} forms`);
    console.log(`${name}_median ${median(waits).toFixed(2)} ms`);
    console.log(`${name}_p95 ${quantile(waits, 0.95).toFixed(2)} ms`);
  } finally {
    await run.close();
  }
}

await measure('toolbar_to_toggle', true, TOGGLE, readyToggle);
const why = installPeer();
if (why) console.log(`# toolbar_to_button_inboxsdk: skipped, as ${why}`);
else await measure('toolbar_to_button_inboxsdk', await buildPeer(), BUTTON, readyButton);
