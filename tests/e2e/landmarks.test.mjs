import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ROOT, checked, mailThatLeft, openMail, part, pixels, readyToggle, start, until } from './harness.mjs';

/** Every landmark of the content script with the ways to find it, read from its table. */
const LANDMARKS = landmarks(fs.readFileSync(path.join(ROOT, 'crates/gmail/src/selectors.rs'), 'utf8'));

/** What a compose form cannot do without. */
const NEEDED = ['EDITOR', 'FORM_FIELD', 'SEND', 'DRAFT_ID', 'THREAD_ID', 'SUBJECT'];

function landmarks(source) {
  const found = source.matchAll(/const (\w+): Landmark = Landmark \{[^}]*?ways: &\[([^\]]*(?:\][^\]]*)*?)\],?\s*\};/g);
  return Object.fromEntries([...found].map(([, name, ways]) => [name, [...ways.matchAll(/"([^"]+)"/g)].map((way) => way[1])]));
}

/** The classes and attributes that a selector names. */
const tokens = (way) => way.match(/\.[A-Za-z][\w-]*|\[[^\]]+\]/g) ?? [];

/** A class or attribute that only this one of a landmark's ways hangs on. */
function ownToken(ways, way) {
  const others = new Set(ways.filter((other) => other !== way).flatMap(tokens));
  return tokens(way).find((token) => !others.has(token));
}

/** Takes classes or attributes out of every element as Gmail adds it, before anybody else sees it. */
function stripping(...tokens) {
  const all = tokens.flat();
  const strip = (element) => {
    for (const token of all.filter((each) => element.matches(each))) {
      if (token.startsWith('.')) element.classList.remove(token.slice(1));
      else element.removeAttribute(/^\[([\w-]+)/.exec(token)[1]);
    }
  };
  new MutationObserver((records) => {
    for (const { addedNodes } of records) {
      for (const node of addedNodes) {
        if (node.nodeType !== Node.ELEMENT_NODE) continue;
        strip(node);
        node.querySelectorAll(all.join()).forEach(strip);
      }
    }
  }).observe(document, { childList: true, subtree: true });
}

describe('when Gmail takes one landmark away', () => {
  let run;
  before(async () => (run = await start({})));
  after(() => run?.close());

  for (const name of NEEDED) {
    const ways = LANDMARKS[name];
    const own = ways.map((way) => ownToken(ways, way));
    test(`${name} can be found in at least two ways that share nothing`, () => {
      assert.ok(own.filter(Boolean).length >= 2, ways.join(' | '));
    });

    // A value is what is looked for, not only a way to it.
    for (const token of own.filter((token) => token && !token.startsWith('[value'))) {
      test(`${name} is found without ${token}`, async () => {
        const page = await run.context.newPage();
        await page.addInitScript(stripping, token);
        await page.goto('https://mail.google.com/mail/u/0/');
        await page.locator('[gh="cm"]').click();
        const mail = page.locator('.AD');
        const toggle = await readyToggle(mail);
        await toggle.click();
        await checked(toggle, true);
        assert.equal(await part.toggle(page).count(), 1);
        const draft = mail.locator('input[value^="#msg-"]').first();
        const id = (await draft.getAttribute('value')).slice(1);
        await mail.locator('.anm input').first().fill('reader@example.org');
        const body = mail.locator('.Au > div');
        await body.fill('A few words.');
        await body.press('Control+Enter');
        const left = await mailThatLeft(run, id);
        assert.equal(pixels(left.html).length, 1);
        await page.close();
      });
    }
  }

  test('a form without any Send button gets no toggle, and the worker is told what is missing', async () => {
    const page = await run.context.newPage();
    await page.addInitScript(stripping, ['[role="button"]', '[jslog]', '.aoO']);
    await page.goto('https://mail.google.com/mail/u/0/');
    await page.locator('[gh="cm"]').click();
    await page.locator('.Au > div').waitFor();
    const popup = await run.openPopup();
    const kept = () => popup.evaluate(() => chrome.storage.local.get('unfamiliar').then((it) => it.unfamiliar));
    const report = await until('the report', kept, (it) => it?.missing.length > 0);
    assert.deepEqual(report.missing, ['send button']);
    assert.match(report.skeleton, /form\.bAs/);
    assert.doesNotMatch(report.skeleton, /example|Message/);
    assert.equal(await page.locator('[data-kaifu="toggle"]').count(), 0);
    await page.close();

    const again = await openMail(run);
    await again.locator('[gh="cm"]').click();
    await readyToggle(again.locator('.M9'));
    await until('the all-clear', kept, (it) => it?.missing.length === 0);
    await again.close();
    await popup.close();
  });
});

describe('when the extension is updated', () => {
  let run;
  before(async () => (run = await start({})));
  after(() => run?.close());

  test('the old script leaves the page', async () => {
    const page = await openMail(run);
    await page.locator('[gh="cm"]').click();
    await readyToggle(page.locator('.M9'));
    const worker = run.worker();
    await worker.evaluate(() => chrome.runtime.reload()).catch(() => {});
    await until('no trace of it', () => page.locator('[data-kaifu], [data-kaifu-runtime]').count(), (count) => count === 0, 30_000);
    await page.close();
  });
});
