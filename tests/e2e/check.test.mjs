// The check on the user's own Gmail: what is ticked off while they send an email to themselves.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { canBeUsedByEverybody, openMail, openOptions, send, start, tracked, until } from './harness.mjs';

describe('the check on my Gmail', () => {
  let run;
  let page;
  let check;
  before(async () => {
    run = await start({ undo: 0 });
    page = await openMail(run);
  });
  after(() => run?.close());

  /** How far each step has come, in their order. */
  const states = () => check.locator('#steps li').evaluateAll((all) => all.map((it) => it.dataset.state));
  const done = (count) => until(`${count} steps`, states, (all) => all.slice(0, count).every((state) => state === 'done'));

  test('opens from the options and waits for an email', async () => {
    const options = await openOptions(run);
    [check] = await Promise.all([run.context.waitForEvent('page'), options.locator('#check').click()]);
    await options.close();
    await done(2);
    assert.deepEqual((await states()).slice(2), Array(6).fill('waiting'));
    assert.match(await check.locator('#steps li').nth(1).textContent(), /WebAssembly/);
    await canBeUsedByEverybody(check, 800);
  });

  test('ticks off all that works with the email, and copies a report without it', async () => {
    await page.bringToFront();
    const to = 'sender@example.com';
    const left = await send(run, await tracked(page, { to, subject: 'To myself' }));
    await done(5);
    await page.goto('https://mail.google.com/mail/u/0/?v=sent#sent');
    await page.locator(`tr.zA:visible:has([data-thread-id="#${left.thread}"]) [data-kaifu="mark"]`).waitFor();
    await done(6);
    assert.deepEqual((await states()).slice(6), ['waiting', 'waiting']);
    await page.goto(`https://mail.google.com/mail/u/0/?v=view#all/${left.threadLegacy}`);
    await done(7);
    assert.equal((await states())[7], 'waiting');
    await run.stage.open(left.id, 'firefox');
    await done(8);
    await check.bringToFront();
    await run.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await check.locator('#copy').click();
    await until('the report', () => check.locator('#copied').textContent(), (text) => text === 'Copied');
    const report = await check.evaluate(() => navigator.clipboard.readText());
    assert.match(report, /^runtime: wasm$/m);
    for (const word of ['To myself', to, left.id]) assert.ok(!report.includes(word), report);
  });
});
