// One notification for what one person does at once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { messageIn, openMail, sendTracked, start, stored, until } from './harness.mjs';

let run;
let inside;
let page;
before(async () => {
  run = await start();
  page = await openMail(run);
  // Not the popup: whoever has that before their eyes has looked, and no number is left.
  inside = await run.context.newPage();
  await inside.goto(new URL('manifest.json', run.popupUrl).href);
  await page.bringToFront();
});
after(() => run?.close());

const shown = async () => Object.keys(await run.notifications());

/** Opens an email as its recipient, and waits until that was told of. */
async function open({ id, message }) {
  const before = (await stored(inside, 'opens')).filter((it) => it.message === message).length;
  await run.stage.open(id, 'firefox');
  await until('the open', async () => (await stored(inside, 'opens')).filter((it) => it.message === message && !it.unannounced), (all) => all.length > before);
}

test('emails that one person opens one after the other are one notification', async () => {
  const emails = [];
  for (let number = 1; number <= 4; number += 1) {
    const left = await sendTracked(run, page, { subject: `Part ${number}` });
    emails.push({ id: left.id, message: messageIn(left.html) });
  }
  for (const email of emails) await open(email);
  const [only, ...others] = await until('one notification of all', shown, (ids) => ids.length === 1 && emails.every(({ message }) => ids[0].includes(message)));
  assert.deepEqual(others, []);
  assert.ok(only.endsWith(emails.at(-1).message));
  assert.equal(await until('the badge', run.badgeText, (text) => text === '4'), '4');
});

test('an email that is opened again and again is told of once', async () => {
  const left = await sendTracked(run, page, { to: 'Ben <ben@example.net>', subject: 'Again' });
  const email = { id: left.id, message: messageIn(left.html) };
  await open(email);
  await run.waitForNotification(email.message);
  await run.clearNotifications();
  await open(email);
  await open(email);
  assert.deepEqual(await shown(), []);
});
