// The line in an email: in every mode, editor and way to send; the answer to it; and out again.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { chromium } from 'playwright-core';
import { messageOf } from '../lib/token.mjs';
import { browserArguments, findBrowser } from '../stage/browser.mjs';
import {
  PUBLIC, askTime, canBeUsedByEverybody, compose, dialog, draftId, fill, kept, link, links, messageIn, openMail, openOptions, part, pixels, readyToggle, send, settled, start, text, track, tracked, until,
} from './harness.mjs';

const ENGLISH = "I've asked to be notified when this email is opened, because it matters. See what is recorded, or stop it, here.";
const JAPANESE = '重要なご連絡のため、開封確認をさせていただいております。記録の確認や停止は、こちらのページから行えます。';
const RECEIPT = 'Once you\'ve read this, please press "I\'ve read this" here. No reply needed.';
const SIGNATURE = '<span class="gmail_signature_prefix">-- </span><br><div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature">Ann Example</div>';

/** Writes HTML into a compose's editor, as Gmail does with a signature or a quote. */
async function write(mail, html) {
  await part.body(mail).evaluate((editor, html) => {
    globalThis.policy ??= trustedTypes.createPolicy('line-test', { createHTML: (text) => text });
    editor.innerHTML = globalThis.policy.createHTML(html);
    editor.dispatchEvent(new Event('input', { bubbles: true }));
  }, html);
}

const row = (popup, message) => popup.locator(`[data-kaifu="message"][data-message="${message}"]`);
const state = (popup, message, wanted) => until(`the state ${wanted}`, () => row(popup, message).getAttribute('data-kaifu-state'), (it) => it === wanted);

/** Opens an email's page as its recipient, in another browser. */
async function visit(recipient, run, href) {
  const page = await recipient.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(href.replace(PUBLIC, `http://127.0.0.1:${run.server.port}`));
  return page;
}

const pressed = async (page, name) => {
  const nonce = await page.locator('input[name="nonce"]').first().inputValue();
  await until('the page to be read', () => Date.now() - Number.parseInt(nonce, 10), (age) => age > 1_100);
  await page.getByRole('button', { name }).click();
};

describe('the line', () => {
  let run;
  let page;
  let inside;
  let recipient;
  before(async () => {
    run = await start({ undo: 30, tells: true });
    page = await openMail(run);
    inside = await run.openPopup();
    const browser = await chromium.launch({ executablePath: findBrowser(), args: browserArguments({ resolverRules: 'MAP * ~NOTFOUND , EXCLUDE 127.0.0.1' }) });
    recipient = await browser.newContext({ locale: 'en' });
    recipient.whole = browser;
  });
  beforeEach(async () => {
    await run.set({ mode: 'image', tells: true });
    await page.bringToFront();
  });
  after(async () => {
    await recipient?.whole.close();
    await run?.close();
  });

  test('stands with the image at the end of what was typed, in its language, before signature and quote', async () => {
    const mail = await tracked(page, { subject: 'With all of it' });
    const quote = '<br><div class="gmail_quote">Earlier: 前のメールです。</div>';
    await write(mail, `<div>Please see the plan.</div>${SIGNATURE}${quote}`);
    const left = await send(run, mail);
    const href = link(left.html);
    assert.equal(pixels(left.html).length, 1);
    assert.equal(messageOf(/\/r\/([\w-]{36})#[\w-]{22}$/.exec(href)[1]), messageIn(left.html));
    const before = left.html.indexOf('<div>Please see the plan.</div>');
    const [line, image, signature] = [left.html.indexOf('<a href'), left.html.indexOf('<img'), left.html.indexOf('gmail_signature_prefix')];
    assert.ok(before >= 0 && before < line && line < image && image < signature, left.html);
    assert.ok(text(left.html).includes(`Please see the plan.${ENGLISH}-- `), left.html);
    // All else is as it was written.
    const rest = left.html.replace(/<div style="[^"]*">[^<]*<a href="[^"]*">[^<]*<\/a>[^<]*<\/div><img[^>]*>/, '');
    assert.equal(rest, `<div dir="ltr"><div>Please see the plan.</div>${SIGNATURE}${quote}</div>`);

    const japanese = await tracked(page, { subject: '資料', body: '資料をお送りします。ご確認をお願いします。' });
    const second = await send(run, japanese);
    assert.ok(text(second.html).endsWith(JAPANESE), second.html);
    link(second.html);
  });

  test('is left out where the user does not want it, and with the switch off', async () => {
    await run.set({ tells: false });
    const mail = await tracked(page, { subject: 'Quiet' });
    const left = await send(run, mail);
    assert.deepEqual([pixels(left.html).length, links(left.html).length], [1, 0]);
    await run.set({ tells: true });
    const off = await compose(page);
    await fill(off, { subject: 'Off' });
    await readyToggle(off);
    const untracked = await send(run, off);
    assert.deepEqual([pixels(untracked.html).length, links(untracked.html).length], [0, 0]);
  });

  test('asks for a receipt without an image; the answer comes with a name that only the sender reads', async () => {
    await run.set({ mode: 'receipt' });
    const mail = await tracked(page, { subject: 'A receipt, please', body: 'The plan is in the invitation for you.' });
    const left = await send(run, mail);
    const href = link(left.html);
    assert.deepEqual(pixels(left.html), []);
    assert.ok(text(left.html).endsWith(RECEIPT), left.html);
    await settled(inside, left.id, 'sent', 'wire');
    const { message } = await kept(inside, left.id);
    const popup = await run.openPopup();
    await state(popup, message, 'waiting');
    assert.ok((await row(popup, message).textContent()).includes('No answer yet'));
    const reader = await visit(recipient, run, href);
    await reader.getByText('Opening this page tells nobody anything').waitFor();
    await state(popup, message, 'waiting');
    await reader.getByLabel('Your name').fill('Sato & <b>');
    await pressed(reader, "I've read this");
    await reader.getByText('The sender will be told').waitFor();
    await state(popup, message, 'confirmed');
    await row(popup, message).getByRole('button').first().click();
    await until('the name', () => row(popup, message).locator('.confirmed').textContent(), (it) => it.includes('Sato & <b>'));
    // What was taken back is as if it had never been.
    await reader.getByRole('button', { name: 'Undo' }).click();
    await state(popup, message, 'waiting');
    assert.equal(await row(popup, message).locator('.confirmed').count(), 0);
    await reader.close();
    await popup.close();
  });

  test('with the image, and asking for a press', async () => {
    await run.set({ mode: 'both', tells: false });
    const mail = await tracked(page, { subject: 'Both', body: 'This is the plan for you.' });
    const left = await send(run, mail);
    link(left.html);
    assert.equal(pixels(left.html).length, 1);
    const message = messageIn(left.html);
    const popup = await run.openPopup();
    await state(popup, message, 'unseen');
    await run.stage.open(left.id, 'firefox');
    await state(popup, message, 'opened');
    const reader = await visit(recipient, run, link(left.html));
    await pressed(reader, "I've read this");
    await state(popup, message, 'confirmed');
    await reader.close();
    await popup.close();
  });

  test('a refusal is told, and remembered for that address until it is taken back', async () => {
    const to = 'Declining@example.org';
    const left = await send(run, await tracked(page, { to, subject: 'Declined' }));
    const reader = await visit(recipient, run, link(left.html));
    await pressed(reader, "Don't track me");
    const popup = await run.openPopup();
    await state(popup, messageIn(left.html), 'refused');
    await page.bringToFront();
    // Also among others, and whatever the case of the letters.
    const mail = await compose(page);
    await fill(mail, { to: 'reader@example.org, declining@EXAMPLE.org', subject: 'Again' });
    const toggle = part.toggle(mail);
    await until('the reason', () => toggle.getAttribute('title'), (title) => title.includes('asked not to be'));
    assert.equal(await toggle.getAttribute('aria-disabled'), 'true');
    const again = await send(run, mail);
    assert.deepEqual([...links(again.html), ...pixels(again.html)], []);
    await reader.bringToFront();
    await reader.getByRole('button', { name: 'Allow again' }).click();
    await state(popup, messageIn(left.html), 'unseen');
    await page.bringToFront();
    const third = await compose(page);
    await fill(third, { to, subject: 'Allowed' });
    await readyToggle(third);
    await part.body(third).click();
    await track(third);
    link((await send(run, third)).html);
    await reader.close();
    await popup.close();
  });

  test('the sender never confirms: presses from this browser do not leave it', async () => {
    const mail = await tracked(page, { subject: 'My own' });
    const left = await send(run, mail);
    const own = await run.context.newPage();
    await own.goto(link(left.html));
    await pressed(own, "I've read this");
    await own.getByText('did not leave this browser').waitFor();
    assert.match(own.url(), /^chrome-extension:.*\/own\.html$/);
    await canBeUsedByEverybody(own, 800);
    await own.close();
    const popup = await run.openPopup();
    const failed = popup.waitForEvent('requestfailed');
    await popup.evaluate((address) => fetch(address, { method: 'POST' }).catch(() => {}), `${link(left.html).split('#')[0]}/read`);
    assert.match((await failed).failure().errorText, /BLOCKED_BY_CLIENT/);
    await state(popup, messageIn(left.html), 'unseen');
    await popup.close();
  });

  test('goes out again when Gmail refuses, and when the send is taken back', async () => {
    const refused = await tracked(page, { to: '', subject: 'To nobody' });
    await part.send(refused).click();
    const dialogs = page.locator('[role="alertdialog"]:visible', { hasText: 'recipient' });
    await dialogs.waitFor();
    await until('the editor without it', () => part.body(refused).innerHTML(), (html) => !html.includes('/r/') && !html.includes('/p/'));
    assert.equal(text(await part.body(refused).innerHTML()), 'A few words.');
    await dialogs.getByRole('button').first().click();
    await part.to(refused).fill('reader@example.org');
    const sent = await send(run, refused);
    link(sent.html);

    const mail = await tracked(page, { subject: 'Taken back' });
    const left = await send(run, mail);
    await settled(inside, left.id, 'sent', 'wire');
    await page.locator('#link_undo').click();
    await mail.waitFor();
    await until('the editor without it', () => part.body(mail).innerHTML(), (html) => !html.includes('/r/') && !html.includes('/p/'));
    assert.equal(text(await part.body(mail).innerHTML()), 'A few words.');
    await part.body(mail).press('End');
    await part.body(mail).pressSequentially(' More.');
    const draft = await until('the draft', () => run.stage.drafts().find(({ id }) => id === left.id), (it) => it?.html.includes('More.'));
    assert.deepEqual([...links(draft.html), ...pixels(draft.html)], []);
    const again = await send(run, mail);
    assert.equal(link(again.html), link(left.html));
  });

  test('an answer does not carry it along: the older line keeps its words and loses its link', async () => {
    const mail = await tracked(page, { subject: 'To be answered' });
    const left = await send(run, mail);
    await settled(inside, left.id, 'sent', 'wire');
    await page.evaluate((to) => (location.hash = to), `#all/${left.threadLegacy}`);
    await page.locator(`[data-message-id="#${left.id}"]:visible`).waitFor();
    await page.locator('.ams.bkH:visible').last().click();
    const reply = page.locator('.ip.adB .M9');
    await reply.waitFor();
    await part.body(reply).pressSequentially('One more thing for you.');
    await track(reply);
    const answer = await send(run, reply);
    const href = link(answer.html);
    assert.notEqual(href, link(left.html));
    assert.equal(text(answer.html).split(ENGLISH).length, 3, answer.html);
    assert.equal(pixels(answer.html).length, 1);
    const off = answer.html.indexOf('gmail_quote');
    assert.ok(off > answer.html.indexOf(href.split('#')[0]), answer.html);
  });

  test('is in an email that is scheduled', async () => {
    const mail = await tracked(page, { subject: 'Tomorrow' });
    const id = await draftId(mail);
    await askTime(mail);
    await dialog(page).locator('.Az').first().click();
    const scheduled = await until('the schedule', () => run.stage.scheduled().find((each) => each.id === id));
    link(scheduled.html);
    assert.equal(pixels(scheduled.html).length, 1);
  });
});

describe('asking first', () => {
  let run;
  let page;
  let recipient;
  before(async () => {
    run = await start({ tells: false });
    await run.set({ strict: true });
    page = await openMail(run);
    const browser = await chromium.launch({ executablePath: findBrowser(), args: browserArguments({ resolverRules: 'MAP * ~NOTFOUND , EXCLUDE 127.0.0.1' }) });
    recipient = await browser.newContext({ locale: 'en' });
    recipient.whole = browser;
  });
  after(async () => {
    await recipient?.whole.close();
    await run?.close();
  });

  /** Sends a mail to these, once its switch says what it will be; `isOne` says before that its recipient is one person. */
  async function sent(to, title, isOne = false) {
    const mail = await compose(page);
    await fill(mail, { to, body: 'Please see the plan for you.' });
    await track(mail);
    if (isOne) {
      await mail.locator('[data-kaifu="options"]').click();
      await mail.getByRole('switch', { name: 'This is one person, not a list' }).click();
      await mail.getByText('this email asks whether later ones may be tracked').waitFor();
      await page.keyboard.press('Escape');
    }
    await until('what it will be', () => part.toggle(mail).getAttribute('title'), (text) => text.includes(title));
    return send(run, mail);
  }

  const ASKS = 'asks whether later ones may be tracked';
  const RECEIPT_TITLE = 'asks for a receipt';

  test('an image goes only to who has agreed, and always with its line', async () => {
    // Who may be a list is asked for no consent: a press on its page would be nobody's.
    const perhaps = await sent('willing@example.org', RECEIPT_TITLE);
    assert.deepEqual([pixels(perhaps.html).length, links(perhaps.html).length], [0, 1]);
    const asking = await sent('willing@example.org', ASKS, true);
    assert.deepEqual(pixels(asking.html), []);
    assert.ok(text(asking.html).endsWith('May I use open notices for important emails to you? You can answer here; not answering is fine.'), asking.html);
    // Who was asked is not asked again.
    const meanwhile = await sent('willing@example.org', RECEIPT_TITLE);
    assert.deepEqual([pixels(meanwhile.html).length, links(meanwhile.html).length], [0, 1]);
    const popup = await run.openPopup();
    const inside = popup;
    const { message } = await until('the record', () => kept(inside, asking.id));
    await state(popup, message, 'waiting');
    const reader = await visit(recipient, run, link(asking.html));
    await pressed(reader, 'I agree');
    await state(popup, message, 'confirmed');
    await page.bringToFront();
    const tracked = await sent('Willing@Example.org', 'Open tracking is on');
    assert.equal(pixels(tracked.html).length, 1);
    assert.ok(text(tracked.html).endsWith(ENGLISH), tracked.html);
    const several = await sent('willing@example.org, another@example.org', RECEIPT_TITLE);
    assert.deepEqual([pixels(several.html).length, links(several.html).length], [0, 1]);
    // What was taken back is as if it had never been said.
    const options = await openOptions(run);
    const people = options.locator('#people');
    await until('who agreed', () => people.textContent(), (said) => said.includes('willing@example.org') && said.includes('Agreed to open notices'));
    await reader.bringToFront();
    await reader.getByRole('button', { name: 'Undo' }).click();
    await state(popup, message, 'waiting');
    await until('who was asked', () => people.textContent(), (said) => said.includes('Was asked'));
    await page.bringToFront();
    const again = await sent('willing@example.org', RECEIPT_TITLE);
    assert.deepEqual(pixels(again.html), []);
    await people.getByRole('button', { name: 'Forget what willing@example.org said' }).click();
    await until('who is one person still', () => people.textContent(), (said) => !said.includes('Was asked') && said.includes('One person and no list'));
    await options.close();
    await page.bringToFront();
    await sent('willing@example.org', ASKS);
    await reader.close();
    await popup.close();
  });

  test('whoever an email goes to, none is tracked who has not agreed', async (context) => {
    const seed = Number(process.env.KAIFU_SEED ?? Date.now() % 100_000);
    context.diagnostic(`KAIFU_SEED=${seed}`);
    let drawn = seed;
    const below = (most) => {
      drawn = (drawn * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.floor((drawn / 2 ** 31) * most);
    };
    const said = { 'a@example.org': 'agreed', 'b@example.org': 'agreed', 'c@example.org': 'asked', 'd@example.org': 'declined' };
    const popup = await run.openPopup();
    await popup.evaluate((said) => chrome.storage.local.set({
      consents: Object.entries(said).map(([address, consent]) => ({ address, consent, message: 'AAAAAAAAAAA', at: Date.now() })),
    }), said);
    await popup.close();
    // The tabs hear of it with the next change of the settings.
    await run.set({ mark_untracked: true });
    await run.set({ mark_untracked: false });
    await page.bringToFront();
    const rounds = Number(process.env.KAIFU_STRICT ?? 16);
    for (let round = 0; round < rounds; round += 1) {
      // Most have agreed, so that an image is not the exception; one is always new.
      const people = ['a@example.org', 'B@Example.org', 'a@example.org', 'b@example.org', 'c@example.org', 'd@example.org', `new${round}@example.org`];
      const to = [...new Set(Array.from({ length: 1 + below(3) }, () => people[below(people.length)]))];
      const is = (consent) => (address) => said[address.toLowerCase()] === consent;
      const mail = await compose(page);
      await fill(mail, { to: to.join(', ') });
      if (to.some(is('declined'))) {
        await until('the refusal', () => part.toggle(mail).getAttribute('aria-disabled'), (disabled) => disabled === 'true');
      } else {
        await track(mail);
      }
      const left = await send(run, mail);
      const expected = to.some(is('declined')) ? [0, 0] : [to.every(is('agreed')) ? 1 : 0, 1];
      assert.deepEqual([pixels(left.html).length, links(left.html).length], expected, to.join());
    }
  });
});

for (const [name, options] of Object.entries({
  'an editor that is read before the press': { editor: 'frozen' },
  'an editor that is read when it says that it changed': { editor: 'input' },
  'requests in an unknown form': { wire: 'unknown' },
})) {
  test(`the line, with ${name}`, async () => {
    const run = await start({ tells: true, ...options });
    try {
      const page = await openMail(run);
      for (const mode of ['image', 'receipt']) {
        await run.set({ mode });
        const left = await send(run, await tracked(page, { subject: `In ${mode}` }));
        link(left.html);
        assert.equal(pixels(left.html).length, mode === 'image' ? 1 : 0);
      }
    } finally {
      await run.close();
    }
  });
}
