// One notification for what one person does at once, and none of what the user does not want to be told of.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { canBeUsedByEverybody, messageIn, openMail, openOptions, sendTracked, start, stored, until } from './harness.mjs';

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

/** Waits until an email's opens were told of, be it by no notification. */
const told = (message) => until('all to be told of', () => stored(inside, 'opens'), (all) => all.every((it) => it.message !== message || !it.unannounced));

/** Sends an email, changes settings of the options page, lets the email be opened, and gives its number. */
async function openedWith(change, subject) {
  const left = await sendTracked(run, page, { to: `${subject}@example.net`, subject });
  const options = await openOptions(run);
  await change(options);
  await until('the settings to be saved', () => options.locator('#notices-status').textContent(), (text) => text === 'Saved');
  await options.close();
  const email = { id: left.id, message: messageIn(left.html) };
  await open(email);
  await told(email.message);
  return email;
}

test('no notification is shown of what the user does not want to be told of, but it counts', async () => {
  await run.clearNotifications();
  await openedWith((options) => options.locator('#notice-first').uncheck(), 'unwanted');
  assert.deepEqual(await shown(), []);
  // Whoever opened the options page from the popup had looked at all others.
  await until('the badge', run.badgeText, (text) => text === '1');
  const again = await openedWith((options) => options.locator('#notice-first').check(), 'wanted');
  await run.waitForNotification(again.message);
});

test('nothing is shown in quiet hours, whichever side of midnight they are on', async () => {
  await run.clearNotifications();
  const time = (minutes) => new Date(Date.now() + minutes * 60_000).toTimeString().slice(0, 5);
  await openedWith(async (options) => {
    await options.locator('#quiet').check();
    await options.locator('#quiet-from').fill(time(-60));
    await options.locator('#quiet-until').fill(time(60));
    await options.locator('#quiet-until').blur();
    await until('both times', () => inside.evaluate(() => chrome.storage.local.get('settings')), ({ settings }) => settings.notices.quiet?.[1] === Number(time(60).slice(0, 2)) * 60 + Number(time(60).slice(3)));
  }, 'quiet');
  assert.deepEqual(await shown(), []);
  const after = await openedWith((options) => options.locator('#quiet').uncheck(), 'loud');
  await run.waitForNotification(after.message);
});

test('an email that was muted in the popup is told of no more, until that is taken back', async () => {
  await run.clearNotifications();
  const left = await sendTracked(run, page, { subject: 'Mute me' });
  const email = { id: left.id, message: messageIn(left.html) };
  const popup = await run.openPopup();
  const row = popup.locator(`[data-message="${email.message}"]`);
  await row.locator('[data-action="toggle"]').click();
  await row.locator('[data-action="mute"]').click();
  await row.locator('[data-action="unmute"]').waitFor();
  await popup.close();
  await run.stopWorker();
  await page.bringToFront();
  await open(email);
  await told(email.message);
  assert.deepEqual(await shown(), []);
  const again = await run.openPopup();
  const same = again.locator(`[data-message="${email.message}"]`);
  await same.locator('[data-action="toggle"]').click();
  await same.locator('[data-action="unmute"]').click();
  await same.locator('[data-action="mute"]').waitFor();
  assert.deepEqual(await stored(inside, 'asked'), []);
  await again.close();
});

test('the test notification is shown', async () => {
  const options = await openOptions(run);
  await options.locator('#notice-test').click();
  await options.getByText('Shown. If you').waitFor();
  assert.ok((await shown()).includes('test'));
  await canBeUsedByEverybody(options, 800);
  await options.close();
});
