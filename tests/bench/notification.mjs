import { messageIn, openMail, sendTracked, start } from '../e2e/harness.mjs';
import { median, quantile } from './lib/report.mjs';

const RUNS = Number(process.env.KAIFU_BENCH_RUNS ?? 25);

/** Milliseconds from the recipient's fetch to the notification's appearance. */
async function measure(run, watcher, mail) {
  const seen = watcher.evaluate(async (message) => {
    for (;;) {
      const all = await chrome.notifications.getAll();
      if (Object.keys(all).some((id) => id.includes(message))) return Date.now();
    }
  }, messageIn(mail.html));
  const opened = Date.now();
  await run.stage.open(mail.id, 'firefox');
  return (await seen) - opened;
}

const run = await start({ undo: 30 });
try {
  const page = await openMail(run);
  const watcher = await run.context.newPage();
  await watcher.goto(`chrome-extension://${run.extensionId}/manifest.json`);
  await page.bringToFront();
  const times = [];
  for (let round = 0; round < RUNS; round += 1) {
    const mail = await sendTracked(run, page, { subject: `Round ${round}` });
    await page.locator('#link_undo').waitFor();
    times.push(await measure(run, watcher, mail));
    process.stderr.write(`\r${round + 1}/${RUNS}`);
  }
  process.stderr.write('\n');
  console.log(`open_to_notification_median ${median(times)} ms`);
  console.log(`open_to_notification_p95 ${quantile(times, 0.95)} ms`);
} finally {
  await run.close();
}
