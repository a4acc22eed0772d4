import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  checked, compose, draftId, fill, mailThatLeft, messageIn, openMail, ownFetches, part, pixels, readyToggle, saveChoice, send, sendTracked,
  start, track, until,
} from './harness.mjs';

let run;
before(async () => (run = await start({ undo: 30 })));
after(() => run?.close());

const tracked = async (page, content) => {
  const mail = await compose(page);
  await fill(mail, content);
  await track(mail);
  return mail;
};

describe('every way to send', () => {
  const presses = {
    'Enter on Send': (mail) => part.send(mail).press('Enter'),
    'Space on Send': (mail) => part.send(mail).press('Space'),
    'Control+Enter in the body': (mail) => part.body(mail).press('Control+Enter'),
    'Control+Enter in the subject': (mail) => part.subject(mail).press('Control+Enter'),
    'Control+Enter among the recipients': (mail) => part.to(mail).press('Control+Enter'),
    'Meta+Enter in the body': (mail) => part.body(mail).press('Meta+Enter'),
    'Control+Enter on the toggle': (mail) => part.toggle(mail).press('Control+Enter'),
  };
  for (const [name, press] of Object.entries(presses)) {
    test(`${name} sends one image`, async () => {
      const page = await openMail(run);
      const mail = await tracked(page);
      const id = await draftId(mail);
      await press(mail);
      assert.equal(pixels((await mailThatLeft(run, id)).html).length, 1);
      await page.close();
    });
  }

  test('a scheduled mail carries one image, and its draft none after a cancelled dialog', async () => {
    const page = await openMail(run);
    const mail = await tracked(page);
    const id = await draftId(mail);
    const ask = async () => {
      await mail.locator('.hG').dispatchEvent('mousedown');
      await mail.locator('[selector="scheduledSend"]').dispatchEvent('mousedown');
      await mail.locator('[selector="scheduledSend"]').dispatchEvent('mouseup');
    };
    await ask();
    await page.locator('[role="dialog"] [name="cancel"]').click();
    await part.body(mail).pressSequentially(' Later.');
    const draft = await until('the draft', () => run.stage.drafts().find((each) => each.id === id), (each) => each?.html.includes('Later.'));
    assert.deepEqual(pixels(draft.html), []);
    await ask();
    await page.locator('[role="menuitem"].Az').first().click();
    const waiting = await until('the schedule', () => run.stage.scheduled().find((each) => each.id === id));
    assert.equal(pixels(waiting.html).length, 1);
    await page.close();
  });

  test('two mails in the undo window keep apart', async () => {
    const page = await openMail(run);
    const one = await sendTracked(run, page, { subject: '' });
    const two = await sendTracked(run, page, { subject: '' });
    assert.notEqual(messageIn(one.html), messageIn(two.html));
    await run.stage.open(two.id, 'firefox');
    await run.waitForNotification(messageIn(two.html));
    const popup = await run.openPopup();
    await popup.locator(`[data-message="${messageIn(two.html)}"][data-kaifu-state="opened"]`).waitFor();
    assert.equal(await popup.locator(`[data-message="${messageIn(one.html)}"]`).getAttribute('data-kaifu-state'), 'unseen');
    await popup.close();
    await page.close();
  });

  test('a failed send is tried again with the same image', async () => {
    const page = await openMail(run);
    run.stage.options.failSends = 1;
    const left = await sendTracked(run, page);
    await page.locator('#link_undo').waitFor();
    assert.equal(pixels(left.html).length, 1);
    await page.close();
  });

  test('nor does it lose the image that its mail has by default', async () => {
    await saveChoice(run, '#default', true);
    try {
      const page = await openMail(run);
      run.stage.options.failSends = 1;
      const mail = await compose(page);
      await fill(mail, { subject: 'By default' });
      await checked(await readyToggle(mail), true);
      const left = await send(run, mail);
      await page.locator('#link_undo').waitFor();
      assert.equal(pixels(left.html).length, 1);
      await page.close();
    } finally {
      await saveChoice(run, '#default', false);
    }
  });
});

describe('every kind of compose', () => {
  for (const query of [{ recipients: 'classic' }, { lang: 'ja' }, { lang: 'ar', dark: '1' }, { lang: 'es', csp: 'strict' }, { rebuild: '1' }]) {
    test(`with ${JSON.stringify(query)} has one toggle in the row of Send`, async () => {
      const page = await openMail(run, { query });
      const mail = await tracked(page);
      assert.equal(await part.toggle(mail).count(), 1);
      assert.ok(await part.send(mail).evaluate((button) => button.closest('tr').querySelector('[data-kaifu="toggle"]') !== null));
      const left = await send(run, mail);
      assert.equal(pixels(left.html).length, 1);
      const popup = await run.openPopup();
      const row = popup.locator(`[data-kaifu="message"][data-message="${messageIn(left.html)}"]`);
      await row.waitFor();
      assert.match(await row.textContent(), /reader@example\.org/);
      await popup.close();
      await page.close();
    });
  }

  test('keeps its choice over the full screen', async () => {
    const page = await openMail(run);
    const mail = await tracked(page);
    await page.locator('.Hm .Hq').click();
    await checked(part.toggle(mail), true);
    assert.equal(await part.toggle(mail).count(), 1);
    assert.equal(pixels((await send(run, mail)).html).length, 1);
    await page.close();
  });

  test('keeps its choice in a window of its own', async () => {
    const page = await openMail(run);
    const mail = await tracked(page);
    const popup = page.waitForEvent('popup');
    await page.locator('.Hm .Hq').click({ modifiers: ['Shift'] });
    const alone = await popup;
    const moved = alone.locator('[role="main"] .M9');
    await checked(part.toggle(moved), true);
    assert.equal(pixels((await send(run, moved)).html).length, 1);
    await alone.close();
    await page.close();
  });

  test('sends no image as plain text, and says before that it will not', async () => {
    const page = await openMail(run);
    const mail = await tracked(page);
    await mail.locator('.Xv').dispatchEvent('mousedown');
    await mail.locator('[role="menuitem"]:visible').dispatchEvent('mouseup');
    await until('the toggle to be off', () => part.toggle(mail).getAttribute('aria-disabled'), (disabled) => disabled === 'true');
    await mail.locator('textarea.Ak').fill('Plain');
    assert.equal((await send(run, mail)).html, '<div dir="ltr">Plain</div>');
    await page.close();
  });

  for (const expand of [false, true]) {
    test(`drops the old image from a quote that is ${expand ? 'expanded' : 'collapsed'}`, async () => {
      const page = await openMail(run);
      const first = await sendTracked(run, page, { subject: `Quoted ${expand}` });
      await page.goto(`https://mail.google.com/mail/u/0/#all/${first.threadLegacy}`);
      await page.reload();
      await page.locator('.ams.bkH:visible').first().click();
      const reply = page.locator('.ip.adB .M9');
      await part.body(reply).fill('Once more');
      await track(reply);
      if (expand) await reply.locator('.ajR').click();
      const left = await send(run, reply);
      const old = messageIn(first.html);
      const all = left.html.match(/\/p\/[\w-]{36}\.gif/g);
      assert.equal(all.length, 1, left.html);
      assert.notEqual(messageIn(left.html), old);
      assert.deepEqual(ownFetches(run), []);
      await page.close();
    });
  }
});

describe('however Gmail reads its editor', () => {
  for (const editor of ['dom', 'input']) {
    test(`by ${editor}, the image leaves`, async () => {
      const page = await openMail(run, { query: { editor } });
      assert.equal(pixels((await sendTracked(run, page)).html).length, 1);
      await page.close();
    });
  }

  test('before the press only: the image leaves all the same, or the mail is called untracked', async () => {
    const page = await openMail(run, { query: { editor: 'frozen' } });
    const mail = await tracked(page, { subject: 'Frozen' });
    const left = await send(run, mail);
    const popup = await run.openPopup();
    const row = popup.locator('[data-kaifu="message"]', { hasText: 'Frozen' });
    await row.waitFor();
    const expected = pixels(left.html).length === 1 ? 'unseen' : 'untracked';
    await until(`the state ${expected}`, () => row.getAttribute('data-kaifu-state'), (state) => state === expected);
    await popup.close();
    await page.close();
  });

  test('an untracked mail leaves as it was written, beside a tracked one', async () => {
    const page = await openMail(run);
    const one = await tracked(page, { subject: 'With' });
    const two = await compose(page);
    await fill(two, { subject: 'Without' });
    assert.equal(await (await readyToggle(two)).getAttribute('aria-checked'), 'false');
    assert.equal((await send(run, two)).html, '<div dir="ltr">A few words.</div>');
    assert.equal(pixels((await send(run, one)).html).length, 1);
    await page.close();
  });
});
