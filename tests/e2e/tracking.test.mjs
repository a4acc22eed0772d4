import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  checked, compose, draftId, fill, messageIn, openMail, ownFetches, part, pixels, readyToggle, send, sendTracked, start, stored,
  track, tracked, until,
} from './harness.mjs';

const popupRow = (message) => `[data-kaifu="message"][data-message="${message}"]`;

for (const csp of ['eval', 'strict']) {
  describe(`tracking from press to popup, ${csp} policy`, () => {
    let run;
    before(async () => (run = await start({ csp, undo: 30 })));
    after(() => run?.close());

    test('the content script runs', async () => {
      const page = await openMail(run);
      const runtime = await until('the runtime', () => page.locator('html').getAttribute('data-kaifu-runtime'));
      assert.equal(runtime, csp === 'strict' ? 'js' : 'wasm');
      await page.close();
    });

    test('a mail is not tracked unless its sender says so', async () => {
      const page = await openMail(run);
      const mail = await compose(page);
      await fill(mail);
      const toggle = await readyToggle(mail);
      assert.equal(await toggle.getAttribute('role'), 'switch');
      assert.equal(await toggle.getAttribute('aria-checked'), 'false');
      const left = await send(run, mail);
      assert.deepEqual(pixels(left.html), []);
      assert.equal(left.html, '<div dir="ltr">A few words.</div>');
      await page.close();
    });

    for (const key of ['Enter', 'Space']) {
      test(`the toggle follows ${key}, and one image leaves`, async () => {
        const page = await openMail(run);
        const mail = await compose(page);
        await fill(mail);
        const toggle = await readyToggle(mail);
        await toggle.press(key);
        await checked(toggle, true);
        await toggle.press(key);
        await checked(toggle, false);
        await toggle.press(key);
        await checked(toggle, true);
        const left = await send(run, mail);
        const [image, ...more] = pixels(left.html);
        assert.deepEqual(more, []);
        const names = [...image.matchAll(/\s([\w-]+)=/g)].map((match) => match[1]);
        assert.deepEqual(names.filter((name) => name === 'id' || name === 'class' || name.startsWith('data-')), []);
        assert.match(image, /width="1"/);
        assert.match(image, /height="1"/);
        assert.match(image, /alt=""/);
        await page.close();
      });
    }

    test('the choice is kept for each draft, over a reload and with the worker stopped', async () => {
      const page = await openMail(run);
      const [one, two] = [await compose(page), await compose(page)];
      await fill(one, { subject: 'Tracked' });
      await fill(two, { subject: 'Untracked' });
      const [first, second] = [await draftId(one), await draftId(two)];
      await track(one);
      await readyToggle(two);
      for (const id of [first, second]) await until('the draft', () => run.stage.drafts().some((draft) => draft.id === id));
      await page.waitForFunction(() => location.hash.includes('compose=') && !location.hash.includes('new'));
      await run.stopWorker();
      await page.reload();
      const reopened = (id) => page.locator(`.M9:has(input[name="draft"][value="#${id}"])`);
      await checked(part.toggle(reopened(first)), true);
      assert.equal(await (await readyToggle(reopened(second))).getAttribute('aria-checked'), 'false');
      assert.equal(pixels((await send(run, reopened(first))).html).length, 1);
      assert.equal(pixels((await send(run, reopened(second))).html).length, 0);
      await page.close();
    });

    test('a refusal takes the image out of the editor and the draft', async () => {
      const page = await openMail(run);
      const mail = await compose(page);
      await fill(mail, { to: '' });
      const id = await draftId(mail);
      await track(mail);
      await part.send(mail).click();
      await page.locator('[role="alertdialog"] [name="ok"]').click();
      await until('the editor without it', () => part.body(mail).innerHTML(), (html) => pixels(html).length === 0);
      await part.body(mail).pressSequentially(' Later.');
      const draft = await until('the draft', () => run.stage.drafts().find((each) => each.id === id), (each) => each?.html.includes('Later.'));
      assert.deepEqual(pixels(draft.html), []);
      await part.to(mail).fill('reader@example.org');
      assert.equal(pixels((await send(run, mail)).html).length, 1);
      await page.close();
    });

    test('undo brings the draft back without the image, and sending again adds one', async () => {
      const page = await openMail(run);
      const left = await sendTracked(run, page, { subject: 'Undone' });
      await page.locator('#link_undo').click();
      const mail = page.locator('.M9');
      await mail.waitFor();
      await until('the editor without it', () => part.body(mail).innerHTML(), (html) => pixels(html).length === 0);
      await checked(part.toggle(mail), true);
      const again = await send(run, mail);
      assert.deepEqual([again.id, pixels(again.html).length], [left.id, 1]);
      await page.close();
    });

    test('an open travels to desktop, badge, list and popup, with the worker stopped on the way', async () => {
      await run.clearNotifications();
      const page = await openMail(run);
      const left = await sendTracked(run, page, { subject: 'An offer' });
      const message = messageIn(left.html);
      await page.locator('#link_undo').waitFor();
      await run.stopWorker();
      await run.stage.open(left.id, 'firefox');
      await run.waitForNotification(message);
      await until('the badge', run.badgeText, (text) => /^[1-9]/.test(text));
      await page.evaluate(() => (location.hash = '#sent'));
      const row = page.locator(`tr.zA:visible:has([data-thread-id="#${left.thread}"])`);
      await row.locator('[data-kaifu="mark"][data-kaifu-state="opened"]').waitFor({ timeout: 15_000 });
      assert.equal(await row.locator('[data-kaifu="mark"]').count(), 1);
      const popup = await run.openPopup();
      const entry = popup.locator(`${popupRow(message)}[data-kaifu-state="opened"]`);
      await entry.waitFor();
      const text = await entry.textContent();
      for (const word of ['reader@example.org', 'An offer', 'Firefox']) assert.ok(text.includes(word), `${word} in ${text}`);
      const times = await entry.locator('time').evaluateAll((all) => all.map((each) => Date.parse(each.dateTime)));
      assert.ok(times.length >= 2 && times.every((time) => Math.abs(Date.now() - time) < 120_000), String(times));
      await popup.close();
      await page.close();
    });

    test('the number on the button goes when the user looks, not while a page is merely open', async () => {
      const popup = await run.openPopup();
      const show = (state) => popup.evaluate((value) => {
        Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => value });
        document.dispatchEvent(new Event('visibilitychange'));
      }, state);
      await until('no news', run.badgeText, (text) => text === '');
      await show('hidden');
      const page = await openMail(run);
      const left = await sendTracked(run, page, { subject: 'Behind other windows' });
      await page.locator('#link_undo').waitFor();
      await run.stage.open(left.id, 'firefox');
      await popup.locator(`${popupRow(messageIn(left.html))}[data-kaifu-state="opened"]`).waitFor();
      await until('the badge', run.badgeText, (text) => text === '1');
      // Each change is shown to the page, which does not say that somebody looked.
      const mail = await sendTracked(run, page, { subject: 'One more change' });
      await popup.locator(popupRow(messageIn(mail.html))).waitFor();
      assert.equal(await run.badgeText(), '1');
      await show('visible');
      await until('no news', run.badgeText, (text) => text === '');
      await popup.close();
      await page.close();
    });

    test('the sender never counts: nothing is fetched while writing or reading own mails', async () => {
      const page = await openMail(run);
      const left = await sendTracked(run, page, { subject: 'Mine' });
      await page.goto(`https://mail.google.com/mail/u/0/#all/${left.threadLegacy}`);
      await page.reload();
      await page.locator('.a3s').waitFor();
      await page.waitForFunction(() => [...document.querySelectorAll('.a3s img')].every((image) => image.complete));
      // A picture that is not ours still loads, so the silence above is no accident.
      await page.goto('https://mail.google.com/mail/u/0/#search/figures');
      await page.reload();
      await page.locator('tr.zA:visible').first().click();
      await until('the control image', () => run.stage.hits.some((hit) => hit.from === 'proxy' && hit.host === 'images.example.org'));
      assert.deepEqual(ownFetches(run), []);
      const popup = await run.openPopup();
      await popup.locator(`${popupRow(messageIn(left.html))}[data-kaifu-state="unseen"]`).waitFor();
      await popup.close();
      await page.close();
    });
  });
}

describe('where the server or the worker is away', () => {
  let run;
  before(async () => (run = await start({ undo: 30 })));
  after(() => run?.close());

  test('toggle and send work without the server, the popup says so, and the open arrives later', { timeout: 180_000 }, async () => {
    const page = await openMail(run);
    await readyToggle(await compose(page));
    await run.server.stop();
    const mail = await tracked(page, { subject: 'Offline' });
    // The switch is on, and says what that is worth now.
    const status = mail.locator('[data-kaifu="status"][data-kaifu-state="offline"]');
    await until('words about the server', () => status.textContent(), (text) => /until it's back are lost/.test(text));
    const left = await send(run, mail);
    assert.equal(pixels(left.html).length, 1);
    const popup = await run.openPopup();
    await popup.locator(popupRow(messageIn(left.html))).waitFor();
    const again = popup.getByRole('status').getByRole('button');
    await again.waitFor();
    const asked = await until('more than one question', () => stored(popup, 'cursors'), ([{ away }]) => away?.at(-2) < away?.at(-1));
    await run.server.start();
    await run.stage.open(left.id, 'firefox');
    // It may have asked by itself just before.
    await Promise.race([again.click(), again.waitFor({ state: 'detached' })]);
    await run.waitForNotification(messageIn(left.html), 60_000);
    await popup.locator(`${popupRow(messageIn(left.html))}[data-kaifu-state="opened"]`).waitFor();
    // What may be missing is told of the email that was on its way, and of none that came later.
    const [[from, end]] = (await stored(popup, 'cursors')).map(({ away }) => away.slice(-2));
    assert.ok(from >= left.time - 60_000 && end >= asked[0].away.at(-1), JSON.stringify([from, end, left.time]));
    const later = await sendTracked(run, page, { subject: 'Back again' });
    await popup.locator(popupRow(messageIn(later.html))).waitFor();
    const away = async (mail) => (await popup.locator(`${popupRow(messageIn(mail.html))} .away`).allTextContents()).join();
    assert.match(await away(left), /Couldn't reach your Kaifu server from .* to .*\. If it was down, opens in that time weren't recorded\./);
    assert.equal(await away(later), '');
    await popup.close();
    await page.close();
  });

  const moments = {
    'before the page opens': [true, false, false],
    'between the choice and Send': [false, true, false],
    'between Send and the open': [false, false, true],
    'at every one of these': [true, true, true],
  };
  for (const [name, [early, middle, late]] of Object.entries(moments)) {
    test(`the worker stopped ${name} costs nothing`, async () => {
      if (early) await run.stopWorker();
      const page = await openMail(run);
      const mail = await compose(page);
      await fill(mail, { subject: `Stopped ${name}` });
      await track(mail);
      if (middle) await run.stopWorker();
      const left = await send(run, mail);
      assert.equal(pixels(left.html).length, 1);
      const popup = await run.openPopup();
      await popup.locator(popupRow(messageIn(left.html))).waitFor();
      await popup.close();
      if (late) await run.stopWorker();
      await run.stage.open(left.id, 'firefox');
      await run.waitForNotification(messageIn(left.html));
      await page.close();
    });
  }

  test('a desktop notification names the subject and the reason', async () => {
    const page = await openMail(run);
    await run.worker().evaluate(() => {
      const create = chrome.notifications.create.bind(chrome.notifications);
      globalThis.shown = [];
      chrome.notifications.create = (...all) => {
        globalThis.shown.push(JSON.stringify(all));
        return create(...all);
      };
    });
    const left = await sendTracked(run, page, { subject: 'A very special subject' });
    // What is still shown would be gathered with it.
    await run.clearNotifications();
    await run.stage.open(left.id, 'firefox');
    await run.waitForNotification(messageIn(left.html));
    const shown = await run.worker().evaluate(() => globalThis.shown);
    for (const words of ['A very special subject', 'A browser loaded the image.', 'after sending']) {
      assert.ok(shown.some((text) => text.includes(words)), `${words} in ${shown.join('\n')}`);
    }
    await page.close();
  });
});
