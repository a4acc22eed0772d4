import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ACCOUNTS } from '../stage/mailbox.mjs';
import { compose, draftId, fill, kept, mailUrl, mailThatLeft, messageIn, openMail, part, pixels, sendTracked, start, stored, track, until } from './harness.mjs';

const OFFICE = 2;
const ADDRESSES = ACCOUNTS.map(({ email }) => email);
const rowOf = (popup, mail) => popup.locator(`[data-kaifu="message"][data-message="${messageIn(mail.html)}"]`);

/** Waits until the popup shows exactly these mails, in this order. */
const shows = (popup, ...mails) => until(
  'the mails in the popup',
  () => popup.locator('[data-kaifu="message"]').evaluateAll((rows) => rows.map((row) => row.dataset.message)),
  (now) => JSON.stringify(now) === JSON.stringify(mails.map((mail) => messageIn(mail.html))),
);

/** Presses "Show in Gmail" of a mail and waits until a tab is at `address`. */
async function showInGmail(run, popup, mail, address) {
  const row = rowOf(popup, mail);
  if (await row.locator('[data-action="toggle"]').getAttribute('aria-expanded') === 'false') await row.locator('[data-action="toggle"]').click();
  await row.locator('[data-action="show"]').click();
  return until(`a tab at ${address}`, () => run.context.pages().find((page) => page.url() === address));
}

describe('several mailboxes in one browser', () => {
  let run;
  const sent = [];
  before(async () => (run = await start({ undo: 30 })));
  after(() => run?.close());

  test('each mail belongs to the mailbox that sent it, a delegated one too', async () => {
    const popup = await run.openPopup();
    for (const account of [0, 1, OFFICE]) {
      const page = await openMail(run, { account });
      sent.push(await sendTracked(run, page, { subject: `From ${account}` }));
      assert.equal(sent[account].account, account);
      assert.equal(pixels(sent[account].html).length, 1);
      await until('the address of the conversation', () => kept(popup, sent[account].id), (it) => it?.legacy_thread);
      await page.close();
    }
    for (const [account, mail] of sent.entries()) {
      await rowOf(popup, mail).waitFor();
      assert.match(await rowOf(popup, mail).locator('.details').textContent(), new RegExp(ADDRESSES[account].replaceAll('.', '\\.')));
    }
    await popup.close();
  });

  test('the popup shows one or all of them, by keyboard, and remembers which', async () => {
    const popup = await run.openPopup();
    await shows(popup, ...sent.toReversed());
    const choice = popup.getByRole('combobox', { name: 'Account' });
    assert.deepEqual(await choice.locator('option').allTextContents(), ['All accounts', ...ADDRESSES.toSorted()]);
    await choice.focus();
    await choice.press('ArrowDown');
    await shows(popup, sent[OFFICE]);
    assert.equal(await choice.inputValue(), ADDRESSES[OFFICE]);
    await until('the choice to be kept', () => popup.evaluate(() => chrome.storage.local.get('popup_mailbox')), (kept) => kept.popup_mailbox === 'office@example.net');
    await popup.close();

    const again = await run.openPopup();
    await shows(again, sent[OFFICE]);
    assert.equal(await again.getByRole('combobox', { name: 'Account' }).inputValue(), ADDRESSES[OFFICE]);
    await again.getByRole('combobox', { name: 'Account' }).selectOption('');
    await shows(again, ...sent.toReversed());
    await again.close();
  });

  test('a conversation opens in the tab of its own mailbox, wherever that is', async () => {
    const [first, office] = [await openMail(run), await openMail(run, { account: OFFICE })];
    const popup = await run.openPopup();
    assert.equal(await showInGmail(run, popup, sent[0], `${mailUrl(0)}#all/${sent[0].threadLegacy}`), first);
    assert.equal(await showInGmail(run, popup, sent[OFFICE], `${mailUrl(OFFICE)}#all/${sent[OFFICE].threadLegacy}`), office);
    for (const [page, mail] of [[first, sent[0]], [office, sent[OFFICE]]]) await page.locator(`[data-message-id="#${mail.id}"]`).waitFor();
    // No tab shows the second mailbox, and another one's is not taken for it.
    const opened = await showInGmail(run, popup, sent[1], `${mailUrl(1)}#all/${sent[1].threadLegacy}`);
    await opened.locator(`[data-message-id="#${sent[1].id}"]`).waitFor();
    await Promise.all([first, office, opened, popup].map((page) => page.close()));
    const later = await run.openPopup();
    const delegated = await showInGmail(run, later, sent[OFFICE], `${mailUrl(OFFICE)}#all/${sent[OFFICE].threadLegacy}`);
    await delegated.locator(`[data-message-id="#${sent[OFFICE].id}"]`).waitFor();
    await Promise.all([delegated, later].map((page) => page.close()));
  });

  test('a mail sent under another name stays with its mailbox, which the popup says', async () => {
    const page = await openMail(run, { query: { alias: 'press@example.com' } });
    const left = await sendTracked(run, page, { subject: 'Under another name' });
    assert.equal(left.from.email, 'press@example.com');
    const popup = await run.openPopup();
    await rowOf(popup, left).waitFor();
    const details = await rowOf(popup, left).locator('.details').textContent();
    for (const words of [ADDRESSES[0], 'press@example.com']) assert.ok(details.includes(words), details);
    assert.equal(await popup.locator('#mailbox option').count(), 1 + ACCOUNTS.length);
    await popup.close();
    await page.close();
  });
});

/** Puts a database of the first version in the place of the present one, with `mail` in it. */
const keepInFirstVersion = (page, mail) => page.evaluate((record) => new Promise((resolve, reject) => {
  const deleting = indexedDB.deleteDatabase('kaifu');
  deleting.onerror = () => reject(deleting.error);
  deleting.onsuccess = () => {
    const opening = indexedDB.open('kaifu', 1);
    opening.onerror = () => reject(opening.error);
    opening.onupgradeneeded = () => {
      const table = (name, keyPath, ...fields) => {
        const store = opening.result.createObjectStore(name, { keyPath });
        for (const field of fields) store.createIndex(field, field);
        return store;
      };
      table('messages', 'message', 'sent_at', 'thread').put(record);
      table('opens', ['account', 'seq'], 'message', 'unannounced', 'fresh');
      table('cursors', 'account');
      table('views', ['message', 'at'], 'message');
      table('drafts', 'draft', 'used_at');
    };
    opening.onsuccess = () => {
      opening.result.close();
      resolve();
    };
  };
}), mail);

describe('one mailbox', () => {
  let run;
  before(async () => (run = await start({ undo: 30 })));
  after(() => run?.close());

  test('keeps the mails of an earlier version', async () => {
    // A page of the extension on which nothing wakes the worker.
    const bare = await run.context.newPage();
    await bare.goto(new URL('icons/16.png', run.popupUrl).href);
    await until('the database', () => bare.evaluate(() => indexedDB.databases()), (found) => found.length > 0);
    await run.stopWorker();
    await keepInFirstVersion(bare, {
      message: 'AQIDBAUGBwg', mailbox: ADDRESSES[0], mailbox_index: 0, subject: 'Of before', recipients: [], sent_at: Date.now(), outcome: 'sent',
    });
    await bare.close();
    const page = await openMail(run);
    const left = await sendTracked(run, page, { subject: 'Of now' });
    const again = await run.openPopup();
    await rowOf(again, left).waitFor();
    const before = again.locator('[data-kaifu="message"][data-message="AQIDBAUGBwg"]');
    assert.match(await before.textContent(), /Of before/);
    await Promise.all([again, page].map((each) => each.close()));
  });

  test('needs no choice', async () => {
    const page = await openMail(run);
    const left = await sendTracked(run, page, { subject: 'Alone' });
    const popup = await run.openPopup();
    await rowOf(popup, left).waitFor();
    assert.equal(await popup.locator('#mailboxes').isVisible(), false);
    await popup.close();
    await page.close();
  });

  test('in two windows has one list, and a choice holds in both', async () => {
    const page = await openMail(run);
    const opening = run.context.waitForEvent('page');
    await page.evaluate((url) => void window.open(url, '_blank', 'popup,width=1000,height=700'), mailUrl(0));
    const second = await opening;
    const mail = await compose(second);
    await fill(mail, { subject: 'In the second window' });
    await track(mail);
    const id = await draftId(mail);
    await until('the draft', () => run.stage.drafts().some((draft) => draft.id === id));
    await page.evaluate(() => (location.hash = '#drafts'));
    await page.evaluate(() => document.dispatchEvent(new Event('stage:render')));
    await page.locator('tr.zA:visible', { hasText: 'In the second window' }).click();
    const same = page.locator('.M9');
    await until('the choice in the first window', () => part.toggle(same).getAttribute('aria-checked'), (state) => state === 'true');
    await page.locator('.Hm .Ha').click();
    await part.send(mail).click();
    const left = await mailThatLeft(run, id);
    assert.equal(pixels(left.html).length, 1);
    await page.evaluate(() => (location.hash = '#sent'));
    await page.evaluate(() => document.dispatchEvent(new Event('stage:render')));
    await page.locator(`tr.zA:visible:has([data-thread-id="#${left.thread}"]) [data-kaifu="mark"]`).waitFor();
    const popup = await run.openPopup();
    await rowOf(popup, left).waitFor();
    assert.equal(await rowOf(popup, left).count(), 1);
    await Promise.all([popup, second, page].map((each) => each.close()));
  });
});

describe('a mail to oneself', () => {
  let run;
  before(async () => (run = await start()));
  after(() => run?.close());

  test('says why nothing is seen and how to try, and no other does', async () => {
    const page = await openMail(run);
    const self = await sendTracked(run, page, { to: 'Sender+try@example.com', subject: 'To myself' });
    const second = await sendTracked(run, page, { to: 'second@example.org', subject: 'To my second account' });
    const reader = await sendTracked(run, page, { subject: 'To a reader' });
    const hint = (popup, mail) => rowOf(popup, mail).locator('.to-self');
    const before = await run.openPopup();
    await hint(before, self).waitFor({ state: 'attached' });
    // Whose the other address is is not known before a tab shows that mailbox, which has sent nothing.
    assert.equal(await hint(before, second).count(), 0);
    await before.close();
    const received = [...run.stage.mailboxes[1].threads.values()].find((thread) => thread.messages[0].subject === 'To my second account');
    const other = await openMail(run, { account: 1, hash: `#all/${received.legacy}` });
    const popup = await run.openPopup();
    await until('the view', () => stored(popup, 'views'), (all) => all.some(({ message }) => message === messageIn(second.html)));
    await hint(popup, second).waitFor({ state: 'attached' });
    assert.match(await hint(popup, second).textContent(), /your own addresses.*on your phone, or send one to someone else/);
    assert.equal(await hint(popup, reader).count(), 0);
    // On another device it is seen as any other, and there is nothing to explain.
    await run.stage.open(self.id, 'firefox');
    await until('the open', () => rowOf(popup, self).getAttribute('data-kaifu-state'), (state) => state === 'opened');
    assert.equal(await hint(popup, self).count(), 0);
    for (const it of [popup, other, page]) await it.close();
  });
});
