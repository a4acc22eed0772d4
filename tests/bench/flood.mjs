// An email of which a flood of events came: how long the popup takes to show it, and how long one more event
// of it takes from the recipient's load to the popup, beside the same of an email without any.
import { setTimeout as pause } from 'node:timers/promises';
import { messageIn, openMail, sendTracked, start, until } from '../e2e/harness.mjs';
import { floodDatabase } from './lib/database.mjs';
import { median } from './lib/report.mjs';

const EVENTS = 250_000;
const ROUNDS = 15;

/** Nobody asks a server more often than this: before that is over, one more event would wait for it. */
const APART_MS = 700;

/** Programs that differ, so that the server folds none of their loads into another's. */
const browser = (version) => `Mozilla/5.0 (X11; Linux x86_64; rv:${version}.0) Gecko/20100101 Firefox/${version}.0`;

const run = await start();
try {
  const page = await openMail(run);
  const mails = { calm: await sendTracked(run, page, { subject: 'Calm' }), flood: await sendTracked(run, page, { subject: 'Flood' }) };
  await run.context.addInitScript(() => {
    new MutationObserver((changes, observer) => {
      if (!document.querySelector('[data-kaifu="message"]')) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => (globalThis.paintedAt = performance.now())));
    }).observe(document, { childList: true, subtree: true });
  });
  const firstRows = async (name) => {
    const paints = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const popup = await run.openPopup();
      await popup.waitForFunction(() => globalThis.paintedAt);
      paints.push(await popup.evaluate(() => globalThis.paintedAt));
      await popup.close();
    }
    console.log(`${name}_first_rows_median ${median(paints).toFixed(1)} ms`);
  };
  await firstRows('calm');
  const inside = await run.openPopup();
  await inside.evaluate(floodDatabase, { message: messageIn(mails.flood.html), events: EVENTS });
  await inside.close();
  await firstRows('flood');

  const popup = await run.openPopup();
  for (const [name, mail] of Object.entries(mails)) {
    const message = messageIn(mail.html);
    const [, path] = /(\/p\/[\w-]+\.gif)/.exec(mail.html);
    const row = popup.locator(`[data-kaifu="message"][data-message="${message}"]`);
    await row.waitFor();
    const times = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      await pause(APART_MS);
      // The page notes by itself when it was told, so that nobody's asking is measured.
      await popup.evaluate((id) => {
        globalThis.toldAt = null;
        new MutationObserver((_, observer) => {
          observer.disconnect();
          globalThis.toldAt = Date.now();
        }).observe(document.querySelector(`[data-message="${id}"]`), { childList: true, subtree: true, characterData: true, attributes: true });
      }, message);
      const loadedAt = Date.now();
      await fetch(`http://127.0.0.1:${run.server.port}${path}`, { headers: { 'user-agent': browser(120 + round), 'x-forwarded-for': `198.51.100.${round + 1}` } });
      times.push((await until('the popup to be told', () => popup.evaluate(() => globalThis.toldAt))) - loadedAt);
      await run.clearNotifications();
    }
    console.log(`${name}_one_more_event_median ${median(times).toFixed(1)} ms`);
  }
} finally {
  await run.close();
}
