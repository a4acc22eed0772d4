// Gmail's pages, changed as Gmail might change them: no single class, attribute, id, label or place
// may decide whether a compose is found.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { checked, start, until } from './harness.mjs';
import { MUTATIONS, mutate } from './mutations.mjs';
import { COMPOSES, FOLDER, check, skip } from './snapshots.mjs';

/** The classes that the content script's table of landmarks names. */
const CLASSES = ['aoO', 'dC', 'IZ', 'Up', 'Uo', 'Am', 'editable', 'Ak', 'bAs', 'aoT', 'vR', 'M9', 'aoI', 'btC', 'hG', 'buc'];

describe('pages as Gmail may serve them', { skip }, () => {
  let run;
  let folder;
  let workshop;
  before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kaifu-pages-'));
    run = await start({ snapshots: folder });
    workshop = await run.context.newPage();
  });
  after(async () => {
    await run?.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const read = (name) => fs.readFileSync(path.join(FOLDER, name), 'utf8');

  /** Changes a page, opens it, and says what is wrong with the composes in it. */
  async function faults(name, page, changes, extra) {
    const html = await workshop.evaluate(mutate, { html: read(name), composes: page.composes, changes, extra });
    fs.writeFileSync(path.join(folder, 'page.html'), html);
    const tab = await run.context.newPage();
    try {
      await tab.goto('https://mail.google.com/mail/u/0/?snapshot=page.html');
      await until('the runtime', () => tab.locator('html').getAttribute('data-kaifu-runtime'));
      const count = page.composes.length + (extra ? 1 : 0);
      const toggles = tab.locator('[data-kaifu="toggle"]');
      await until(`${count} toggles`, () => toggles.count(), (found) => found === count);
      for (let index = 0; index < count; index += 1) {
        await check(tab, { root: `[data-test-root="${index}"]`, toolbar_row: `[data-test-row="${index}"]`, send_button: `[data-test-send="${index}"]`, body: `[data-test-body="${index}"]` });
      }
      return [];
    } catch (error) {
      return [`${name} with ${changes.join(', ')}: ${error.message.split('\n')[0]}`];
    } finally {
      await tab.close();
    }
  }

  for (const changes of MUTATIONS) {
    test(`each compose has its toggle and its image: ${changes.join(' and ')}`, async () => {
      const all = [];
      for (const [name, page] of COMPOSES) all.push(...await faults(name, page, changes));
      assert.deepEqual(all, []);
    });
  }

  test('whichever class Gmail renames', async () => {
    const all = [];
    for (const name of CLASSES) all.push(...await faults(...COMPOSES[0], [`class ${name}`]));
    assert.deepEqual(all, []);
  });

  test('with composes of different kinds in one page', async () => {
    const [[first], [second]] = ['compose-new', 'compose-fullscreen'].map((kind) => COMPOSES.filter(([name]) => name.startsWith(kind)));
    const inline = COMPOSES.find(([name]) => name.startsWith('thread'));
    const extra = (from) => ({ html: read(from[0]), compose: from[1].composes[0] });
    assert.deepEqual([
      ...await faults(...inline, ['as it is'], extra(first)),
      ...await faults(...inline, ['classes'], extra(second)),
      ...await faults(...COMPOSES.find(([name]) => name.startsWith('compose-two')), ['as it is'], extra(inline)),
    ], []);
  });

  test('a mail that cannot carry an image has a toggle that says so', async () => {
    for (const change of ['plain text', 'confidential']) {
      const [name, page] = COMPOSES[0];
      fs.writeFileSync(path.join(folder, 'page.html'), await workshop.evaluate(mutate, { html: read(name), composes: page.composes, changes: [change] }));
      const tab = await run.context.newPage();
      await tab.goto('https://mail.google.com/mail/u/0/?snapshot=page.html');
      const toggle = tab.locator('[data-kaifu="toggle"]');
      await until(`${change} to disable it`, () => toggle.getAttribute('title'), (title) => new RegExp(change, 'i').test(title ?? ''));
      assert.equal(await toggle.getAttribute('aria-disabled'), 'true');
      await toggle.dispatchEvent('click');
      await checked(toggle, false);
      await tab.close();
    }
  });
});
