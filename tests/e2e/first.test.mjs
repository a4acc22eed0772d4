// The first page: nothing leaves the browser before its button is pressed.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { PUBLIC, compose, firstPage, openMail, openOptions, part, readyToggle, start, until } from './harness.mjs';

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Longer than the alarm's half a minute. */
const WATCHED_MS = Number(process.env.KAIFU_FIRST_MS ?? 40_000);

describe('a fresh installation', () => {
  let run;
  let first;
  let page;
  before(async () => {
    run = await start({ agreed: false });
    first = await firstPage(run);
    page = await openMail(run);
  });
  after(() => run?.close());

  const asked = () => run.stage.hits.filter(({ from, host }) => from === 'browser' && host === new URL(PUBLIC).host);

  test('has a first page that says what leaves the browser, without a fault in it', async () => {
    await first.locator('[data-kaifu="agree"][aria-disabled="false"]').waitFor();
    assert.equal(await first.locator('#backend').inputValue(), PUBLIC);
    assert.equal(await first.locator('tbody tr').count(), 4);
    await first.evaluate(AXE);
    for (const scheme of ['light', 'dark']) {
      // A colour that is still changing would be measured.
      await first.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      const { violations } = await first.evaluate(() => globalThis.axe.run());
      assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), [], scheme);
    }
    await first.emulateMedia({ colorScheme: null, reducedMotion: null });
  });

  test('plays a sample in the popup itself, which changes nothing', async () => {
    await first.locator('#sample summary').click();
    const popup = first.frameLocator('#sample iframe');
    const offer = popup.locator('[data-kaifu="message"]').first();
    await until('the open', () => offer.getAttribute('data-kaifu-state'), (state) => state === 'opened');
    await until('the confirmation', () => offer.getAttribute('data-kaifu-state'), (state) => state === 'confirmed');
    await offer.locator('[data-action="toggle"]').click();
    await until('the name', () => offer.locator('.confirmed').textContent(), (text) => /Planning office/.test(text));
    assert.equal(await popup.locator(':is([data-action="show"], [data-action="mute"], [data-action="forget"])').count(), 0);
    assert.equal(await popup.locator('[data-kaifu="message"]').count(), 3);
    await first.locator('#sample summary').click();
    const own = await run.openPopup();
    await own.locator('.empty').waitFor();
    await own.close();
    assert.deepEqual(asked(), []);
  });

  test('asks nobody anything, whatever the user opens, until they agree', async () => {
    const mail = await compose(page);
    const toggle = part.toggle(mail);
    await until('the reason', () => toggle.getAttribute('title'), (title) => /isn't set up/.test(title));
    assert.equal(await toggle.getAttribute('aria-disabled'), 'true');
    const [another] = await Promise.all([run.context.waitForEvent('page'), toggle.click({ force: true })]);
    await another.waitForURL(/first\.html$/);
    await another.close();
    const popup = await run.openPopup();
    const notice = popup.locator('[data-notice="problem"]');
    await until('the notice', () => notice.textContent(), (text) => /Nothing leaves this browser/.test(text));
    assert.equal(await notice.locator('[data-action="retry"]').count(), 0);
    await popup.close();
    // The alarm goes off, and the worker is started anew.
    await run.stopWorker();
    const began = Date.now();
    await until('the end of the watch', () => asked().length > 0 || Date.now() - began > WATCHED_MS, Boolean, WATCHED_MS + 15_000);
    assert.deepEqual(asked(), []);
  });

  test('refuses an address that is none, and says why', async () => {
    await first.bringToFront();
    await first.locator('#server summary').click();
    await first.locator('#backend').fill('ftp://example.org');
    await first.locator('[data-kaifu="agree"]').click();
    await until('the reason', () => first.locator('#backend-error').textContent());
    assert.equal(await first.evaluate(() => document.activeElement.id), 'backend');
    assert.deepEqual(asked(), []);
    await first.locator('#backend').fill(PUBLIC);
  });

  test('is ready once they have agreed', async () => {
    await first.locator('[name="mode"][value="receipt"]').check();
    await first.locator('#strict').check();
    await first.locator('[data-kaifu="agree"]').press('Enter');
    await until('the server', () => first.locator('#ready').textContent(), (text) => /^Ready/.test(text));
    assert.equal(await first.evaluate(() => document.activeElement.id), 'gmail');
    assert.match(await first.locator('#trouble').textContent(), /Trial/);
    assert.ok(await first.locator('#choices').evaluate((choices) => choices.disabled));
    const options = await openOptions(run);
    await until('the mode', () => options.locator('#mode').inputValue(), (mode) => mode === 'receipt');
    assert.deepEqual([await options.locator('#tells').isChecked(), await options.locator('#strict').isChecked()], [true, true]);
    await options.close();
    const mail = await compose(page);
    await readyToggle(mail);
    assert.ok(asked().length > 0);
  });
});
