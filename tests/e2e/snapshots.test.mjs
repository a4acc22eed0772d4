import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { start, until } from './harness.mjs';
import { FOLDER, PAGES, check, skip } from './snapshots.mjs';

for (const csp of ['eval', 'strict']) {
  describe(`pages as Gmail served them, ${csp} policy`, { skip }, () => {
    // A profile for each policy: the pages have the same drafts, and choices are remembered.
    let run;
    before(async () => (run = await start({ csp, snapshots: FOLDER })));
    after(() => run?.close());

    for (const [name, page] of PAGES) {
      test(`${name}: ${page.compose_count} toggles, each beside its Send`, async (t) => {
        const tab = await run.context.newPage();
        await tab.goto(`https://mail.google.com/mail/u/0/?snapshot=${name}`);
        await until('the runtime', () => tab.locator('html').getAttribute('data-kaifu-runtime'));
        const toggles = tab.locator('[data-kaifu="toggle"]');
        await until('the toggles', () => toggles.count(), (count) => count === page.compose_count);
        let right = 0;
        for (const compose of page.composes ?? []) {
          await check(tab, compose);
          right += 1;
        }
        assert.equal(await toggles.count(), page.compose_count);
        const count = page.compose_count;
        t.diagnostic(`${name}, ${csp}: ${count} of ${count} composes found, ${await toggles.count()} toggles, ${right} of ${count} images right`);
        await tab.close();
      });
    }
  });
}
