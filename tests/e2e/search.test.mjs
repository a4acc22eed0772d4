// The popup looks for words in all that is kept, and not only in what it shows.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fillDatabase } from '../bench/lib/database.mjs';
import { start, until } from './harness.mjs';

const MESSAGES = 360;
/** Of so many emails one was not opened. */
const QUIET_EVERY = 3;

let run;
let popup;
before(async () => {
  run = await start();
  const inside = await run.openPopup();
  await inside.locator('.empty').waitFor();
  await inside.evaluate(fillDatabase, { messages: MESSAGES, opensEach: 2, quietEvery: QUIET_EVERY });
  await inside.close();
  await run.stopWorker();
  popup = await run.openPopup();
  await until('the first page', rows, (count) => count === 100);
});
after(() => run?.close());

const rows = () => popup.locator('[data-kaifu="message"]').count();

test('an old email is found by its subject, and by whom it went to', async () => {
  for (const [text, count, subject] of [['NUMBER 3', 100], ['reader7@example.org', 1, 'Offer number 7'], ['offer reader 12@', 4], ['number 7 READER7@', 1, 'Offer number 7']]) {
    await popup.locator('#search').fill(text);
    await until(text, rows, (found) => found === count);
    if (subject) await popup.locator('[data-kaifu="message"]').getByText(subject, { exact: true }).waitFor();
  }
});

test('where nothing is found, the way back is offered', async () => {
  await popup.locator('#search').fill('nobody at all');
  await popup.getByText('No emails match.').waitFor();
  await popup.getByRole('button', { name: 'Clear filters' }).click();
  await until('the first page', rows, (count) => count === 100);
  assert.equal(await popup.locator('#search').inputValue(), '');
});

test('the emails of a state are all there, however old they are', async () => {
  const kind = (name) => popup.locator(`[data-kind="${name}"]`);
  const states = () => popup.locator('[data-kaifu="message"]').evaluateAll((all) => [...new Set(all.map((row) => row.dataset.kaifuState))]);
  // Nobody follows the account that they are of.
  await kind('other').click();
  await until('a page of them', rows, (count) => count === 100);
  assert.deepEqual(await states(), ['unfollowed']);
  await popup.getByText('100 of 120').waitFor();
  await popup.locator('[data-action="more"]').click();
  await until('all of them', rows, (count) => count === 120);
  await popup.locator('#search').fill('number 3');
  await until('those with the words', rows, (count) => count === Array.from({ length: 120 }, (_, place) => 3 * place).filter((number) => String(number).includes('3')).length);
  await kind('opened').click();
  await until('the others with the words', states, (all) => JSON.stringify(all) === '["opened"]');
  await popup.locator('#search').fill('');
  await kind('all').click();
  await until('both', states, (all) => all.length === 2);
});
