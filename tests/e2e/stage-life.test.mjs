import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { compose, draftId, fill, openMail, part, send, start, until } from './harness.mjs';

let run;
before(async () => (run = await start({ extension: false, undo: 30 })));
after(() => run?.close());

const draft = (id) => run.stage.drafts().find((each) => each.id === id);
const saved = (id, good = () => true) => until(`draft ${id}`, () => draft(id), (each) => each && good(each));
const button = (page, name) => page.locator(`.Hm .${name}`);

/** Opens a conversation of the inbox and starts an answer of the kind. */
async function answer(page, kind, subject = 'quarterly') {
  await page.locator('tr.zA', { hasText: subject }).click();
  await page.locator(`.ams.${kind}:visible`).first().click();
  return page.locator('.ip.adB .M9');
}

describe('composes', () => {
  test('stand beside each other and have their own drafts', async () => {
    const page = await openMail(run);
    assert.equal(await page.locator('.dw').count(), 0);
    const [one, two] = [await compose(page), await compose(page)];
    assert.equal(await page.locator('.dw > .nH > .nH > .no > .nn > .AD > .nH > [role=dialog] .M9').count(), 2);
    assert.notEqual(await draftId(one), await draftId(two));
    assert.match(await draftId(one), /^msg-a:r-?\d+$/);
    const log = await part.send(one).getAttribute('jslog');
    const context = JSON.parse(Buffer.from(log.split('11:')[1].replaceAll('.', '='), 'base64').toString());
    assert.equal(context[0], `#${await draftId(one)}`);
    assert.match(context[6][0], /^#thread-a:r/);
    await page.close();
  });

  test('keep their nodes over the full screen and back, and when minimised', async () => {
    const page = await openMail(run);
    const mail = await compose(page);
    await mail.evaluate((node) => (window.kept = node));
    await button(page, 'Hq').click();
    assert.ok(await page.evaluate(() => window.kept === document.querySelector('body > .aSs > .aSt .M9')));
    await button(page, 'Hq').click();
    assert.ok(await page.evaluate(() => window.kept === document.querySelector('.dw .M9') && !document.querySelector('.aSs .M9')));
    await button(page, 'Hl').click();
    assert.equal(await mail.isVisible(), false);
    assert.equal(await mail.count(), 1);
    await page.close();
  });

  test('pop out into a page of their own with the same draft', async () => {
    const page = await openMail(run);
    const mail = await compose(page);
    await fill(mail, { subject: 'Out' });
    const id = await draftId(mail);
    const popup = page.waitForEvent('popup');
    await button(page, 'Hq').click({ modifiers: ['Shift'] });
    const alone = await popup;
    const moved = alone.locator('[role="main"] .M9');
    await moved.waitFor();
    assert.equal(await draftId(moved), id);
    assert.match(await alone.evaluate(() => document.body.className), /xE xp/);
    assert.equal(await alone.locator('[role="banner"]').count(), 0);
    assert.equal((await send(run, moved)).subject, 'Out');
    await alone.close();
    await page.close();
  });

  test('are saved while writing, closed, and come back from the drafts with their id', async () => {
    const page = await openMail(run, { query: { recipients: 'classic' } });
    const mail = await compose(page);
    await fill(mail, { subject: 'Later' });
    const id = await draftId(mail);
    const first = await saved(id, (each) => each.html.includes('A few words'));
    await part.body(mail).press('End');
    await part.body(mail).pressSequentially(' More.');
    const second = await saved(id, (each) => each.html.includes('More.'));
    assert.notEqual(first.legacy, second.legacy);
    assert.equal(first.threadLegacy, second.threadLegacy);
    await button(page, 'Ha').click();
    await page.locator('.M9').waitFor({ state: 'detached' });
    await page.goto('https://mail.google.com/mail/u/0/?recipients=classic#drafts');
    const row = page.locator('tr.zA', { hasText: 'Later' });
    await row.waitFor();
    assert.equal(await row.locator(`[data-standalone-draft-id="#${id}"]`).count(), 2);
    await row.click();
    assert.equal(await draftId(page.locator('.M9')), id);
    assert.equal(await page.locator('.vR input[name="to"]').getAttribute('value'), 'reader@example.org');
    await page.close();
  });

  test('open again after a reload, as the address names them', async () => {
    const page = await openMail(run);
    const mail = await compose(page);
    await fill(mail);
    const id = await draftId(mail);
    await saved(id);
    await page.waitForFunction(() => /compose=(?!new)/.test(location.hash));
    await page.reload();
    await page.locator('.M9').waitFor();
    assert.equal(await draftId(page.locator('.M9')), id);
    await page.close();
  });

  test('open from a mailto address in a page of their own', async () => {
    const page = await run.context.newPage();
    await page.goto('https://mail.google.com/mail/u/0/?view=cm&fs=1&tf=1&to=reader@example.org&su=Asked&body=Hi');
    const left = await send(run, page.locator('.M9'));
    assert.deepEqual([left.subject, left.to[0].email], ['Asked', 'reader@example.org']);
    await page.close();
  });

  test('are thrown away with their draft', async () => {
    const page = await openMail(run);
    const mail = await compose(page);
    await fill(mail);
    const id = await draftId(mail);
    await saved(id);
    await mail.locator('.oh').click();
    await until('the draft to go', () => draft(id), (each) => !each);
    await page.close();
  });

  test('are scheduled by a dialog outside of them, or not when it is cancelled', async () => {
    const page = await openMail(run);
    const mail = await compose(page);
    await fill(mail, { subject: 'Tomorrow' });
    const id = await draftId(mail);
    const ask = async () => {
      await mail.locator('.hG').dispatchEvent('mousedown');
      await mail.locator('[selector="scheduledSend"]').dispatchEvent('mouseup');
      await page.locator('body > [role="dialog"]').waitFor();
    };
    await ask();
    await page.locator('[role="dialog"] [name="cancel"]').click();
    await ask();
    await page.locator('[role="menuitem"].Az').first().click();
    await until('the schedule', () => run.stage.scheduled().some((each) => each.id === id));
    assert.equal(run.stage.mails().some((each) => each.id === id), false);
    await page.close();
  });
});

describe('answers', () => {
  test('stand inline with a collapsed quote that is a part of its own', async () => {
    const page = await openMail(run, { query: { lang: 'ja' } });
    const reply = await answer(page, 'bkH');
    assert.match(await reply.locator('input[name="uet"]').inputValue(), /gmail_quote[\s\S]*googleusercontent\.com\/meips\/[\s\S]*#https:\/\/images\.example\.org/);
    await part.body(reply).fill('Thanks');
    const [id, rm] = [await draftId(reply), await reply.locator('input[name="rm"]').inputValue()];
    assert.match(rm, /^#msg-f:\d+$/);
    const left = await send(run, reply);
    assert.deepEqual(left.parts.map((each) => each[0]), [0, 2]);
    assert.equal(left.parts[0][1], '<div dir="ltr">Thanks</div>');
    const shown = page.locator(`.adn[data-message-id="#${id}"]`);
    await until('its legacy id', () => shown.getAttribute('data-legacy-message-id'), (legacy) => legacy === left.legacy);
    assert.equal(await page.locator('.ip.adB').count(), 0);
    await page.close();
  });

  test('have the quote in the editor once it is expanded', async () => {
    const page = await openMail(run);
    const reply = await answer(page, 'bkI');
    await part.body(reply).fill('All');
    await reply.locator('.ajR').click();
    const left = await send(run, reply);
    assert.deepEqual([left.parts.length, left.cc[0].email], [1, 'third@example.org']);
    assert.match(left.html, /^<div dir="ltr">All<br><div class="gmail_quote/);
    await page.close();
  });

  test('may be sent and archived at once', async () => {
    const page = await openMail(run, { query: { archive: 1 } });
    const reply = await answer(page, 'bkH', 'Lunch');
    await part.body(reply).fill('Done');
    const id = await draftId(reply);
    await reply.locator('.Uo').click();
    await until('the mail', () => run.stage.mails().find((each) => each.id === id));
    await until('the archiving', () => run.stage.mailboxes[0].labelled('^i').every(({ subject }) => subject !== 'Lunch on Thursday'));
    await page.goto('https://mail.google.com/mail/u/0/#sent');
    await page.locator('tr.zA', { hasText: 'Lunch' }).first().waitFor();
    await page.goto('https://mail.google.com/mail/u/0/#inbox');
    await page.reload();
    await page.locator('tr.zA', { hasText: 'quarterly' }).waitFor();
    await until('the inbox without it', () => page.locator('tr.zA:visible', { hasText: 'Lunch' }).count(), (count) => count === 0);
    await page.close();
  });
});

describe('lists and images', () => {
  test('show a mail that left by its ids, keep other lists hidden, and open it by its legacy id', async () => {
    const page = await openMail(run);
    const mail = await compose(page);
    await fill(mail, { subject: 'Listed' });
    const left = await send(run, mail);
    await page.evaluate(() => (location.hash = '#sent'));
    await page.locator(`tr.zA:visible .bog [data-thread-id="#${left.thread}"]`).waitFor();
    assert.equal(await page.locator(`tr.zA:visible [data-thread-id="#${left.thread}"][data-legacy-last-message-id="${left.legacy}"]`).count(), 2);
    assert.deepEqual([await page.locator('[role="main"]').count(), await page.locator('[role="main"]:visible').count()], [2, 1]);
    await page.goto(`https://mail.google.com/mail/u/0/#all/${left.threadLegacy}`);
    assert.equal(await page.locator('h2.hP:visible').getAttribute('data-thread-perm-id'), left.thread);
    await page.close();
  });

  test('are searched, and a result opens', async () => {
    const page = await openMail(run, { hash: '#search/figures' });
    await page.locator('tr.zA:visible').click();
    await page.locator('h2.hP:visible', { hasText: 'The quarterly figures' }).waitFor();
    await page.close();
  });

  test('use rows again for other mails', async () => {
    const page = await openMail(run, { hash: '#sent' });
    const first = page.locator('tr.zA').first();
    const mail = await compose(page);
    await fill(mail, { subject: 'Older' });
    const older = await send(run, mail);
    await until('its row', () => first.locator('.bog span').getAttribute('data-thread-id'), (id) => id === `#${older.thread}`);
    await first.evaluate((row) => (window.row = row));
    const next = await compose(page);
    await fill(next, { subject: 'Newer' });
    const newer = await send(run, next);
    await until('the row to change', () => page.evaluate(() => window.row.querySelector('.bog span').dataset.threadId), (id) => id === `#${newer.thread}`);
    await page.close();
  });

  test('come through the proxy, which fetches the original with its own name', async () => {
    const page = await openMail(run);
    await page.locator('tr.zA', { hasText: 'quarterly' }).click();
    const image = page.locator('.a3s img.CToWUd:visible').first();
    assert.match(await image.getAttribute('src'), /^https:\/\/ci\d\.googleusercontent\.com\/meips\/[\w-]+=s0-d-e1-ft#https:\/\/images\.example\.org\/logo\.png$/);
    const hit = await until('the fetch', () => run.stage.hits.find((each) => each.from === 'proxy' && each.host === 'images.example.org'));
    assert.match(hit.ua, /GoogleImageProxy/);
    assert.equal(run.stage.hits.some((each) => each.from === 'browser' && each.host === 'images.example.org'), false);
    await page.close();
  });

  test('are counted when the page loads them from other hosts, by http too', async () => {
    const page = await openMail(run);
    await page.evaluate(() => document.body.append(Object.assign(new Image(), { src: 'https://direct.example.org/a.gif' })));
    await until('the hit', () => run.stage.hits.some((each) => each.from === 'browser' && each.host === 'direct.example.org'));
    const plain = await run.context.newPage();
    await plain.goto('http://plain.example.org/');
    assert.ok(run.stage.hits.some((each) => each.host === 'plain.example.org'));
    await plain.close();
    await page.close();
  });

  test('are fetched as the recipient on demand', async () => {
    const page = await openMail(run, { query: { guide: 1 } });
    const mail = await compose(page);
    await fill(mail, { subject: 'Opened' });
    await part.body(mail).evaluate((node) => {
      node.append(Object.assign(document.createElement('img'), { src: 'https://images.example.org/inline.png' }));
      node.dispatchEvent(new InputEvent('input', { bubbles: true }));
    });
    const left = await send(run, mail);
    await page.locator(`[data-stage-mail="${left.id}"] [data-stage-open="outlook"]`).click();
    const hit = await until('the fetch', () => run.stage.hits.find((each) => each.from === 'recipient'));
    assert.deepEqual([hit.host, hit.path], ['images.example.org', '/inline.png']);
    assert.match(hit.ua, /Outlook/);
    await page.close();
  });
});
