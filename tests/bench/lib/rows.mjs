// A Gmail tab in which thousands of rows are scrolled past, and what an extension costs it.

/** How many rows are scrolled past. */
export const ROWS = Number(process.env.KAIFU_BENCH_ROWS ?? 5_000);

/** How many rows the page holds at once. */
export const IN_PAGE = 60;

const PX_PER_FRAME = 160;
const EVERY_TRACKED = 25;
const SAMPLE_US = 100;

/**
 * Puts the rows into the inbox.
 * @returns {string[]} the conversations, one of so many, that are to have a tracked mail
 */
export function fillInbox(mailbox) {
  const tracked = [];
  for (let number = 0; number < ROWS; number += 1) {
    const thread = mailbox.receive({ subject: `Row ${number}`, html: `<div>Words of mail ${number}</div>`, time: Date.now() - number * 60_000 });
    if (number % EVERY_TRACKED === 0) tracked.push(thread.id);
  }
  return tracked;
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

/** Microseconds in which a function of an extension was on the stack, and microseconds in all. */
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

/**
 * Scrolls and measures.
 * @returns {Promise<{frames: number, ours: number, all: number, heap: number}>} microseconds of the
 *   extension and in all, and bytes of the JavaScript heap afterwards, every world of the page's included
 */
export async function scrollAndMeasure(page, session) {
  await session.send('Profiler.enable');
  await session.send('Profiler.setSamplingInterval', { interval: SAMPLE_US });
  await session.send('Profiler.start');
  const frames = await scrollThrough(page);
  const { profile } = await session.send('Profiler.stop');
  await session.send('Profiler.disable');
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return { frames, ...shareOf(profile), heap: usedSize };
}

/** Prints what `measured` says of `name`, beside the page without an extension. */
export function print(name, measured, bare) {
  console.log(`${name}_main_thread_share ${((100 * measured.ours) / measured.all).toFixed(3)} %`);
  console.log(`${name}_main_thread_per_row ${(measured.ours / ROWS).toFixed(1)} us`);
  console.log(`${name}_js_heap_more ${Math.round((measured.heap - bare.heap) / 1024)} kB`);
}
