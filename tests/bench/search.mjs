// How long a search of thousands of emails takes: until the worker's first answer, when it knows them, when
// one of them has changed since, and when it has just started; what a keystroke takes of the popup's time;
// and how much memory the worker has afterwards.
import { start, until } from '../e2e/harness.mjs';
import { fillDatabase } from './lib/database.mjs';
import { median } from './lib/report.mjs';
import { workerMemory } from './lib/worker.mjs';

const MESSAGES = 10_000;
const OPENS_EACH = 10;
const ROUNDS = 7;

const run = await start();
try {
  const empty = await run.openPopup();
  await empty.locator('.empty').waitFor();
  await empty.close();
  // A page that holds no call of its own: a popup that looks for something has that one call.
  const inside = await run.context.newPage();
  await inside.goto(new URL('manifest.json', run.popupUrl).href);
  await inside.evaluate(fillDatabase, { messages: MESSAGES, opensEach: OPENS_EACH });
  const ask = (page, text) => page.evaluate(async (words) => {
    const asked = performance.now();
    const { Ok } = await chrome.runtime.sendMessage({ call: 'watch_messages', revision: 0, limit: 100, text: words });
    return { milliseconds: performance.now() - asked, total: Ok.value.total };
  }, text);
  // As the alarm does, within half a minute of a change.
  const first = await ask(inside, 'offer');
  if (first.total !== MESSAGES) throw new Error(`${first.total} emails were found`);
  console.log(`search_unjudged_first_answer ${first.milliseconds.toFixed(1)} ms`);
  const searched = async (name, prepare) => {
    const times = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      await prepare(round);
      const { milliseconds, total } = await ask(inside, `number 77${round}`);
      if (total < 10) throw new Error(`${name}: only ${total} emails were found`);
      times.push(milliseconds);
    }
    console.log(`search_${name}_first_answer_median ${median(times).toFixed(1)} ms`);
    console.log(`search_${name}_first_answer_slowest ${Math.max(...times).toFixed(1)} ms`);
  };
  await searched('known', () => {});
  await searched('changed', (round) => inside.evaluate(async (number) => {
    const { Ok } = await chrome.runtime.sendMessage({ call: 'watch_messages', revision: 0, limit: 100, text: '' });
    const { message, muted } = Ok.value.messages[number];
    await chrome.runtime.sendMessage({ call: 'mute', messages: [message], muted: !muted });
  }, round));
  await searched('stopped', () => run.stopWorker());

  const popup = await run.openPopup();
  await popup.locator('[data-kaifu="message"]').first().waitFor();
  const keys = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const text of ['n', 'nu', 'num', 'number 7', 'number 77', '']) {
      keys.push(await popup.evaluate(async (words) => {
        const search = document.querySelector('#search');
        search.value = words;
        const typed = performance.now();
        search.dispatchEvent(new Event('input'));
        document.body.getBoundingClientRect();
        const blocked = performance.now() - typed;
        await new Promise((resolve) => setTimeout(resolve, 100));
        return blocked;
      }, text));
    }
  }
  console.log(`search_keystroke_median ${median(keys).toFixed(1)} ms`);
  console.log(`search_keystroke_slowest ${Math.max(...keys).toFixed(1)} ms`);
  const { wasm, heap } = await until('the worker', () => workerMemory(run));
  console.log(`search_worker_wasm_memory ${(wasm / 2 ** 20).toFixed(1)} MB`);
  console.log(`search_worker_js_heap ${(heap / 2 ** 20).toFixed(1)} MB`);
} finally {
  await run.close();
}
