// Nothing of ours pushes one of Gmail's buttons out of its form, in whatever state and language.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { compose, openMail, readyToggle, start } from './harness.mjs';

let run;
before(async () => (run = await start()));
after(() => run?.close());

/** The longest of our texts beside the switch, and half as long again. */
const TEXTS = {
  en: "Not tracked: Kaifu hasn't connected to its server yet",
  ja: 'サーバーに未接続のため、開封確認を使えません',
  pseudo: "[Ñöţ ţŕåçķéð: Ķåîƒû ĥåšñ'ţ çöññéçţéð ţö îţš šéŕṽéŕ ýéţ one two three four five]",
};

/** The labels of the form's buttons that stand wholly inside of it. */
const inside = (mail) => mail.evaluate((form) => {
  const around = form.getBoundingClientRect();
  return [...form.querySelectorAll('[role="button"]')]
    .filter((button) => button.offsetParent && !button.closest('[data-kaifu]'))
    .filter((button) => {
      const box = button.getBoundingClientRect();
      return box.left >= around.left - 1 && box.right <= around.right + 1 && box.top >= around.top - 1 && box.bottom <= around.bottom + 1;
    })
    .map((button) => button.getAttribute('aria-label') || button.textContent);
});

for (const lang of ['en', 'ja', 'ar']) {
  for (const width of [1400, 900, 640]) {
    test(`in ${lang}, ${width} pixels wide, all of Gmail's buttons stay inside`, async () => {
      const page = await openMail(run, { query: { lang } });
      await page.setViewportSize({ width, height: 700 });
      const mail = await compose(page);
      await readyToggle(mail);
      const show = (state, text) => mail.locator('[data-kaifu="cell"]').evaluate((cell, [state, text]) => {
        const status = cell.lastElementChild;
        if (state) status.setAttribute('data-kaifu', 'status');
        else status.removeAttribute('data-kaifu');
        if (state) status.setAttribute('data-kaifu-state', state);
        status.textContent = text;
      }, [state, text]);
      const hide = (hidden) => mail.locator('[data-kaifu="cell"]').evaluate((cell, it) => (cell.style.display = it ? 'none' : ''), hidden);
      await hide(true);
      const expected = await inside(mail);
      assert.ok(expected.length > 3, JSON.stringify(expected));
      await hide(false);
      assert.deepEqual(await inside(mail), expected, 'with the switch alone');
      for (const state of ['not-tracked', 'offline']) {
        for (const [name, text] of Object.entries(TEXTS)) {
          await show(state, text);
          assert.deepEqual(await inside(mail), expected, `${state}, ${name}`);
          const status = await mail.locator('[data-kaifu="status"]').boundingBox();
          const form = await mail.boundingBox();
          assert.ok(status.x >= form.x - 1 && status.x + status.width <= form.x + form.width + 1, `${state}, ${name}: it stays in the form itself`);
        }
      }
      await show(null, '');
      await page.close();
    });
  }
}
