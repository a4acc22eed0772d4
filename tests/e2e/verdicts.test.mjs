import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { messageIn, openMail, sendTracked, start, tell, until } from './harness.mjs';

/**
 * From when on a fetch of Gmail's proxy did not come with the delivery: 35 s after sending, and some more, as the
 * clocks of server and browser are compared by messages that take their time.
 */
const EARLY_MS = 38_000;

/** What each program's fetch right after sending comes to. */
const PROGRAMS = {
  firefox: { state: 'opened', claim: 'likely', words: ['Probable open', '(Firefox) · Linux', 'A browser loaded the image.'] },
  outlook: { state: 'opened', claim: 'likely', words: ['Probable open', 'An email app loaded the image.'] },
  gmail: { state: 'unsure', claim: 'unknown', words: ['Possibly automated', 'Gmail loaded the image', 'too soon to tell'] },
  apple: { state: 'unsure', claim: 'unknown', words: ['Possibly automated', 'Apple Mail preloads images'] },
  prefetch: { state: 'machine', claim: 'no', words: ['Not counted', 'Gmail preloaded the image.'] },
  scanner: { state: 'machine', claim: 'no', words: ['Not counted', 'A security scanner checked the message.'] },
};

/** A message's row in the popup. */
const rowOf = (popup, message) => popup.locator(`[data-kaifu="message"][data-message="${message}"]`);

const inState = async (row, state) => {
  await until(`the state ${state}`, () => row.getAttribute('data-kaifu-state'), (now) => now === state);
};

/** Shows a row's details. */
const unfold = async (row) => {
  await row.page().bringToFront();
  await row.getByRole('button').first().click();
};

const notified = async (run, message) => Object.keys(await run.notifications()).some((id) => id.includes(message));

describe('what a fetch is worth', () => {
  let run, page, popup;
  before(async () => {
    run = await start({ undo: 30 });
    page = await openMail(run);
    popup = await run.openPopup();
  });
  after(() => run?.close());

  const tracked = async (subject) => {
    await page.bringToFront();
    const left = await sendTracked(run, page, { subject });
    const message = messageIn(left.html);
    const row = rowOf(popup, message);
    await row.waitFor({ state: 'attached' });
    return { left, message, row };
  };

  for (const [program, { state, claim, words }] of Object.entries(PROGRAMS)) {
    test(`${program} right after sending makes it ${state}`, async () => {
      const { left, message, row } = await tracked(`By ${program}`);
      await run.stage.open(left.id, program);
      // The worker tells the desktop before it tells the popup, so that nothing is left to come.
      await inState(row, state);
      const event = row.locator('.event');
      assert.equal(await event.count(), 1);
      assert.equal(await event.getAttribute('data-claim'), claim);
      const text = await event.textContent();
      for (const word of [...words, 'after sending']) assert.ok(text.includes(word), `${word} in ${text}`);
      assert.equal(await notified(run, message), state === 'opened');
    });
  }

  test("Gmail's proxy counts once the first seconds are over", async () => {
    const { left, message, row } = await tracked('Early and late');
    const sent = Date.parse(await row.locator('.sent time').getAttribute('datetime'));
    await run.stage.open(left.id, 'gmail');
    await inState(row, 'unsure');
    assert.equal(await notified(run, message), false);
    await until('the first seconds to be over', () => Date.now() - sent, (past) => past > EARLY_MS, EARLY_MS + 5_000);
    await run.stage.open(left.id, 'gmail');
    await inState(row, 'opened');
    await run.waitForNotification(message);
    await unfold(row);
    const claims = await row.locator('.event').evaluateAll((all) => all.map((each) => each.dataset.claim));
    assert.deepEqual(claims, ['likely', 'unknown']);
  });

  test('a machine and a person are told apart, and repeats are folded', async () => {
    const { left, message, row } = await tracked('Both');
    await run.stage.open(left.id, 'apple');
    await inState(row, 'unsure');
    assert.equal(await notified(run, message), false);
    for (let times = 0; times < 3; times += 1) await run.stage.open(left.id, 'firefox');
    await inState(row, 'opened');
    await unfold(row);
    await until('the repeats', () => row.textContent(), (text) => /2 more within \d+ second/.test(text));
    assert.equal(await row.locator('.event').count(), 2);
  });

  test('what was told once is not told again by a worker that starts anew', async () => {
    const { left, message, row } = await tracked('Once');
    await run.stage.open(left.id, 'outlook');
    await run.waitForNotification(message);
    await run.clearNotifications();
    await run.stopWorker();
    // The next worker hears of this fetch, and so has looked at the earlier one.
    const other = await tracked('After it');
    await run.stage.open(other.left.id, 'outlook');
    await run.waitForNotification(other.message);
    await inState(row, 'opened');
    assert.equal(await notified(run, message), false);
  });

  test("the sender's own view is told as theirs, and not counted", async () => {
    const { left, message, row } = await tracked('My own');
    await tell(run, page, { call: 'viewed', messages: [message], at: Date.now() });
    await run.stage.open(left.id, 'gmail');
    await row.locator('.event').waitFor({ state: 'attached' });
    assert.equal(await row.getAttribute('data-kaifu-state'), 'unseen');
    const text = await row.textContent();
    for (const word of ['You had the message open', 'Only your own views so far.']) {
      assert.ok(text.includes(word), `${word} in ${text}`);
    }
    assert.equal(await notified(run, message), false);
  });

  test('the details are unfolded by their row', async () => {
    const { left, row } = await tracked('Unfold me');
    await run.stage.open(left.id, 'outlook');
    await inState(row, 'opened');
    await popup.bringToFront();
    assert.equal(await row.locator('.event').isVisible(), false);
    await unfold(row);
    await row.locator('.event').waitFor();
  });
});

describe('a mail that Gmail holds back', () => {
  const HOLD = 4;
  let run;
  before(async () => (run = await start({ undo: HOLD, hold: HOLD })));
  after(() => run?.close());

  test('is loaded by nobody before its delivery, and by Gmail then too soon to tell', async () => {
    const page = await openMail(run);
    const popup = await run.openPopup();
    await page.bringToFront();
    const left = await sendTracked(run, page, { subject: 'Held back' });
    const message = messageIn(left.html);
    const row = rowOf(popup, message);
    const sent = Date.parse(await row.locator('.sent time').first().getAttribute('datetime'));
    await run.stage.open(left.id, 'gmail');
    const [hit] = run.stage.hits.filter(({ from }) => from === 'recipient');
    assert.ok(hit.time - sent >= HOLD * 1000 - 500, `${hit.time - sent} ms`);
    await inState(row, 'unsure');
    assert.equal(await notified(run, message), false);
  });
});

describe('two mailboxes', () => {
  let run;
  before(async () => (run = await start()));
  after(() => run?.close());

  test('each mail belongs to the one that sent it, and the popup shows one or all', async () => {
    const [one, two] = [await openMail(run), await openMail(run, { account: 1 })];
    const rows = [];
    const popup = await run.openPopup();
    for (const [page, mailbox] of [[one, 'sender@example.com'], [two, 'second@example.org']]) {
      await page.bringToFront();
      const left = await sendTracked(run, page, { subject: `From ${mailbox}` });
      const row = rowOf(popup, messageIn(left.html));
      await row.waitFor({ state: 'attached' });
      assert.ok((await row.locator('.details').textContent()).includes(mailbox));
      rows.push(row);
    }
    await popup.bringToFront();
    await popup.locator('#mailbox').selectOption('second@example.org');
    await until('one mailbox', () => Promise.all(rows.map((row) => row.count())), (counts) => counts.join() === '0,1');
    await popup.locator('#mailbox').selectOption('');
    await until('both', () => Promise.all(rows.map((row) => row.count())), (counts) => counts.join() === '1,1');
    await popup.close();
  });

  test('the options page has the settings', async () => {
    const [page] = await Promise.all([
      run.context.waitForEvent('page'), run.worker().evaluate(() => chrome.runtime.openOptionsPage()),
    ]);
    await page.locator('#settings-form').waitFor();
    await until('the backend', () => page.locator('#backend').inputValue(), (value) => value.startsWith('http'));
  });
});
