// What becomes of a mail that was to be sent later: cancelled in a list, in its conversation or
// elsewhere, thrown away, or sent after all.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { IN_PAGE, askTime, checked, dialog, draftId, kept, messageIn, openMail, part, pixels, send, settled, start, track, tracked, until } from './harness.mjs';

const SCHEDULED = ['^scheduled'];
const DRAFT = ['^r', '^r_bt'];

/** How long the content script gathers changes before it looks at a list, and some more, in milliseconds. */
const LOOK_MS = 2_000;

/** How far ahead a time is that a test waits for, in milliseconds. */
const SOON_MS = 4_000;

/** A time as the fields of the dialog take it, in the browser's time zone. */
function fields(at) {
  const two = (number) => String(number).padStart(2, '0');
  return {
    date: `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`,
    time: `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`,
  };
}

for (const csp of ['eval', 'strict']) {
  for (const wire of ['current', 'unknown']) {
    describe(`a mail for a later time, with requests in the ${wire} form, ${csp} policy`, () => {
      const isCurrent = wire === 'current';
      let run;
      let page;
      let inside;
      before(async () => {
        run = await start({ csp, wire, undo: 30 });
        page = await openMail(run);
        inside = await run.openPopup();
      });
      // A tab in the back is slowed down.
      beforeEach(() => page.bringToFront());
      after(() => run?.close());

      const waiting = (id) => until('the schedule', () => run.stage.scheduled().find((each) => each.id === id));
      const draft = (id) => until('the draft', () => run.stage.drafts().find((each) => each.id === id));
      const inPopup = (subject) => inside.locator('[data-kaifu="message"]', { hasText: subject });
      const listed = (mail) => page.locator(`tr.zA:visible:has([data-thread-id="#${mail.thread}"])`);
      const show = (route) => page.evaluate((to) => (location.hash = to), route);

      /** Schedules a tracked mail, at a time on offer or at `at`, and gives it as Gmail keeps it. */
      async function schedule(subject, at) {
        const mail = await tracked(page, { subject });
        return later(mail, await draftId(mail), at);
      }

      async function later(mail, id, at) {
        await askTime(mail);
        if (at) {
          await dialog(page).locator('.AM').click();
          await dialog(page).locator('[type="date"]').fill(fields(at).date);
          await dialog(page).locator('[type="time"]').fill(fields(at).time);
          await dialog(page).locator('button:not([name="cancel"])').click();
        } else await dialog(page).locator('.Az').first().click();
        const kept = await waiting(id);
        await settled(inside, id, 'scheduled', ...(isCurrent ? ['wire'] : IN_PAGE));
        return kept;
      }

      /** Presses a button over the list of scheduled mails, with one of them selected. */
      async function press(name, mail) {
        await listed(mail).locator('[role="checkbox"]').click();
        await page.locator(`[gh="tm"]:visible [act="${name}"]`).click();
      }

      /** Comes back to Gmail later, with nothing to undo there, and looks at `mail` in its list. */
      async function comeBack(mail) {
        await page.goto(`https://mail.google.com/mail/u/0/?back=${mail.legacy}#scheduled`);
        await listed(mail).locator('[data-kaifu="mark"][data-kaifu-state="scheduled"]').waitFor();
        if (!isCurrent) await pause();
      }

      async function lookAt(route, mail) {
        await show(route);
        await listed(mail).waitFor();
        await pause();
      }

      /** Gives the content script the time for a look at the list: nothing in the page tells that it had one. */
      async function pause() {
        const shown = Date.now();
        await until('a look at the list', () => Date.now() - shown > LOOK_MS);
      }

      /** Cancels a mail in the list, and opens its draft afterwards. */
      async function cancelAndOpen(mail) {
        await comeBack(mail);
        await press('cancel', mail);
        await settled(inside, mail.id, 'cancelled', ...(isCurrent ? ['wire'] : IN_PAGE));
        await show('#drafts');
        await listed(mail).click();
        const form = page.locator('.M9');
        await checked(part.toggle(form), true);
        return form;
      }

      test('cancelled in the list, without its draft being opened, and given back', async () => {
        const mail = await schedule('Cancelled in the list');
        await comeBack(mail);
        await press('cancel', mail);
        await draft(mail.id);
        const record = await settled(inside, mail.id, 'cancelled', ...(isCurrent ? ['wire'] : IN_PAGE));
        await until('the popup without it', () => inPopup(mail.subject).count(), (count) => count === 0);
        await inside.getByText('No tracked emails yet').waitFor();
        assert.equal(await page.locator('.M9').count(), 0);

        await page.locator('#link_undo').click();
        await waiting(mail.id);
        const again = await settled(inside, mail.id, 'scheduled', isCurrent ? 'wire' : 'list');
        assert.equal(again.sent_at, record.sent_at);
        await until('the popup with it', () => inPopup(mail.subject).locator('.details').textContent(), (text) => text.includes(isCurrent ? 'Scheduled for' : 'send time unknown'));
      });

      test('thrown away in the list', async () => {
        const mail = await schedule('Thrown away');
        await comeBack(mail);
        await press('bin', mail);
        await settled(inside, mail.id, 'cancelled', ...(isCurrent ? ['wire'] : IN_PAGE));
      });

      test('archived, it will be sent all the same', async () => {
        const mail = await schedule('Archived');
        const record = await kept(inside, mail.id);
        await comeBack(mail);
        await press('archive', mail);
        await page.locator(`#link_undo[param="#${mail.thread}"]`).waitFor();
        await pause();
        // What is known of another one afterwards is known of this one.
        const other = await schedule('Cancelled after it');
        await comeBack(other);
        await press('cancel', other);
        await settled(inside, other.id, 'cancelled', ...(isCurrent ? ['wire'] : IN_PAGE));
        const { outcome, settled_at: settledAt } = await kept(inside, mail.id);
        assert.deepEqual([outcome, settledAt], ['scheduled', record.settled_at]);
        assert.equal(await inPopup(mail.subject).count(), 1);
      });

      test('cancelled in its conversation after a reload, changed, and scheduled again: the same message', async () => {
        const mail = await schedule('Changed');
        await page.goto(`https://mail.google.com/mail/u/0/?again=${mail.legacy}#scheduled`);
        await listed(mail).click();
        await page.locator('.bqA:visible').click();
        const form = page.locator('.M9');
        await checked(part.toggle(form), true);
        await until('cancelled', () => kept(inside, mail.id), (it) => it.outcome === 'cancelled' && it.signal === (isCurrent ? 'wire' : 'form'));
        await until('the editor without it', () => part.body(form).innerHTML(), (html) => pixels(html).length === 0);
        await part.body(form).press('End');
        await part.body(form).pressSequentially(' More.');
        await until('the draft without it', () => draft(mail.id), (it) => it.html.includes('More.') && pixels(it.html).length === 0);
        const again = await later(form, mail.id, new Date(2031, 4, 6, 7, 8));
        assert.match(again.html, /More\./);
        assert.equal(pixels(again.html).length, 1);
        assert.equal(messageIn(again.html), messageIn(mail.html));
        if (isCurrent) assert.equal((await kept(inside, mail.id)).sent_at, new Date(2031, 4, 6, 7, 8).getTime());
        await until('one row for it', () => inPopup(mail.subject).count(), (count) => count === 1);
      });

      test('cancelled, opened, and sent now: the same message', async () => {
        const mail = await schedule('Now');
        const form = await cancelAndOpen(mail);
        const left = await send(run, form);
        assert.equal(messageIn(left.html), messageIn(mail.html));
        await settled(inside, mail.id, 'sent', ...(isCurrent ? ['wire'] : IN_PAGE));
      });

      test('cancelled, and scheduled again without its image: it is not shown as tracked', async () => {
        const mail = await schedule('No longer tracked');
        const form = await cancelAndOpen(mail);
        await part.toggle(form).click();
        await checked(part.toggle(form), false);
        await askTime(form);
        await dialog(page).locator('.Az').first().click();
        assert.deepEqual(pixels((await waiting(mail.id)).html), []);
        // What is known of another one afterwards is known of this one.
        await schedule('Tracked after it');
        await lookAt('#scheduled', mail);
        assert.equal((await kept(inside, mail.id)).outcome, 'cancelled');
      });

      test('one of two in a conversation, whose row stays for the other one', async () => {
        const { legacy } = run.stage.mailboxes[0].receive({ subject: 'Two answers', html: '<div dir="ltr">Hello</div>' });
        const mails = [];
        for (const words of ['First', 'Second']) {
          await page.goto(`https://mail.google.com/mail/u/0/?${words}=${legacy}#all/${legacy}`);
          await page.locator('.ams.bkH:visible').first().click();
          const reply = page.locator('.ip.adB .M9');
          await part.body(reply).fill(words);
          await track(reply);
          mails.push(await later(reply, await draftId(reply)));
        }
        const [first, second] = mails;
        assert.equal(first.thread, second.thread);
        await page.goto(`https://mail.google.com/mail/u/0/?two=${legacy}#scheduled`);
        await listed(first).click();
        await page.locator('.bqA:visible').first().click();
        await checked(part.toggle(page.locator('.M9')), true);
        await until('cancelled', () => kept(inside, first.id), (it) => it.outcome === 'cancelled');
        await page.locator('.Ha').click();
        await page.locator('.M9').waitFor({ state: 'detached' });

        // The other one goes and comes elsewhere, and with it the row.
        await lookAt('#scheduled', second);
        for (const [add, remove] of [[DRAFT, SCHEDULED], [SCHEDULED, DRAFT]]) {
          run.stage.mailboxes[0].label(second.thread, add, remove, [second.id]);
          await page.evaluate(() => document.dispatchEvent(new Event('stage:render')));
          await until('the row', () => listed(second).count(), (count) => count === (add === DRAFT ? 0 : 1));
          await pause();
        }
        assert.equal((await kept(inside, first.id)).outcome, 'cancelled');
        assert.equal((await kept(inside, second.id)).outcome, 'scheduled');
      });

      test('scheduled beside the list of drafts, which still shows its draft for a moment', async () => {
        await show('#drafts');
        const mail = await schedule('Beside the drafts');
        await listed(mail).waitFor({ state: 'detached' });
        assert.equal((await kept(inside, mail.id)).outcome, 'scheduled');
      });

      test('cancelled elsewhere: the list of drafts says so', async () => {
        const mail = await schedule('Cancelled elsewhere');
        run.stage.mailboxes[0].label(mail.thread, DRAFT, SCHEDULED, [mail.id]);
        await page.goto(`https://mail.google.com/mail/u/0/?elsewhere=${mail.legacy}#drafts`);
        await listed(mail).waitFor();
        await settled(inside, mail.id, 'cancelled', 'list');
      });

      test('thought to be cancelled, and sent after all: its first load after its time shows it again', async () => {
        const due = new Date(Math.ceil((Date.now() + SOON_MS) / 1_000) * 1_000);
        const mail = await schedule('Sent after all', due);
        run.stage.mailboxes[0].label(mail.thread, DRAFT, SCHEDULED, [mail.id]);
        await page.goto(`https://mail.google.com/mail/u/0/?after=${mail.legacy}#drafts`);
        const { settled_at: cancelledAt } = await settled(inside, mail.id, 'cancelled', 'list');
        await until('the popup without it', () => inPopup(mail.subject).count(), (count) => count === 0);
        run.stage.mailboxes[0].label(mail.thread, ['^pfg', '^f'], DRAFT, [mail.id]);
        await until('its time', () => Date.now() > Math.max(due.getTime(), cancelledAt));
        await run.stage.open(mail.id, 'outlook');
        await settled(inside, mail.id, 'scheduled', 'fetch');
        await until('the popup with it', () => inPopup(mail.subject).getAttribute('data-kaifu-state'), (state) => state === 'opened');
      });
    });
  }
}
