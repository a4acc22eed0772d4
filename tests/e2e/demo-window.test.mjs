// In the demo the whole compose form is seen, with the buttons that stand for recipients, at any size of the window.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { mailUrl, start } from './harness.mjs';

/** What is left of a screen for the page, below the browser's own bars; the last two are smaller than any screen. */
const PAGES = [[1920, 950], [1280, 590], [1024, 470], [800, 400], [640, 360]];

let run;
before(async () => {
  run = await start({ extension: false, guide: true });
});
after(() => run?.close());

for (const [width, height] of PAGES) {
  test(`on a page of ${width} x ${height}`, async () => {
    const page = await run.context.newPage();
    await page.setViewportSize({ width, height });
    await page.goto(`${mailUrl(0)}#inbox?compose=new`);
    const form = page.locator('.AD');
    await form.waitFor();
    const seen = await form.evaluate((element) => {
      const place = (it) => {
        const { left, top, right, bottom } = it.getBoundingClientRect();
        return { left, top, right, bottom };
      };
      const named = { form: element, close: element.querySelector('.Ha'), send: element.querySelector('.dC'), body: element.querySelector('[g_editable="true"]') };
      return Object.fromEntries(Object.entries(named).map(([name, it]) => [name, place(it)]));
    });
    for (const [name, { left, top, right, bottom }] of Object.entries(seen)) {
      assert.ok(left >= 0 && top >= 0 && right <= width && bottom <= height, `${name}: ${JSON.stringify({ left, top, right, bottom })}`);
      assert.ok(bottom - top >= 10, `${name} is ${bottom - top} high`);
    }
    await page.close();
  });
}
