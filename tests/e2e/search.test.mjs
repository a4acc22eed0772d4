// The popup looks for words in all that is kept, and not only in what it shows.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fillDatabase } from '../bench/lib/database.mjs';
import { start, until } from './harness.mjs';

const MESSAGES = 300;

let run;
let popup;
before(async () => {
  run = await start();
  const inside = await run.openPopup();
  await inside.locator('.empty').waitFor();
  await inside.evaluate(fillDatabase, { messages: MESSAGES, opensEach: 2 });
  await inside.close();
  await run.stopWorker();
  popup = await run.openPopup();
  await until('the first page', rows, (count) => count === 100);
});
after(() => run?.close());

const rows = () => popup.locator('[data-kaifu="message"]').count();

test('an old email is found by its subject, and by whom it went to', async () => {
  for (const [text, count, subject] of [['NUMBER 3', 57], ['reader7@example.org', 1, 'Offer number 7'], ['offer reader 12@', 3], ['number 7 READER7@', 1, 'Offer number 7']]) {
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
