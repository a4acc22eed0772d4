// What is stored is out of Gmail's reach.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PUBLIC, inContentScript, openMail, start, until } from './harness.mjs';

let run;
let inside;
before(async () => {
  run = await start();
  inside = await run.openPopup();
});
after(() => run?.close());

test('a Gmail tab cannot read or write what the extension stores', async () => {
  const page = await openMail(run);
  const answers = await inContentScript(run, page, async (session, contextId) => {
    const ask = async (expression) => (await session.send('Runtime.evaluate', { expression, contextId, awaitPromise: true, returnByValue: true }));
    return Promise.all(['local', 'session', 'sync', 'managed'].flatMap((area) => [
      ask(`chrome.storage.${area}.get(null)`), ask(`chrome.storage.${area}.set({ settings: {} })`),
    ]));
  });
  for (const answer of answers) assert.ok(answer.exceptionDetails, JSON.stringify(answer));
  await until('the account', () => inside.evaluate(() => chrome.storage.local.get('accounts')), ({ accounts }) => accounts?.[PUBLIC]);
  await page.close();
});
