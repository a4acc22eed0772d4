// A reminder comes once, by day, and not when what it is about has come.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { messageIn, openMail, sendTracked, start, stored, until } from './harness.mjs';

// Nobody is reminded at night: in the browser's zone it is noon, or a little later.
const hour = new Date().getUTCHours();
process.env.TZ = hour < 12 ? `Etc/GMT-${12 - hour}` : `Etc/GMT+${hour - 12}`;

let run;
let inside;
let page;
before(async () => {
  run = await start();
  page = await openMail(run);
  inside = await run.context.newPage();
  await inside.goto(new URL('manifest.json', run.popupUrl).href);
});
after(() => run?.close());

/** Sends an email, and asks in the popup to be reminded of it. */
async function remindOf(subject, choice) {
  const left = await sendTracked(run, page, { subject });
  const email = { id: left.id, message: messageIn(left.html) };
  const popup = await run.openPopup();
  const row = popup.locator(`[data-message="${email.message}"]`);
  await row.locator('[data-action="toggle"]').click();
  await row.locator('select').selectOption(choice);
  await row.getByRole('button', { name: 'Cancel reminder' }).waitFor();
  return { ...email, popup, row };
}

const asked = async (message) => (await stored(inside, 'asked')).find((it) => it.message === message);

/** Lets the time of every reminder come, and wakes the worker. */
async function letTimeCome() {
  await inside.evaluate(() => new Promise((resolve, reject) => {
    const opening = indexedDB.open('kaifu');
    opening.onerror = reject;
    opening.onsuccess = () => {
      const writing = opening.result.transaction('asked', 'readwrite');
      writing.objectStore('asked').openCursor().onsuccess = ({ target: { result: cursor } }) => {
        if (cursor?.value.remind_at) cursor.update({ ...cursor.value, remind_at: Date.now() - 1_000 });
        cursor?.continue();
      };
      writing.oncomplete = () => {
        opening.result.close();
        resolve();
      };
    };
  }));
  await run.worker().evaluate(() => chrome.alarms.onAlarm.dispatch({ name: 'news' }));
}

const reminders = async () => Object.keys(await run.notifications()).filter((id) => id.startsWith('reminder:'));

test('a reminder can be asked for and taken back', async () => {
  const email = await remindOf('Taken back', 'open:3');
  const { remind_at: at, missing } = await asked(email.message);
  assert.equal(missing, 'open');
  assert.ok(Math.abs(at - Date.now() - 3 * 86_400_000) < 60_000);
  await email.row.getByRole('button', { name: 'Cancel reminder' }).click();
  await email.row.locator('select').waitFor();
  assert.equal(await asked(email.message), undefined);
  await email.popup.close();
});

test('of an email without a detected open the user is reminded once', async () => {
  const silent = await remindOf('Silent', 'open:1');
  await silent.popup.close();
  await letTimeCome();
  assert.deepEqual(await until('the reminder', reminders, (ids) => ids.length > 0), [`reminder:${silent.message}`]);
  await until('the reminder to be forgotten', () => asked(silent.message), (it) => !it);
  await run.clearNotifications();
  await run.stopWorker();
  await inside.evaluate(() => chrome.runtime.sendMessage({ call: 'refresh' }));
  await letTimeCome();
  assert.deepEqual(await reminders(), []);
});

test('of an email that was opened or confirmed nobody is reminded', async () => {
  const opened = await remindOf('Opened', 'open:1');
  await opened.popup.close();
  const unconfirmed = await remindOf('Unconfirmed', 'word:1');
  await unconfirmed.popup.close();
  for (const { id, message } of [opened, unconfirmed]) {
    await run.stage.open(id, 'firefox');
    await run.waitForNotification(message);
  }
  await run.clearNotifications();
  await letTimeCome();
  await until('both to be forgotten', () => stored(inside, 'asked'), (all) => all.length === 0);
  assert.deepEqual(await reminders(), [`reminder:${unconfirmed.message}`]);
});
