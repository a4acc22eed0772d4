// What Kaifu costs a Gmail tab in which thousands of rows are scrolled past: the share of the main
// thread's time, and memory beside the same page without it.
import { openMail, sendTracked, start, until } from '../e2e/harness.mjs';

const ROWS = Number(process.env.KAIFU_BENCH_ROWS ?? 5_000);
const IN_PAGE = 60;
const PX_PER_FRAME = 160;
const EVERY_TRACKED = 25;
const SAMPLE_US = 100;

/** Puts rows into the inbox; every so many of them continue a conversation with a tracked mail. */
function fillInbox(mailbox, tracked) {
  for (let number = 0; number < ROWS; number += 1) {
    const thread = mailbox.receive({ subject: `Row ${number}`, html: `<div>Words of mail ${number}</div>`, time: Date.now() - number * 60_000 });
    if (tracked && number % EVERY_TRACKED === 0) tracked.push(thread.id);
  }
}

/** Scrolls from the first row to the last, a step each frame, and gives how many frames it took. */
function scrollThrough(page) {
  return page.evaluate((step) => new Promise((resolve) => {
    const list = document.querySelector('.stage-scroll');
    let frames = 0;
    const next = () => {
      frames += 1;
      list.scrollTop += step;
      if (list.scrollTop + list.clientHeight < list.scrollHeight - 1) requestAnimationFrame(next);
      else resolve(frames);
    };
    requestAnimationFrame(next);
  }), PX_PER_FRAME);
}

/** Microseconds in which one of our functions was on the stack, and microseconds in all. */
function shareOf(profile) {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const ours = new Set();
  const mark = (id, inside) => {
    const node = nodes.get(id);
    const own = inside || /^(chrome-extension|wasm):/.test(node.callFrame.url);
    if (own) ours.add(id);
    for (const child of node.children ?? []) mark(child, own);
  };
  mark(profile.nodes[0].id, false);
  const time = profile.samples.reduce((sum, id, place) => sum + (ours.has(id) ? profile.timeDeltas[place] : 0), 0);
  return { ours: time, all: profile.endTime - profile.startTime };
}

/** Tells the worker, from the content script's own place, of tracked mails in these conversations. */
async function press(run, session, threads) {
  const contexts = [];
  session.on('Runtime.executionContextCreated', ({ context }) => contexts.push(context));
  await session.send('Runtime.enable');
  const { id: contextId } = contexts.find(({ origin }) => origin === `chrome-extension://${run.extensionId}`);
  const calls = threads.map((thread, number) => ({
    call: 'press', message: Buffer.from(String(number).padStart(8)).toString('base64url'), thread, subject: '', recipients: [], at: Date.now(),
  }));
  const expression = `(async () => { for (const call of ${JSON.stringify(calls)}) await chrome.runtime.sendMessage(call); })()`;
  await session.send('Runtime.evaluate', { expression, contextId, awaitPromise: true });
}

/** Bytes of the page's JavaScript heap, and of the WebAssembly memories in it. */
async function memoryOf(session) {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize;
}

async function wasmMemory(run, page) {
  const session = await run.context.newCDPSession(page);
  const contexts = [];
  session.on('Runtime.executionContextCreated', ({ context }) => contexts.push(context));
  await session.send('Runtime.enable');
  const own = contexts.find(({ origin }) => origin === `chrome-extension://${run.extensionId}`);
  const { result: prototype } = await session.send('Runtime.evaluate', { expression: 'WebAssembly.Memory.prototype', contextId: own.id });
  const { objects } = await session.send('Runtime.queryObjects', { prototypeObjectId: prototype.objectId });
  const { result } = await session.send('Runtime.callFunctionOn', {
    objectId: objects.objectId, returnByValue: true,
    functionDeclaration: 'function () { return this.reduce((sum, memory) => sum + memory.buffer.byteLength, 0); }',
  });
  await session.detach();
  return result.value;
}

async function measure(extension) {
  const run = await start({ extension, undo: 30 });
  try {
    const tracked = extension ? [] : null;
    fillInbox(run.stage.mailboxes[0], tracked);
    const page = await openMail(run, { query: { rows: IN_PAGE } });
    const session = await run.context.newCDPSession(page);
    if (extension) {
      // The first tracked mail makes sure that everything is up.
      await sendTracked(run, page, { subject: 'First' });
      await press(run, session, tracked);
      await page.locator('[data-kaifu="mark"]').first().waitFor();
    }
    await session.send('Profiler.enable');
    await session.send('Profiler.setSamplingInterval', { interval: SAMPLE_US });
    await session.send('Profiler.start');
    const frames = await scrollThrough(page);
    const { profile } = await session.send('Profiler.stop');
    if (extension) await until('a mark at the end', () => page.locator('[data-kaifu="mark"]').count());
    await session.send('Profiler.disable');
    const heap = await memoryOf(session);
    return { frames, ...shareOf(profile), heap, wasm: extension ? await wasmMemory(run, page) : 0 };
  } finally {
    await run.close();
  }
}

const [bare, full] = [await measure(false), await measure(true)];
console.log(`rows_scrolled ${ROWS} rows`);
console.log(`rows_wall ${Math.round(full.all / 1000)} ms`);
console.log(`rows_main_thread_share ${((100 * full.ours) / full.all).toFixed(3)} %`);
console.log(`rows_main_thread_per_row ${(full.ours / ROWS).toFixed(1)} us`);
console.log(`rows_js_heap_bare ${Math.round(bare.heap / 1024)} kB`);
console.log(`rows_js_heap_more ${Math.round((full.heap - bare.heap) / 1024)} kB`);
console.log(`rows_wasm_memory ${Math.round(full.wasm / 1024)} kB`);
