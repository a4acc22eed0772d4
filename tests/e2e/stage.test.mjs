import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { compose, draftId, fill, mailThatLeft, openMail, part, send, start, until } from './harness.mjs';

let run;
before(async () => (run = await start({ extension: false, undo: 30 })));
after(() => run?.close());

const draft = (id) => run.stage.drafts().find((each) => each.id === id);
const savedDraft = (id, good) => until(`draft ${id}`, () => draft(id), (each) => each && good(each));

describe('the page', () => {
  test('has one account in title, banner and globals, and its language', async () => {
    const page = await openMail(run, { account: 1, query: { lang: 'ar', dark: 1 } });
    assert.match(await page.title(), /second@example\.org - Gmail$/);
    assert.match(await page.locator('header[role=banner] a').getAttribute('aria-label'), /\(second@example\.org\)/);
    assert.deepEqual(await page.evaluate(() => [window.GLOBALS[10], window.GLOBALS[4]]), ['second@example.org', 'gmail.ar']);
    assert.deepEqual(await page.evaluate(() => [document.documentElement.dir, document.body.classList.contains('dark')]), ['rtl', true]);
    await page.close();
  });

  for (const [csp, works] of [['eval', true], ['strict', false]]) {
    test(`obeys its ${csp} policy and enforces Trusted Types`, async () => {
      const page = await openMail(run, { query: { csp } });
      // Evaluated by a timer of the page itself, since a debugger's own code is not bound by the policy.
      const wasm = await page.evaluate(() => new Promise((resolve) => {
        const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
        setTimeout(() => WebAssembly.instantiate(bytes).then(() => resolve(true), () => resolve(false)));
      }));
      const html = await page.evaluate(() => {
        try {
          document.createElement('div').innerHTML = '<b>x</b>';
          return true;
        } catch (error) {
          return error.name;
        }
      });
      assert.deepEqual([wasm, html], [works, 'TypeError']);
      await page.close();
    });
  }
});

describe('sending', () => {
  const presses = {
    'a click': (mail) => part.send(mail).click(),
    Enter: (mail) => part.send(mail).press('Enter'),
    Space: (mail) => part.send(mail).press('Space'),
    'Control+Enter in the body': (mail) => part.body(mail).press('Control+Enter'),
    'Control+Enter in the subject': (mail) => part.subject(mail).press('Control+Enter'),
    'Meta+Enter among the recipients': (mail) => part.to(mail).press('Meta+Enter'),
  };
  for (const [name, press] of Object.entries(presses)) {
    test(`happens by ${name}`, async () => {
      const page = await openMail(run);
      const mail = await compose(page);
      await fill(mail, { subject: `By ${name}` });
      const id = await draftId(mail);
      await press(mail);
      const left = await mailThatLeft(run, id);
      assert.equal(left.html, '<div dir="ltr">A few words.</div>');
      assert.deepEqual([left.subject, left.to], [`By ${name}`, [{ email: 'reader@example.org', name: '' }]]);
      assert.equal(await page.locator('.M9').count(), 0);
      await page.close();
    });
  }

  test('has an answer that carries the legacy ids of the mail', async () => {
    const page = await openMail(run);
    const mail = await compose(page);
    await fill(mail, { subject: 'Wire' });
    const answered = page.waitForResponse((response) => response.url().includes('/sync/u/0/i/s') && response.request().postData().includes('^pfg'));
    const left = await send(run, mail);
    const answer = await (await answered).json();
    const inner = answer[1][5].map((thread) => thread[0][2][6][0]).find((each) => each[3] === left.thread);
    assert.equal(inner[19], left.threadLegacy);
    assert.deepEqual([inner[4][0][0], inner[4][0][55]], [left.id, left.legacy]);
    await page.close();
  });

  test('is tried again with the same ids after a failure, and one mail leaves', async () => {
    const page = await openMail(run);
    const mail = await compose(page);
    await fill(mail, { subject: 'Twice' });
    const requests = [];
    page.on('request', (request) => request.postData()?.includes('^pfg') && requests.push(request));
    run.stage.options.failSends = 1;
    const left = await send(run, mail);
    await page.locator('#link_undo').waitFor();
    assert.equal(requests.length, 2);
    assert.equal(run.stage.mails().filter((each) => each.id === left.id).length, 1);
    await page.close();
  });

  test('can be undone: the draft is back with its id, and nothing left', async () => {
    const page = await openMail(run);
    const mail = await compose(page);
    await fill(mail, { subject: 'Back' });
    const { id, thread } = await send(run, mail);
    assert.equal(await page.locator('#link_undo').getAttribute('param'), `#${thread}`);
    await page.locator('#link_undo').click();
    await page.locator('.M9').waitFor();
    assert.equal(await draftId(page.locator('.M9')), id);
    assert.equal(run.stage.mails().some((each) => each.id === id), false);
    await page.close();
  });
});

describe('refusals', () => {
  const cases = { 'no recipient': { to: '' }, 'a bad address': { to: 'nobody' }, 'a forgotten attachment': { body: 'See the attached file.' } };
  for (const [name, content] of Object.entries(cases)) {
    test(`${name} keeps the compose open`, async () => {
      const page = await openMail(run);
      const mail = await compose(page);
      await fill(mail, content);
      const id = await draftId(mail);
      await part.send(mail).click();
      await page.locator('body > [role="alertdialog"]').waitFor();
      assert.equal(await page.locator('.M9').count(), 1);
      await savedDraft(id, () => true);
      assert.equal(run.stage.mails().some((each) => each.id === id), false);
      await page.close();
    });
  }
});

describe('the editor', () => {
  // Stands in for an extension that changes the body within the press, before the page hears of it.
  const change = (page, announce) => page.evaluate((announce) => {
    window.addEventListener('click', (event) => {
      if (!event.target.closest?.('.aoO')) return;
      const editor = document.querySelector('.M9 [g_editable]');
      editor.append('LATE');
      if (announce) editor.dispatchEvent(new InputEvent('input', { bubbles: true }));
    }, true);
  }, announce);
  for (const [editor, announce, expected] of [['dom', false, true], ['input', false, false], ['input', true, true], ['frozen', true, false]]) {
    test(`${editor} ${expected ? 'takes' : 'ignores'} a change at the press ${announce ? 'with' : 'without'} an input event`, async () => {
      const page = await openMail(run, { query: { editor } });
      await change(page, announce);
      const mail = await compose(page);
      await fill(mail);
      assert.equal((await send(run, mail)).html.includes('LATE'), expected);
      await page.close();
    });
  }

  test('has a hidden plain twin, and sends what is typed there in plain mode', async () => {
    const page = await openMail(run);
    const mail = await compose(page);
    assert.equal(await mail.locator('textarea.Ak').isVisible(), false);
    await fill(mail, { body: 'One' });
    await mail.locator('.Xv').dispatchEvent('mousedown');
    await mail.locator('[role="menuitem"]:visible').dispatchEvent('mouseup');
    await mail.locator('textarea.Ak').fill('1 < 2');
    assert.equal((await send(run, mail)).html, '<div dir="ltr">1 &lt; 2</div>');
    await page.close();
  });
});
