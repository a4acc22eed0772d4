// Every way in which a mail is handed to Gmail, refused, taken back or sent later.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { IN_PAGE, askTime, dialog, draftId, kept, mailThatLeft, messageIn, openMail, part, pixels, send, settled, start, track, tracked, until } from './harness.mjs';

const draftOf = (run, id, good = () => true) => until('the draft', () => run.stage.drafts().find((each) => each.id === id), (each) => each && good(each));
const scheduled = (run, id) => until('the schedule', () => run.stage.scheduled().find((each) => each.id === id));

/** Opens an answer to the newest message of the conversation that is shown. */
async function answer(page, kind) {
  await page.locator(`.ams.${kind}:visible`).last().click();
  const opened = page.locator('.ip.adB .M9');
  await opened.waitFor();
  return opened;
}

const openConversation = async (page, mail) => {
  await page.evaluate((to) => (location.hash = to), `#all/${mail.threadLegacy}`);
  await page.locator(`[data-message-id="#${mail.id}"]:visible`).waitFor();
};

// The second form of request stands for any that nobody has seen yet: only the page's own signs are left.
for (const wire of ['current', 'unknown']) {
  describe(`what becomes of a mail, with requests in the ${wire} form`, () => {
    const isCurrent = wire === 'current';
    let run;
    let page;
    let inside;
    before(async () => {
      run = await start({ undo: 30, wire });
      page = await openMail(run);
      inside = await run.openPopup();
    });
    // A tab in the back is slowed down.
    beforeEach(() => page.bringToFront());
    after(() => run?.close());

    test('sent, and taken back: the draft keeps no image, and sent again it is the same message', async () => {
      const mail = await tracked(page, { subject: 'Once and again' });
      const left = await send(run, mail);
      await settled(inside, left.id, 'sent', ...(isCurrent ? ['wire'] : IN_PAGE));
      await page.locator('#link_undo').click();
      await mail.waitFor();
      await settled(inside, left.id, 'undone', isCurrent ? 'wire' : 'form');
      await until('the editor without it', () => part.body(mail).innerHTML(), (html) => pixels(html).length === 0);
      await part.body(mail).press('End');
      await part.body(mail).pressSequentially(' More.');
      assert.deepEqual(pixels((await draftOf(run, left.id, (it) => it.html.includes('More.'))).html), []);
      const again = await send(run, mail);
      assert.equal(pixels(again.html).length, 1);
      assert.equal(messageIn(again.html), messageIn(left.html));
      await settled(inside, left.id, 'sent', ...(isCurrent ? ['wire'] : IN_PAGE));
      await page.locator('#link_undo').waitFor();
    });

    test('sent without any word on the screen: the list says so', async () => {
      const quiet = await openMail(run, { query: { quiet: 1 } });
      const mail = await tracked(quiet, { subject: 'In silence' });
      const left = await send(run, mail);
      await quiet.evaluate(() => (location.hash = '#sent'));
      await quiet.locator(`tr.zA:visible:has([data-thread-id="#${left.thread}"])`).waitFor();
      await settled(inside, left.id, 'sent', isCurrent ? 'wire' : 'list');
      await openConversation(quiet, left);
      const reply = await answer(quiet, 'bkH');
      await part.body(reply).fill('In silence, too');
      await track(reply);
      const second = await send(run, reply);
      assert.equal(second.thread, left.thread);
      await settled(inside, second.id, 'sent', isCurrent ? 'wire' : 'list');
      await quiet.close();
    });

    const refusals = {
      'no recipient': [{ to: '' }, (mail) => part.to(mail).fill('reader@example.org')],
      'a bad address': [{ to: 'nobody' }, async (mail) => {
        await mail.locator('.afX').first().click();
        await part.to(mail).fill('reader@example.org');
      }],
      'a forgotten attachment': [{ body: 'It is attached.' }, (mail) => part.body(mail).fill('Never mind.')],
    };
    for (const [name, [content, repair]] of Object.entries(refusals)) {
      test(`refused for ${name}: no image stays, and the next press sends one`, async () => {
        const mail = await tracked(page, { ...content, subject: `Refused: ${name}` });
        const id = await draftId(mail);
        await part.send(mail).click();
        await page.locator('[role="alertdialog"]').waitFor();
        await settled(inside, id, 'refused', 'dialog');
        assert.deepEqual(pixels(await part.body(mail).innerHTML()), []);
        await page.locator('[role="alertdialog"] button').first().click();
        await repair(mail);
        await part.body(mail).pressSequentially('!');
        assert.deepEqual(pixels((await draftOf(run, id, (it) => it.html.includes('!'))).html), []);
        const left = await send(run, mail);
        assert.equal(pixels(left.html).length, 1);
        await settled(inside, id, 'sent', ...(isCurrent ? ['wire'] : IN_PAGE));
      });
    }

    test('sent all the same after the question about an attachment', async () => {
      const mail = await tracked(page, { subject: 'Sure', body: 'It is attached.' });
      const id = await draftId(mail);
      await part.send(mail).click();
      await page.locator('[role="alertdialog"] [name="ok"]').click();
      const left = await mailThatLeft(run, id);
      // Without the request, nobody knows that the button of this dialog sends until it has.
      assert.equal(pixels(left.html).length, isCurrent ? 1 : 0);
      await (isCurrent ? settled(inside, id, 'sent', 'wire') : settled(inside, id, 'untracked', ...IN_PAGE));
    });

    test('scheduled by a time on offer, and by date and time, with the image that it leaves with', async () => {
      const mail = await tracked(page, { subject: 'Tomorrow' });
      const id = await draftId(mail);
      await askTime(mail);
      await dialog(page).locator('.Az').first().click();
      assert.equal(pixels((await scheduled(run, id)).html).length, 1);
      const first = await settled(inside, id, 'scheduled', ...(isCurrent ? ['wire'] : IN_PAGE));
      const tomorrow = new Date().setHours(8, 0, 0, 0) + 86_400_000;
      if (isCurrent) assert.equal(first.sent_at, tomorrow);
      else assert.ok(Math.abs(first.sent_at - Date.now()) < 60_000);
      const row = inside.locator('[data-kaifu="message"]', { hasText: 'Tomorrow' });
      const words = isCurrent ? 'Scheduled for' : 'send time unknown';
      await until('the words for it', () => row.locator('.details').textContent(), (text) => text.includes(words));

      const other = await tracked(page, { subject: 'Some day' });
      const second = await draftId(other);
      await askTime(other);
      await dialog(page).locator('.AM').click();
      await dialog(page).locator('[type="date"]').fill('2031-05-06');
      await dialog(page).locator('[type="time"]').fill('07:08');
      await until('the editor without an image', () => part.body(other).innerHTML(), (html) => pixels(html).length === 0);
      await dialog(page).locator('button:not([name="cancel"])').click();
      assert.equal(pixels((await scheduled(run, second)).html).length, 1);
      const record = await settled(inside, second, 'scheduled', ...(isCurrent ? ['wire'] : IN_PAGE));
      if (isCurrent) assert.equal(record.sent_at, new Date('2031-05-06T07:08').getTime());
    });

    test('not scheduled: a cancelled dialog leaves no image and says nothing', async () => {
      const mail = await tracked(page, { subject: 'Not yet' });
      const id = await draftId(mail);
      for (const choose of ['.Az.AM', null]) {
        await askTime(mail);
        if (choose) await dialog(page).locator(choose).click();
        await dialog(page).locator('[name="cancel"]').click();
        await until('the editor without an image', () => part.body(mail).innerHTML(), (html) => pixels(html).length === 0);
      }
      await part.body(mail).press('End');
      await part.body(mail).pressSequentially(' Later.');
      assert.deepEqual(pixels((await draftOf(run, id, (it) => it.html.includes('Later.'))).html), []);
      assert.notEqual((await kept(inside, id))?.outcome, 'scheduled');
      assert.equal(pixels((await send(run, mail)).html).length, 1);
      await page.locator('#link_undo').waitFor();
    });

    if (isCurrent) {
      test('pressed several times, and by another program: one image, one message', async () => {
        const mail = await tracked(page, { subject: 'Impatient' });
        const id = await draftId(mail);
        await part.send(mail).evaluate((button) => {
          for (const kind of ['mousedown', 'mouseup']) button.dispatchEvent(new MouseEvent(kind, { bubbles: true }));
          button.click();
          button.click();
          button.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
        });
        const left = await mailThatLeft(run, id);
        assert.equal(pixels(left.html).length, 1);
        await settled(inside, id, 'sent', 'wire');
        const rows = inside.locator('[data-kaifu="message"]', { hasText: 'Impatient' });
        await rows.first().waitFor();
        assert.equal(await rows.count(), 1);
      });

      const archives = {
        'a click on Send & archive': (mail) => mail.locator('.Uo').click(),
        'Enter on Send & archive': (mail) => mail.locator('.Uo').press('Enter'),
        'Control+Shift+Enter': (mail) => part.body(mail).press('Control+Shift+Enter'),
      };
      for (const [name, press] of Object.entries(archives)) {
        test(`${name} sends one image`, async () => {
          const other = await openMail(run, { query: { archive: 1 } });
          const { legacy } = run.stage.mailboxes[0].receive({ subject: name, html: '<div dir="ltr">Hello</div>' });
          await other.goto(`https://mail.google.com/mail/u/0/?archive=1&v=${legacy}#all/${legacy}`);
          const reply = await answer(other, 'bkH');
          await part.body(reply).fill('Done');
          await track(reply);
          const id = await draftId(reply);
          await press(reply);
          assert.equal(pixels((await mailThatLeft(run, id)).html).length, 1);
          await settled(inside, id, 'sent', 'wire');
          await other.close();
        });
      }

      for (const [kind, name] of [['bkH', 'reply'], ['bkI', 'reply to all'], ['bkG', 'forward']]) {
        for (const unfolded of [false, true]) {
          test(`a ${name} has its image between the typed part and the ${unfolded ? 'unfolded' : 'folded'} quote, whose other images stay`, async () => {
            const foreign = '<img src="https://images.example.org/p/logo.png" alt="a &lt; b" width="9">';
            const { legacy } = run.stage.mailboxes[0].receive({ subject: `${name} ${unfolded}`, html: `<div dir="ltr">Hello ${foreign}</div>` });
            await page.goto(`https://mail.google.com/mail/u/0/?v=${legacy}#all/${legacy}`);
            const reply = await answer(page, kind);
            await part.body(reply).fill('Typed');
            if (kind === 'bkG') await part.to(reply).fill('reader@example.org');
            if (unfolded) await reply.locator('.ajR').click();
            const quote = unfolded ? (await part.body(reply).innerHTML()).match(/<div class="gmail_quote[\s\S]*$/)[0] : await reply.locator('input[name="uet"]').inputValue();
            await track(reply);
            const left = await send(run, reply);
            const [image, ...more] = pixels(left.html);
            assert.deepEqual(more, []);
            assert.match(left.html, /^<div dir="ltr">Typed(<br>)?<img src="[^"]+" width="1" height="1" alt="">/);
            assert.equal(left.html.replace(image, ''), unfolded ? `<div dir="ltr">Typed<br>${quote}</div>` : `<div dir="ltr">Typed</div>${quote}`);
            await settled(inside, left.id, 'sent', 'wire');
          });
        }
      }
    }
  });
}
