// What is chosen on the options page and shows elsewhere: for how long emails are tracked, and the theme.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { lastDayOf } from '../lib/token.mjs';
import { canBeUsedByEverybody, openMail, openOptions, pixels, send, start, tracked, until } from './harness.mjs';

let run;
let page;
before(async () => {
  run = await start();
  page = await openMail(run);
});
after(() => run?.close());

/** How many days after today the image of one more email ends to record anything. */
async function tracedFor() {
  await page.bringToFront();
  const { html } = await send(run, await tracked(page, { subject: 'For how long' }));
  const [, token] = /\/p\/([\w-]+)\.gif/.exec(pixels(html)[0]);
  const today = Math.floor((Date.now() - Date.UTC(2020, 0, 1)) / 86_400_000);
  return lastDayOf(token) - today;
}

test('emails are tracked for as long as the user says', async () => {
  assert.equal(await tracedFor(), 90);
  const options = await openOptions(run);
  await until('what is set', () => options.locator('#track-days').inputValue(), (days) => days === '90');
  await options.locator('#track-days').selectOption('7');
  await options.locator('#settings-save').click();
  await until('the answer', () => options.locator('#settings-status').textContent());
  assert.equal(await tracedFor(), 7);
  await options.close();
});

test('the theme that was chosen holds on every page, whatever the system has', async () => {
  const options = await openOptions(run);
  const popup = await run.openPopup();
  const background = (at) => at.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const [light, dark] = ['rgb(255, 255, 255)', 'rgb(20, 24, 22)'];
  for (const [theme, system, wanted] of [['dark', 'light', dark], ['light', 'dark', light], ['', 'dark', dark], ['', 'light', light]]) {
    await options.locator('#theme').selectOption(theme);
    for (const at of [options, popup]) {
      await at.emulateMedia({ colorScheme: system });
      await until(`${theme} over ${system}`, () => background(at), (color) => color === wanted);
    }
  }
  await options.locator('#theme').selectOption('dark');
  await options.reload();
  assert.equal(await background(options), dark);
  assert.equal(await options.locator('#theme').inputValue(), 'dark');
  await canBeUsedByEverybody(options, 800);
  await popup.close();
  await options.close();
});
