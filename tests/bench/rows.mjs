// What Kaifu costs a Gmail tab in which thousands of rows are scrolled past: the share of the main
// thread's time, and memory beside the same page without it; and what an extension costs that uses
// InboxSDK for one button in each compose. A compose is open in each of these pages.
import { compose, inContentScript, openMail, readyToggle, sendTracked, start, tell, until } from '../e2e/harness.mjs';
import { buildPeer, installPeer, readyButton } from './lib/inboxsdk.mjs';
import { IN_PAGE, ROWS, fillInbox, print, scrollAndMeasure } from './lib/rows.mjs';

/** Tells the worker of tracked mails in these conversations. */
function press(run, page, threads) {
  return tell(run, page, ...threads.map((thread, number) => ({
    call: 'press', message: Buffer.from(String(number).padStart(8)).toString('base64url'), thread, subject: '', recipients: [], at: Date.now(),
  })));
}

/** Bytes of the WebAssembly memories of ours in the page. */
function wasmMemory(run, page) {
  return inContentScript(run, page, async (session, contextId) => {
    const { result: prototype } = await session.send('Runtime.evaluate', { expression: 'WebAssembly.Memory.prototype', contextId });
    const { objects } = await session.send('Runtime.queryObjects', { prototypeObjectId: prototype.objectId });
    const { result } = await session.send('Runtime.callFunctionOn', {
      objectId: objects.objectId, returnByValue: true,
      functionDeclaration: 'function () { return this.reduce((sum, memory) => sum + memory.buffer.byteLength, 0); }',
    });
    return result.value;
  });
}

/**
 * Measures in a browser of its own; `prepare` readies the page, `ready` waits for what the extension
 * puts into the compose, `finish` adds to what was measured.
 */
async function measure(extension, { prepare, ready, finish } = {}) {
  const run = await start({ extension, undo: 30 });
  try {
    const tracked = fillInbox(run.stage.mailboxes[0]);
    const page = await openMail(run, { query: { rows: IN_PAGE } });
    const session = await run.context.newCDPSession(page);
    await prepare?.(run, page, tracked);
    const mail = await compose(page);
    await ready?.(mail);
    const measured = await scrollAndMeasure(page, session);
    return { ...measured, ...(await finish?.(run, page)) };
  } finally {
    await run.close();
  }
}

const ours = {
  async prepare(run, page, tracked) {
    // The first tracked mail makes sure that everything is up.
    await sendTracked(run, page, { subject: 'First' });
    await press(run, page, tracked);
    await page.locator('[data-kaifu="mark"]').first().waitFor();
  },
  ready: readyToggle,
  async finish(run, page) {
    await until('a mark at the end', () => page.locator('[data-kaifu="mark"]').count());
    return { wasm: await wasmMemory(run, page) };
  },
};

const bare = await measure(false);
const full = await measure(true, ours);
console.log(`rows_scrolled ${ROWS} rows`);
console.log(`rows_wall ${Math.round(full.all / 1000)} ms`);
console.log(`rows_js_heap_bare ${Math.round(bare.heap / 1024)} kB`);
print('rows', full, bare);
console.log(`rows_wasm_memory ${Math.round(full.wasm / 1024)} kB`);
const why = installPeer();
if (why) {
  console.log(`# rows_inboxsdk: skipped, as ${why}`);
} else {
  print('rows_inboxsdk', await measure(await buildPeer(), { ready: readyButton }), bare);
}
