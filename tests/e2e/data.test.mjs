// What is kept of emails goes into a file and out of it, into another browser too.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT, canBeUsedByEverybody, messageIn, openMail, openOptions, sendTracked, start, stored, until } from './harness.mjs';

/** What an earlier version kept. */
const { records: BEFORE } = JSON.parse(fs.readFileSync(path.join(ROOT, 'crates/background/src/store/records/before.json'), 'utf8'));

let run;
let emails;
let text;
before(async () => {
  run = await start();
  const page = await openMail(run);
  emails = [];
  for (const subject of ['Opened', 'Unseen']) {
    const left = await sendTracked(run, page, { subject });
    emails.push({ id: left.id, message: messageIn(left.html) });
  }
  await run.stage.open(emails[0].id, 'firefox');
  await run.waitForNotification(emails[0].message);
});
after(() => run?.close());

/** Has the options page read a file, and gives what it says. */
async function imported(options, content) {
  await options.locator('#data-status').evaluate((status) => { status.textContent = ''; });
  await options.locator('#import').setInputFiles({ name: 'kaifu.json', mimeType: 'application/json', buffer: Buffer.from(content) });
  return until('the import', () => options.locator('#data-status').textContent());
}

test('the file has every email with its events, and nothing that tracks', async () => {
  const options = await openOptions(run);
  await options.getByText('Emails in this browser: 2. Events about them: 1.').waitFor();
  const [download] = await Promise.all([options.waitForEvent('download'), options.locator('#export').click()]);
  assert.match(download.suggestedFilename(), /^kaifu-emails-\d{4}-\d\d-\d\d\.json$/);
  text = fs.readFileSync(await download.path(), 'utf8');
  const all = JSON.parse(text);
  assert.deepEqual(all.messages.map(({ message }) => message).sort(), emails.map(({ message }) => message).sort());
  assert.equal(all.opens.length, 1);
  const local = await options.evaluate(() => chrome.storage.local.get(null));
  const secrets = [JSON.stringify(local.browser_secret), ...[...JSON.stringify(local.accounts).matchAll(/"(?:key|api_token)":"([^"]+)"/g)].map(([, value]) => value)];
  assert.ok(secrets.length >= 3, JSON.stringify(Object.keys(local)));
  for (const secret of secrets) assert.ok(!text.includes(secret));
  assert.equal(await imported(options, text), 'Emails added: 0.');
  await options.close();
});

test('another browser takes in what it lacks, and tells of nothing', async () => {
  const other = await start();
  try {
    const options = await openOptions(other);
    assert.equal(await imported(options, text), 'Emails added: 2.');
    assert.deepEqual(await stored(options, 'opens'), (await stored(await run.openPopup(), 'opens')).map(({ fresh, unannounced, ...record }) => record));
    assert.equal(await imported(options, text), 'Emails added: 0.');
    const popup = await other.openPopup();
    const states = () => popup.locator('[data-kaifu="message"]').evaluateAll((rows) => Object.fromEntries(rows.map(({ dataset }) => [dataset.message, dataset.kaifuState])));
    // What was claimed stays; nothing more will be known of the other one here.
    assert.deepEqual(await until('both emails', states, (all) => Object.keys(all).length === 2), { [emails[0].message]: 'opened', [emails[1].message]: 'unfollowed' });
    assert.deepEqual(Object.keys(await other.notifications()), []);
    await popup.close();
    const old = { format: 'kaifu-emails-1', ...BEFORE };
    assert.equal(await imported(options, JSON.stringify(old)), `Emails added: ${BEFORE.messages.length}.`);
    for (const wrong of ['', '{}', '[1]', '{"format":"kaifu-emails-1","messages":3}'.slice(0, 20), JSON.stringify({ ...old, format: 'something' })]) {
      assert.match(await imported(options, wrong), /isn't an export/, wrong);
    }
    const torn = { format: 'kaifu-emails-1', messages: [null, 3, { message: 7 }, BEFORE.messages[0]], opens: 'none' };
    assert.equal(await imported(options, JSON.stringify(torn)), 'Emails added: 0.');
    await canBeUsedByEverybody(options, 800);
  } finally {
    await other.close();
  }
});

test('everything can be deleted, here and at the server, and only here where that does not answer', async () => {
  const gone = await start();
  try {
    const page = await openMail(gone);
    const left = await sendTracked(gone, page, { subject: 'To be deleted' });
    await gone.stage.open(left.id, 'firefox');
    await gone.waitForNotification(messageIn(left.html));
    const options = await openOptions(gone);
    const { accounts, browser_secret: browserSecret } = await options.evaluate(() => chrome.storage.local.get(null));
    const [{ api_token: token }] = Object.values(accounts);
    const ask = () => fetch(`http://127.0.0.1:${gone.server.port}/v1/events`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal((await ask()).status, 200);
    await gone.server.stop();
    await options.locator('#erasing summary').click();
    await options.locator('#erase').click();
    await options.getByText("A server didn't answer").waitFor();
    assert.equal((await stored(options, 'messages')).length, 1);
    assert.ok(await options.locator('#erase-here').isVisible());
    await gone.server.start();
    await options.locator('#erase').click();
    await options.waitForURL(/first\.html$/);
    assert.equal((await ask()).status, 401);
    for (const store of ['messages', 'opens', 'cursors', 'drafts', 'views', 'asked']) {
      assert.deepEqual(await stored(options, store), [], store);
    }
      // Gmail's tab is given a new key at once, which names nothing of before.
    const { browser_secret: secret, ...rest } = await options.evaluate(() => chrome.storage.local.get(null));
    assert.deepEqual(rest, {});
    assert.notEqual(secret, browserSecret);
    await options.locator('[data-kaifu="agree"][aria-disabled="false"]').waitFor();
  } finally {
    await gone.close();
  }
});

test('everything moves to another browser in a locked file, with its account', async () => {
  const old = await start();
  try {
    const page = await openMail(old);
    const left = await sendTracked(old, page, { subject: 'Moves' });
    await old.stage.open(left.id, 'firefox');
    await old.waitForNotification(messageIn(left.html));
    const options = await openOptions(old);
    await options.locator('#moving summary').click();
    const said = (wanted) => until('the answer', () => options.locator('#moving-status').textContent(), (text) => wanted.test(text));
    await options.locator('#passphrase').fill('too short');
    await options.locator('#pack').click();
    await said(/at least 12/);
    await options.locator('#passphrase').fill('a passphrase to try');
    const [download] = await Promise.all([options.waitForEvent('download'), options.locator('#pack').click()]);
    assert.match(download.suggestedFilename(), /^kaifu-move-\d{4}-\d\d-\d\d\.txt$/);
    const locked = fs.readFileSync(await download.path(), 'utf8');
    const before = await options.evaluate(() => chrome.storage.local.get(null));
    const plain = Buffer.from(locked, 'base64url').toString('latin1');
    for (const secret of ['Moves', before.browser_secret, 'kaifu_']) assert.ok(!plain.includes(secret) && !locked.includes(secret), secret);
    const takeOver = async (content, passphrase) => {
      await options.locator('#passphrase').fill(passphrase);
      await options.locator('#packed').setInputFiles({ name: 'kaifu.txt', mimeType: 'text/plain', buffer: Buffer.from(content) });
      await options.locator('#take-over').click();
    };
    await takeOver(locked, 'a passphrase to try');
    await said(/emails of its own/);
    // The same browser without anything stands in for another one.
    await options.locator('#erasing summary').click();
    await options.locator('#erase-here').evaluate((button) => { button.hidden = false; });
    await options.locator('#erase-here').click();
    await options.waitForURL(/first\.html$/);
    await options.goto(new URL('options.html', old.popupUrl).href);
    await options.locator('#moving summary').click();
    await takeOver(locked, 'another passphrase');
    await said(/doesn't fit/);
    await takeOver('something else', 'a passphrase to try');
    await said(/doesn't fit/);
    await takeOver(locked, 'a passphrase to try');
    await said(/with 1 emails/);
    const after = await options.evaluate(() => chrome.storage.local.get(null));
    for (const key of ['accounts', 'browser_secret', 'settings']) assert.deepEqual(after[key], before[key], key);
    // It is followed as before.
    const popup = await old.openPopup();
    const row = popup.locator(`[data-message="${messageIn(left.html)}"]`);
    await until('its state', () => row.getAttribute('data-kaifu-state'), (state) => state === 'opened');
    const events = async () => (await stored(options, 'opens')).length;
    assert.equal(await events(), 1);
    await old.stage.open(left.id, 'outlook');
    await until('another open', events, (count) => count === 2);
    await canBeUsedByEverybody(options, 800);
  } finally {
    await old.close();
  }
});
