// What looks like something else: ids that come late, dialogs and links that are about another thing, keys
// that are held down, and names that are no field's.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  askTime, checked, compose, dialog, draftId, fill, kept, mailThatLeft, messageIn, openMail, part, pixels, readyToggle, saveChoice, send, sendTracked, settled,
  start, stored, tracked, track, until,
} from './harness.mjs';

let run;
let inside;
before(async () => {
  run = await start({ undo: 30 });
  inside = await run.openPopup();
});
after(() => run?.close());

/** Opens the conversation of a mail in a page of its own. */
const conversation = (mail, query = {}) => openMail(run, { query, hash: `#all/${mail.threadLegacy}` });

/** Opens the answer to the last message that a conversation shows. */
async function answer(page) {
  await page.locator('.ams.bkH:visible').last().click();
  const opened = page.locator('.ip.adB .M9');
  await opened.waitFor();
  return opened;
}

/** Holds the ids of drafts back in a page, as Gmail may until it has made them, until it is told to give them. */
function withoutIds() {
  const held = [];
  let isOver = false;
  const hide = (element, name, value) => {
    held.push([element, name, element.getAttribute(name)]);
    element.setAttribute(name, value);
  };
  const look = (element) => {
    if (element.matches('input[name="draft"]')) {
      const { value } = element;
      if (value === 'undefined') return;
      held.push([element, 'value', value]);
      element.value = 'undefined';
      element.setAttribute('value', 'undefined');
    } else if (element.matches('[jslog*="; 11:"]')) {
      hide(element, 'jslog', element.getAttribute('jslog').replace(/; 11:.*$/, ''));
    }
  };
  new MutationObserver((records) => {
    if (isOver) return;
    for (const node of records.flatMap(({ addedNodes }) => [...addedNodes])) {
      if (node.nodeType !== Node.ELEMENT_NODE) continue;
      look(node);
      node.querySelectorAll('input[name="draft"], [jslog*="; 11:"]').forEach(look);
    }
  }).observe(document, { childList: true, subtree: true });
  globalThis.giveIds = () => {
    isOver = true;
    for (const [element, name, value] of held.splice(0)) {
      element.setAttribute(name, value);
      if (name === 'value') element.value = value;
    }
  };
}

/** A choice in `page`: what it told before has been heard when that has. */
async function heard(page) {
  const mail = await tracked(page, { subject: 'Something later' });
  const id = await draftId(mail);
  await until('the choice', async () => (await stored(inside, 'drafts')).some(({ draft }) => draft === id));
}

test('an answer to one\'s own mail whose ids come late is not taken for that mail', async () => {
  const first = await openMail(run);
  const left = await sendTracked(run, first, { subject: 'Answered by its sender' });
  await settled(inside, left.id, 'sent', 'wire');
  const page = await run.context.newPage();
  await page.addInitScript(withoutIds);
  await page.goto(`https://mail.google.com/mail/u/0/#all/${left.threadLegacy}`);
  const reply = await answer(page);
  assert.equal(await reply.locator('input[name="draft"]').inputValue(), 'undefined');
  assert.equal(await reply.locator('input[name="rm"]').inputValue(), `#${left.id}`);
  await readyToggle(reply);
  await part.body(reply).fill('One more thing.');
  await page.evaluate(() => globalThis.giveIds());
  await track(reply);
  const second = await send(run, reply);
  await settled(inside, second.id, 'sent', 'wire');
  assert.notEqual(messageIn(second.html), messageIn(left.html));
  assert.equal((await kept(inside, left.id)).outcome, 'sent');
  await page.close();
  await first.close();
});

test('a choice that was made before the draft had an id holds in every tab', async () => {
  await saveChoice(run, '#default', true);
  try {
    const page = await run.context.newPage();
    await page.addInitScript(withoutIds);
    await page.goto('https://mail.google.com/mail/u/0/');
    const mail = await compose(page);
    await fill(mail, { subject: 'Off from the first' });
    await (await readyToggle(mail)).click();
    await checked(part.toggle(mail), false);
    await page.evaluate(() => globalThis.giveIds());
    const id = await draftId(mail);
    await until('the draft', () => run.stage.drafts().find((draft) => draft.id === id && draft.subject));
    await mail.locator('xpath=ancestor::*[@role="dialog"]').locator('.Ha').click();
    const other = await openMail(run, { hash: '#drafts' });
    await until('the choice', async () => (await stored(inside, 'drafts')).some((it) => it.draft === id && it.chosen_at));
    await other.locator('tr.zA:visible').filter({ has: other.locator(`[data-standalone-draft-id="#${id}"]`) }).click();
    const again = other.locator('.M9').first();
    await checked(await readyToggle(again), false);
    assert.deepEqual(pixels((await send(run, again)).html), []);
    await other.close();
    await page.close();
  } finally {
    await saveChoice(run, '#default', false);
  }
});

test('a dialog about something else chooses no time', async () => {
  const page = await openMail(run);
  const mail = await tracked(page, { subject: 'Not scheduled' });
  const id = await draftId(mail);
  await askTime(mail);
  await dialog(page).locator('[name="cancel"]').click();
  await dialog(page).waitFor({ state: 'hidden' });
  // As for a new label.
  await page.evaluate(() => {
    const box = Object.assign(document.createElement('div'), { className: 'Kj-JD', role: 'dialog' });
    const button = Object.assign(document.createElement('button'), { name: 'ok', textContent: 'Create', className: 'Az' });
    box.append(document.createElement('input'), button);
    document.body.append(box);
  });
  await page.locator('.Kj-JD button', { hasText: 'Create' }).click();
  assert.deepEqual(pixels(await part.body(mail).innerHTML()), []);
  await page.evaluate(() => document.querySelector('.Kj-JD:has(input)').remove());
  await heard(page);
  assert.equal(await kept(inside, id), null);
  await page.close();
});

test('an offer to undo another send says nothing of a mail that Gmail refuses', async () => {
  const first = await openMail(run);
  const left = await sendTracked(run, first, { subject: 'Two answers' });
  await first.close();
  const page = await conversation(left);
  const one = await answer(page);
  await part.body(one).fill('The first.');
  await track(one);
  await send(run, one);
  await page.locator('#link_undo').waitFor();
  const two = await answer(page);
  await part.body(two).fill('The second is attached.');
  await track(two);
  const id = await draftId(two);
  await part.send(two).click();
  await page.locator('[role="alertdialog"]').waitFor();
  await settled(inside, id, 'refused', 'dialog');
  assert.ok(await page.locator('#link_undo').isVisible(), 'the first can still be taken back');
  await page.locator('[role="alertdialog"] [name="cancel"]').click();
  await until('the editor without an image', () => part.body(two).innerHTML(), (html) => pixels(html).length === 0);
  await page.close();
});

test('typing after a press that came to nothing throws nothing', async () => {
  const page = await openMail(run);
  const thrown = [];
  const session = await run.context.newCDPSession(page);
  session.on('Runtime.exceptionThrown', ({ exceptionDetails }) => thrown.push(exceptionDetails.exception?.description ?? exceptionDetails.text));
  await session.send('Runtime.enable');
  const mail = await tracked(page, { to: '', subject: 'Nobody' });
  const id = await draftId(mail);
  await part.send(mail).click();
  await page.locator('[role="alertdialog"] button').first().click();
  await settled(inside, id, 'refused', 'dialog', 'typing');
  await part.body(mail).pressSequentially('And on.');
  await until('the editor without an image', () => part.body(mail).innerHTML(), (html) => html.includes('And on.') && pixels(html).length === 0);
  assert.deepEqual(thrown, []);
  await page.close();
});

test('keys that are held down tell no more than Gmail\'s request did', async () => {
  const first = await openMail(run);
  const left = await sendTracked(run, first, { subject: 'Held down' });
  await first.close();
  const page = await conversation(left, { alias: 'press@example.com' });
  const reply = await answer(page);
  await part.body(reply).fill('At once.');
  await track(reply);
  const id = await draftId(reply);
  await part.body(reply).evaluate((editor) => {
    const press = (repeat) => editor.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true, bubbles: true, cancelable: true, repeat }));
    press(false);
    setTimeout(() => press(true), 60);
    setTimeout(() => press(true), 120);
  });
  const second = await mailThatLeft(run, id);
  assert.equal(second.from.email, 'press@example.com');
  assert.equal(pixels(second.html).length, 1);
  await settled(inside, id, 'sent', 'wire');
  assert.equal((await kept(inside, id)).alias, 'press@example.com');
  await page.close();
});

test('the report of an unknown form names nobody of its conversation', async () => {
  const { legacy } = run.stage.mailboxes[0].receive({ subject: 'From Ann', html: '<div dir="ltr">Hello</div>' });
  const page = await run.context.newPage();
  await page.addInitScript(() => {
    const strip = (element) => ['role', 'jslog'].forEach((name) => element.closest('.M9') && element.removeAttribute(name));
    new MutationObserver((records) => {
      for (const node of records.flatMap(({ addedNodes }) => [...addedNodes])) {
        if (node.nodeType !== Node.ELEMENT_NODE) continue;
        for (const element of [node, ...node.querySelectorAll('*')]) {
          element.classList.remove('aoO');
          strip(element);
        }
      }
    }).observe(document, { childList: true, subtree: true });
  });
  await page.goto(`https://mail.google.com/mail/u/0/#all/${legacy}`);
  await page.locator('.gD').first().waitFor();
  const names = await page.locator('span[name]').evaluateAll((all) => all.map((each) => each.getAttribute('name')));
  assert.ok(names.some((name) => /\w/.test(name)), JSON.stringify(names));
  await answer(page);
  const told = () => inside.evaluate(() => chrome.storage.local.get('unfamiliar').then((it) => it.unfamiliar));
  const { skeleton } = await until('the report', told, (it) => it?.missing.length > 0);
  for (const name of names.filter((each) => !['to', 'cc', 'bcc', 'from'].includes(each))) assert.ok(!skeleton.includes(name), `${name} in ${skeleton}`);
  assert.doesNotMatch(skeleton, /@|example/);
  await page.close();
});

describe('when the extension goes', () => {
  test('a press puts no image in that nobody could remember', async () => {
    const page = await openMail(run);
    const mail = await tracked(page, { subject: 'Too late' });
    const id = await draftId(mail);
    const worker = run.worker();
    const gone = new Promise((resolve) => worker.once('close', resolve));
    await worker.evaluate(() => chrome.runtime.reload()).catch(() => {});
    await gone;
    await part.send(mail).click();
    assert.deepEqual(pixels((await mailThatLeft(run, id)).html), []);
    await page.close();
  });
});
