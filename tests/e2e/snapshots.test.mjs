import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { PUBLIC, ROOT, checked, start, until } from './harness.mjs';

const FOLDER = path.resolve(process.env.KAIFU_SNAPSHOTS ?? path.join(ROOT, '../shared/gmail-snapshots'));
const skip = fs.existsSync(FOLDER) ? false : `no Gmail pages in ${path.basename(FOLDER)} beside the repository; KAIFU_SNAPSHOTS names another folder`;
const expected = skip ? {} : JSON.parse(fs.readFileSync(path.join(FOLDER, 'expected.json')));
const pages = Object.entries(expected).filter(([name]) => name.endsWith('.html'));

for (const csp of ['eval', 'strict']) {
  describe(`pages as Gmail served them, ${csp} policy`, { skip }, () => {
    // A profile for each policy: the pages have the same drafts, and choices are remembered.
    let run;
    before(async () => (run = await start({ csp, snapshots: FOLDER })));
    after(() => run?.close());

    for (const [name, page] of pages) {
      test(`${name}: ${page.compose_count} toggles, each beside its Send`, async () => {
        const tab = await run.context.newPage();
        await tab.goto(`https://mail.google.com/mail/u/0/?snapshot=${name}`);
        await until('the runtime', () => tab.locator('html').getAttribute('data-kaifu-runtime'));
        const toggles = tab.locator('[data-kaifu="toggle"]');
        await until('the toggles', () => toggles.count(), (count) => count === page.compose_count);
        for (const compose of page.composes ?? []) await check(tab, compose);
        assert.equal(await toggles.count(), page.compose_count);
        await tab.close();
      });
    }
  });
}

/** One toggle in the compose, in the row of Send, and the image in the body within a press. */
async function check(tab, compose) {
  const toggle = tab.locator(compose.root).locator('[data-kaifu="toggle"]');
  assert.equal(await toggle.count(), 1);
  assert.ok(await tab.locator(compose.toolbar_row).evaluate((row) => row.querySelector('[data-kaifu="toggle"]') !== null));
  await until('the toggle to be ready', () => toggle.getAttribute('aria-disabled'), (disabled) => disabled !== 'true');
  await toggle.dispatchEvent('click');
  await checked(toggle, true);
  const sources = await tab.evaluate(({ button, body }) => {
    document.querySelector(button).dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));
    return [...document.querySelector(body).querySelectorAll('img')].map((image) => image.src);
  }, { button: compose.send_button, body: compose.body });
  assert.equal(sources.filter((source) => source.startsWith(`${PUBLIC}/p/`)).length, 1, sources.join(' '));
}
