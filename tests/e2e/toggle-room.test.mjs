// Nothing of ours pushes one of Gmail's buttons out of its form, in whatever state and language.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT, compose, openMail, readyToggle, sendTracked, start } from './harness.mjs';

let run;
let thread;
before(async () => {
  run = await start();
  const page = await openMail(run);
  thread = (await sendTracked(run, page, { subject: 'To be answered' })).threadLegacy;
  await page.close();
});
after(() => run?.close());

/** What the switch can be. */
const FACES = {
  on: { 'aria-checked': 'true', 'aria-disabled': 'false' },
  off: { 'aria-checked': 'false', 'aria-disabled': 'false' },
  'unable to be on': { 'aria-checked': 'false', 'aria-disabled': 'true' },
};

/** What can stand beside it: the state, and the key of its words. */
const STATUSES = [['not-tracked', 'status_not_tracked'], ['offline', 'toggle_unready'], ['offline', 'status_offline']];

/** A text that nobody speaks, half as long again and with marks above and below its letters. */
function pseudo(text) {
  const marked = text.replaceAll(/[a-z]/gi, (letter) => `${letter}\u0302\u0323`);
  return `[${marked} ${'one two three four five six seven eight nine ten '.repeat(9).slice(0, Math.ceil(text.length / 2))}]`;
}

const wordsOf = (language) => JSON.parse(fs.readFileSync(path.join(ROOT, 'extension/_locales', language, 'messages.json'), 'utf8'));
const [ENGLISH, JAPANESE] = ['en', 'ja'].map(wordsOf);
const TEXTS = {
  en: (key) => ENGLISH[key].message,
  ja: (key) => JAPANESE[key].message,
  pseudo: (key) => pseudo(ENGLISH[key].message),
};

/** Has the switch show a face and say a status, or nothing. */
const show = (mail, face, [state, text] = [null, '']) => mail.locator('[data-kaifu="cell"]').evaluate((cell, [face, state, text]) => {
  const toggle = cell.querySelector('[data-kaifu="toggle"]');
  for (const [name, value] of Object.entries(face)) toggle.setAttribute(name, value);
  const status = cell.querySelector('[role="status"]');
  for (const [name, value] of [['data-kaifu', state && 'status'], ['data-kaifu-state', state]]) {
    if (value) status.setAttribute(name, value);
    else status.removeAttribute(name);
  }
  status.textContent = text;
}, [face, state, text]);

/** The labels of Gmail's buttons that stand wholly inside of the form, and how far the status reaches out of it. */
const room = (mail) => mail.evaluate((form) => {
  const around = form.getBoundingClientRect();
  const beyond = (box) => Math.max(around.left - box.left, box.right - around.right, around.top - box.top, box.bottom - around.bottom);
  const inside = [...form.querySelectorAll('[role="button"]')]
    .filter((button) => button.offsetParent && !button.closest('[data-kaifu]'))
    .filter((button) => beyond(button.getBoundingClientRect()) <= 1)
    .map((button) => button.getAttribute('aria-label') || button.textContent);
  const status = form.querySelector('[data-kaifu="status"]');
  return { inside, beyond: status ? beyond(status.getBoundingClientRect()) : 0 };
});

/** The forms that a page can have. */
const FORMS = {
  'a new email': (page) => compose(page),
  'an answer': async (page) => {
    await page.evaluate((hash) => (location.hash = hash), `#all/${thread}`);
    await page.locator('.ams.bkH:visible').first().click();
    const answer = page.locator('.ip.adB .M9');
    await answer.waitFor();
    return answer;
  },
};

for (const lang of ['en', 'ja', 'ar']) {
  for (const width of [1400, 900, 640]) {
    test(`in ${lang}, ${width} pixels wide, all of Gmail's buttons stay inside`, async () => {
      const page = await openMail(run, { query: { lang } });
      await page.setViewportSize({ width, height: 700 });
      for (const [form, open] of Object.entries(FORMS)) {
        const mail = await open(page);
        await readyToggle(mail);
        const hide = (hidden) => mail.locator('[data-kaifu="cell"]').evaluate((cell, it) => (cell.style.display = it ? 'none' : ''), hidden);
        await hide(true);
        const { inside: expected } = await room(mail);
        assert.ok(expected.length > 3, JSON.stringify(expected));
        await hide(false);
        for (const [name, face] of Object.entries(FACES)) {
          await show(mail, face);
          assert.deepEqual((await room(mail)).inside, expected, `${form}: the switch ${name}, alone`);
          for (const [state, key] of STATUSES) {
            for (const [language, text] of Object.entries(TEXTS)) {
              await show(mail, face, [state, text(key)]);
              const { inside, beyond } = await room(mail);
              assert.deepEqual(inside, expected, `${form}: the switch ${name}, with ${key} in ${language}`);
              assert.ok(beyond <= 1, `${form}: ${key} in ${language} stays in the form itself, and not ${beyond} pixels beyond`);
            }
          }
        }
        await show(mail, FACES.off);
      }
      await page.close();
    });
  }
}
