// Marks beside mails that were never to be tracked, where the user asks for such marks.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { askTime, checked, compose, dialog, draftId, fill, mailThatLeft, messageIn, openMail, part, pixels, readyToggle, saveChoice, send, sendTracked, start, stored, tell, track, until } from './harness.mjs';
import { MARK, marked, rerender, rowOf, sendUntracked, show } from './marks.mjs';

const markUntracked = (run, wanted) => saveChoice(run, '#mark-untracked', wanted);

/** Waits until a mail's row says that tracking was off. */
async function saysThatTrackingWasOff(scope) {
  await marked(scope, 'off');
  const mark = scope.locator(MARK);
  assert.equal(await mark.getAttribute('data-kaifu-reason'), 'not_asked');
  assert.equal(await mark.getAttribute('aria-label'), 'Not tracked (tracking was off)');
  assert.equal(await mark.getAttribute('title'), 'Not tracked (tracking was off) · Tracking was off for this message.');
}

describe('mails that are not tracked, unless the user asks for marks', () => {
  let run;
  before(async () => (run = await start({ undo: 30 })));
  after(() => run?.close());

  test('leave nothing with the worker, which is told nothing of them', async () => {
    const inside = await run.openPopup();
    // Every message to the worker comes to the extension's other pages as well.
    await inside.evaluate(() => {
      window.calls = [];
      chrome.runtime.onMessage.addListener((message) => void window.calls.push(message.call));
    });
    const page = await openMail(run, { hash: '#sent' });
    const left = await sendUntracked(run, page, { subject: 'Private' });
    await rowOf(page, left.thread).waitFor();
    await page.locator('#link_undo').waitFor();
    // What is told of a tracked one would have come after anything about the other.
    const other = await sendTracked(run, page, { subject: 'Public' });
    await marked(rowOf(page, other.thread), 'unseen');
    await until('the end of the tracked one', () => stored(inside, 'messages'), ([message]) => message?.outcome === 'sent');
    const calls = await inside.evaluate(() => window.calls);
    assert.equal(calls.filter((call) => call === 'settle').length, 1, calls.join());
    assert.ok(calls.includes('press') && !calls.includes('press_untracked'), calls.join());
    await marked(rowOf(page, left.thread));
    assert.deepEqual(await stored(inside, 'untracked'), []);
    assert.deepEqual((await stored(inside, 'drafts')).map(({ draft }) => draft), [other.id]);
    // Nor does it keep what a tab tells that has not heard of the setting.
    await tell(run, page, { call: 'press_untracked', message: 'AAAAAAAAAAE', draft: left.id, thread: left.thread });
    assert.deepEqual(await stored(inside, 'untracked'), []);
    await Promise.all([inside, page].map((each) => each.close()));
  });
});

// Without its requests, only the signs on Gmail's page are left.
for (const [wire, csp] of [['current', 'eval'], ['unknown', 'strict']]) {
  describe(`marks of untracked mails, with requests in the ${wire} form, ${csp} policy`, () => {
    let run;
    let page;
    let inside;
    before(async () => {
      run = await start({ undo: 30, wire, csp });
      page = await openMail(run, { hash: '#sent' });
      inside = await run.openPopup();
      await markUntracked(run, true);
    });
    // A tab in the back is slowed down.
    beforeEach(() => page.bringToFront());
    after(() => run?.close());

    test('say that tracking was off, and keep no more than ids', async () => {
      const clicked = await sendUntracked(run, page, { subject: 'Clicked' });
      const mail = await compose(page);
      await fill(mail, { subject: 'By a key' });
      const id = await draftId(mail);
      await part.body(mail).press('Control+Enter');
      const typed = await mailThatLeft(run, id);
      for (const { thread, html } of [clicked, typed]) {
        await saysThatTrackingWasOff(rowOf(page, thread));
        assert.equal(html, '<div dir="ltr">A few words.</div>');
      }
      const known = ['message', 'draft', 'thread', 'recipients', 'subject', 'sent_at', 'mailbox_path', 'outcome', 'signal', 'settled_at'];
      for (const record of await stored(inside, 'untracked')) {
        assert.deepEqual([record.subject, record.recipients, record.mailbox_path], ['', [], '']);
        for (const [name, value] of Object.entries(record)) assert.ok(known.includes(name) || value == null, `${name}: ${value}`);
      }
      assert.deepEqual(await stored(inside, 'messages'), []);
      assert.deepEqual(await stored(inside, 'drafts'), []);
    });

    test('are no mails of the popup, nor of the badge, nor of the desktop', async () => {
      const left = await sendUntracked(run, page, { subject: 'Elsewhere' });
      await marked(rowOf(page, left.thread), 'off');
      const tracked = await sendTracked(run, page, { subject: 'Here' });
      const rows = inside.locator('[data-kaifu="message"]');
      await until('the tracked one', () => rows.allTextContents(), (texts) => texts.some((text) => text.includes('Here')));
      assert.equal(await rows.count(), 1);
      assert.equal(await run.badgeText(), '');
      assert.deepEqual(await run.notifications(), {});
      assert.equal(await page.locator('[data-kaifu="status"]:not(:empty)').count(), 0);
      await marked(rowOf(page, tracked.thread), 'unseen');
    });

    test('go with the send that is taken back, and change with the next one', async () => {
      const mail = await compose(page);
      await fill(mail, { subject: 'On and off' });
      const first = await send(run, mail);
      await saysThatTrackingWasOff(rowOf(page, first.thread));
      await page.locator('#link_undo').click();
      await mail.waitFor();
      await until('the end of it', () => stored(inside, 'untracked'), (all) => all.some((it) => it.draft === first.id && it.outcome === 'undone'));
      await track(mail);
      const second = await send(run, mail);
      assert.equal(pixels(second.html).length, 1);
      await marked(rowOf(page, second.thread), 'unseen');
      const message = messageIn(second.html);
      assert.deepEqual((await stored(inside, 'untracked')).filter((it) => it.message === message || it.draft === second.id), []);
      await page.locator('#link_undo').click();
      await mail.waitFor();
      await part.toggle(mail).click();
      await checked(part.toggle(mail), false);
      const third = await send(run, mail);
      assert.deepEqual(pixels(third.html), []);
      await saysThatTrackingWasOff(rowOf(page, third.thread));
      assert.deepEqual((await stored(inside, 'messages')).filter((it) => it.message === message), []);
    });

    test('are silent about a mail that Gmail refused, until it leaves', async () => {
      const mail = await compose(page);
      await fill(mail, { subject: 'Attached', body: 'It is attached.' });
      const id = await draftId(mail);
      await part.send(mail).click();
      await page.locator('[role="alertdialog"]').waitFor();
      await until('the refusal', () => stored(inside, 'untracked'), (all) => all.some((it) => it.draft === id && it.outcome === 'refused'));
      await page.locator('[role="alertdialog"] [name="ok"]').click();
      const left = await mailThatLeft(run, id);
      await saysThatTrackingWasOff(rowOf(page, left.thread));
    });

    test('stand beside a scheduled mail, and go when it is a draft again, after a reload too', async () => {
      const mail = await compose(page);
      await fill(mail, { subject: 'At another time' });
      const id = await draftId(mail);
      await askTime(mail);
      await dialog(page).locator('.Az').first().click();
      const waiting = await until('the schedule', () => run.stage.scheduled().find((each) => each.id === id));
      const its = (outcome) => until(outcome, () => stored(inside, 'untracked'), (all) => all.some((it) => it.draft === id && it.outcome === outcome));
      await its('scheduled');
      await page.goto('https://mail.google.com/mail/u/0/?again=1#scheduled');
      await saysThatTrackingWasOff(rowOf(page, waiting.thread));
      await page.locator('tr.zA:visible', { hasText: 'At another time' }).click();
      await page.locator('.bqA:visible').click();
      await page.locator('.M9').waitFor();
      await its('cancelled');
      await page.goto('https://mail.google.com/mail/u/0/?again=2#sent');
    });

    test('stand beside a message, and behind a tracked one in the list', async () => {
      const first = await sendTracked(run, page, { subject: 'Both' });
      await marked(rowOf(page, first.thread), 'unseen');
      await show(page, `#all/${first.threadLegacy}`);
      const message = page.locator(`[data-message-id="#${first.id}"]:visible`);
      await message.locator('xpath=ancestor::*[@role="listitem"]').locator('.ams.bkH').click();
      const reply = page.locator('.ip.adB .M9');
      await part.body(reply).fill('Off the record');
      const second = await send(run, reply);
      assert.equal(second.thread, first.thread);
      await marked(message, 'unseen');
      await saysThatTrackingWasOff(page.locator(`[data-message-id="#${second.id}"]:visible`));
      await show(page, '#sent');
      await marked(rowOf(page, first.thread), 'unseen');
    });

    test('differ from the mark of a mail that was to be tracked and is not', async () => {
      const left = await sendUntracked(run, page, { subject: 'Failed' });
      await marked(rowOf(page, left.thread), 'off');
      const press = { call: 'press', message: 'AAAAAAAAAAE', draft: left.id, thread: left.thread, subject: '', recipients: [], at: Date.now() };
      await tell(run, page, press, { call: 'settle', message: 'AAAAAAAAAAE', outcome: 'untracked', signal: 'editor' });
      const mark = rowOf(page, left.thread).locator(MARK);
      await until('the other reason', () => mark.getAttribute('data-kaifu-reason'), (reason) => reason === 'not_tracked');
      assert.match(await mark.getAttribute('title'), /^Sent untracked · Tracking was on, but the email went out without its image/);
    });

    test('go in every tab when they are switched off, with all that was kept, and come for later mails only', async () => {
      const second = await openMail(run, { hash: '#sent' });
      await page.bringToFront();
      const before = await sendUntracked(run, page, { subject: 'Of before' });
      await rerender(second);
      for (const each of [page, second]) await marked(rowOf(each, before.thread), 'off');
      await markUntracked(run, false);
      for (const each of [page, second]) await marked(rowOf(each, before.thread));
      assert.deepEqual(await stored(inside, 'untracked'), []);
      const silent = await sendUntracked(run, page, { subject: 'Of in between' });
      await markUntracked(run, true);
      await second.bringToFront();
      const later = await sendUntracked(run, second, { subject: 'Of later' });
      await rerender(page);
      for (const each of [page, second]) {
        await saysThatTrackingWasOff(rowOf(each, later.thread));
        await marked(rowOf(each, before.thread));
        await marked(rowOf(each, silent.thread));
      }
      assert.equal((await stored(inside, 'untracked')).length, 1);
      await second.close();
    });

    test('are there before the backend has given an account', async () => {
      await run.server.stop();
      await inside.evaluate(() => chrome.storage.local.remove('accounts'));
      await page.goto('https://mail.google.com/mail/u/0/?again=3#sent');
      const mail = await compose(page);
      await fill(mail, { subject: 'Too early' });
      await mail.locator('[data-kaifu="status"][data-kaifu-state="offline"]').waitFor();
      const left = await send(run, mail);
      await saysThatTrackingWasOff(rowOf(page, left.thread));
      await run.server.start();
      await readyToggle(await compose(page));
    });

    test('are kept for half a year', async () => {
      const days = (number) => Date.now() - number * 86_400_000;
      await inside.evaluate((times) => new Promise((resolve, reject) => {
        const opening = indexedDB.open('kaifu');
        opening.onerror = reject;
        opening.onsuccess = () => {
          const transaction = opening.result.transaction('untracked', 'readwrite');
          for (const [message, at] of Object.entries(times)) {
            transaction.objectStore('untracked').put({ message, draft: message, thread: 'thread-a:r1', subject: '', recipients: [], sent_at: at });
          }
          transaction.oncomplete = () => {
            opening.result.close();
            resolve();
          };
        };
      }), { AAAAAAAAAAI: days(181), AAAAAAAAAAM: days(179) });
      const left = await sendUntracked(run, page, { subject: 'Of today' });
      await marked(rowOf(page, left.thread), 'off');
      const messages = (await stored(inside, 'untracked')).map((it) => it.message);
      assert.deepEqual([messages.includes('AAAAAAAAAAI'), messages.includes('AAAAAAAAAAM')], [false, true]);
    });
  });
}
