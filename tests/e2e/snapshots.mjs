import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { PUBLIC, ROOT, checked, until } from './harness.mjs';

/** The folder of pages as Gmail served them, beside the repository. */
export const FOLDER = path.resolve(process.env.KAIFU_SNAPSHOTS ?? path.join(ROOT, '../shared/gmail-snapshots'));

/** Why there is nothing to test against; false where there is. */
export const skip = fs.existsSync(FOLDER) ? false : `no Gmail pages in ${path.basename(FOLDER)} beside the repository; KAIFU_SNAPSHOTS names another folder`;

const expected = skip ? {} : JSON.parse(fs.readFileSync(path.join(FOLDER, 'expected.json')));

/** Every page with what is known to be in it. */
export const PAGES = Object.entries(expected).filter(([name]) => name.endsWith('.html'));

/** The pages that have a compose. */
export const COMPOSES = PAGES.filter(([, page]) => page.composes?.length > 0);

/** One toggle in the compose, in the row of Send, and one image in the body within a press. */
export async function check(tab, compose) {
  const toggle = tab.locator(compose.root).locator('[data-kaifu="toggle"]');
  assert.equal(await toggle.count(), 1);
  assert.ok(await tab.locator(compose.toolbar_row).evaluate((row) => row.querySelector('[data-kaifu="toggle"]') !== null), 'the toggle stands in the row of Send');
  await until('the toggle to be ready', () => toggle.getAttribute('aria-disabled'), (disabled) => disabled !== 'true');
  if (await toggle.getAttribute('aria-checked') === 'false') await toggle.dispatchEvent('click');
  await checked(toggle, true);
  const { before, after, precedes } = await tab.evaluate(({ button, body, own }) => {
    const editor = document.querySelector(body);
    const text = editor.innerHTML;
    document.querySelector(button).dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));
    const [image] = editor.querySelectorAll(`img[src^="${own}"]`);
    const quote = editor.querySelector('.gmail_quote');
    return { before: text, after: editor.innerHTML, precedes: !quote || Boolean(image?.compareDocumentPosition(quote) & Node.DOCUMENT_POSITION_FOLLOWING) };
  }, { button: compose.send_button, body: compose.body, own: `${PUBLIC}/p/` });
  const own = (after.match(/<img\b[^>]*>/g) ?? []).filter((tag) => tag.includes(`${PUBLIC}/p/`));
  assert.equal(own.length, 1, `one image of ours in ${after}`);
  assert.match(own[0], /^<img src="[^"]+" width="1" height="1" alt="">$/);
  assert.ok(precedes, 'the image stands before the quote');
  assert.equal(after.replace(own[0], ''), before, 'nothing else has changed');
}
