// One browser with several Gmail tabs: one number, one choice and one story for each mail.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  checked, compose, draftId, fill, kept, mailThatLeft, messageIn, openMail, part, pixels, readyToggle, saveChoice, send, settled, start, stored, tell,
  tracked, until,
} from './harness.mjs';

const SYNC = /\/sync\/.*\/i\/s/;

let run;
let inside;
before(async () => {
  run = await start({ undo: 30 });
  inside = await run.openPopup();
});
after(() => run?.close());

/** A tab that shows the drafts. */
async function openDrafts(id) {
  const page = await openMail(run, { hash: '#drafts' });
  const row = page.locator('tr.zA:visible').filter({ has: page.locator(`[data-standalone-draft-id="#${id}"]`) });
  await row.waitFor();
  return { page, row };
}

/** Waits until Gmail's server has the draft. */
const saved = (id) => until('the draft to be saved', () => run.stage.drafts().find((each) => each.id === id));

/** Opens a draft in a tab of its own. */
async function openDraft(id) {
  const { page, row } = await openDrafts(id);
  await row.click();
  const mail = page.locator('.M9').first();
  await mail.waitFor();
  return { page, mail };
}

/** Writes a mail whose draft is saved, and gives its compose and its id. */
async function written(page, content) {
  const mail = await compose(page);
  await fill(mail, content);
  const id = await draftId(mail);
  await saved(id);
  return { mail, id };
}

describe('a mail in two tabs', () => {
  test('that left stays sent when its draft shows up in the other one, and its open is told', async () => {
    const page = await openMail(run);
    const mail = await tracked(page, { subject: 'Elsewhere' });
    const id = await draftId(mail);
    await saved(id);
    const other = await openDrafts(id);
    await page.bringToFront();
    const left = await send(run, mail);
    await settled(inside, id, 'sent', 'wire');
    await other.page.bringToFront();
    await other.row.click();
    await other.page.locator('.M9').first().waitFor();
    // What that tab says of it has arrived when a later choice in it has.
    const next = await tracked(other.page, { subject: 'Next' });
    const chosen = await draftId(next);
    await until('the choice', async () => (await stored(inside, 'drafts')).some((draft) => draft.draft === chosen));
    assert.equal((await kept(inside, id)).outcome, 'sent');
    await run.stage.open(id, 'firefox');
    await run.waitForNotification(messageIn(left.html));
    await other.page.close();
    await page.close();
  });

  test('keeps the last choice, whichever tab says its own again', async () => {
    const page = await openMail(run);
    const { mail, id } = await written(page, { subject: 'On, then off' });
    await (await readyToggle(mail)).click();
    await checked(part.toggle(mail), true);
    const other = await openDraft(id);
    await checked(await readyToggle(other.mail), true);
    await part.toggle(other.mail).click();
    await checked(part.toggle(mail), false);
    await other.page.close();
    await page.bringToFront();
    await compose(page);
    const third = await openDraft(id);
    await checked(await readyToggle(third.mail), false);
    assert.deepEqual(pixels((await send(run, third.mail)).html), []);
    await third.page.close();
    await page.close();
  });

  test('has the number of its draft, so that every page comes to the same', async () => {
    const page = await openMail(run);
    const mail = await tracked(page, { subject: 'One number' });
    const left = await send(run, mail);
    await settled(inside, left.id, 'sent', 'wire');
    await page.locator('#link_undo').click();
    await settled(inside, left.id, 'undone', 'wire');
    const other = await openDraft(left.id);
    const again = await send(run, other.mail);
    assert.equal(messageIn(again.html), messageIn(left.html));
    await settled(inside, left.id, 'sent', 'wire');
    assert.equal((await stored(inside, 'messages')).filter((it) => it.draft === left.id).length, 1);
    await other.page.close();
    await page.close();
  });
});

describe('what was decided at the press', () => {
  test('holds for a request that leaves from another page, though tracking was only the default', async () => {
    await saveChoice(run, '#default', true);
    const page = await openMail(run);
    try {
      const { mail, id } = await written(page, { subject: 'From the outbox' });
      await checked(await readyToggle(mail), true);
      run.stage.options.failSends = 1_000;
      const failed = page.waitForRequest((request) => SYNC.test(request.url()) && request.postData().includes('^pfg'));
      await part.send(mail).click();
      const request = await failed;
      await until('the press', () => kept(inside, id));
      await page.reload();
      await page.locator('[gh="cm"]').waitFor();
      await until('the content script', () => page.locator('html').getAttribute('data-kaifu-runtime'));
      await readyToggle(await compose(page));
      run.stage.options.failSends = 0;
      await page.evaluate(([url, body]) => new Promise((resolve) => {
        const xhr = new XMLHttpRequest();
        xhr.open('POST', url);
        xhr.onloadend = resolve;
        xhr.send(body);
      }), [request.url(), request.postData()]);
      const left = await mailThatLeft(run, id);
      assert.equal(pixels(left.html).length, 1);
      await settled(inside, id, 'sent', 'wire');
    } finally {
      run.stage.options.failSends = 0;
      await saveChoice(run, '#default', false);
      await page.close();
    }
  });

  test('"do not track this one" outlasts five hundred other mails', async () => {
    await saveChoice(run, '#default', true);
    const page = await openMail(run);
    try {
      const { mail, id } = await written(page, { subject: 'Never' });
      await (await readyToggle(mail)).click();
      await checked(part.toggle(mail), false);
      const at = Date.now();
      await tell(run, page, ...Array.from({ length: 501 }, (_, index) => ({
        call: 'press', message: `AAAAAAAA${String(index).padStart(3, '0')}`, draft: `msg-a:r${index}`, subject: '', recipients: [], at, delivery: at,
      })));
      await page.close();
      const again = await openDraft(id);
      await checked(await readyToggle(again.mail), false);
      assert.deepEqual(pixels((await send(run, again.mail)).html), []);
      await again.page.close();
    } finally {
      await saveChoice(run, '#default', false);
    }
  });
});

describe('what became of a mail', () => {
  test('is found out by any page, when the one that sent it has gone', async () => {
    const page = await openMail(run);
    const mail = await tracked(page, { subject: 'Reloaded' });
    const id = await draftId(mail);
    // The answer never reaches the page.
    let answer;
    run.stage.mayAnswerSends = new Promise((resolve) => (answer = resolve));
    await part.send(mail).click();
    await mailThatLeft(run, id);
    await until('the press', () => kept(inside, id));
    assert.equal((await kept(inside, id)).outcome, null);
    await page.close();
    answer();
    const other = await openMail(run, { hash: '#sent' });
    await until('the outcome', () => kept(inside, id), (it) => it.outcome === 'sent');
    await other.close();
  });
});
