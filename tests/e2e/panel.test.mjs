// The panel of one email's choices: by mouse and by keyboard, under both page policies; what it says is
// what leaves.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import {
  AXE, checked, compose, draftId, fill, inContentScript, link, links, openMail, openOptions, part, pixels, readyToggle, send, start, text, track, tracked, until,
} from './harness.mjs';

const IMAGE = { en: "I've asked to be notified when this email is opened, because it matters. See what is recorded, or stop it, here.", ja: '重要なご連絡のため、開封確認をさせていただいております。記録の確認や停止は、こちらのページから行えます。' };
const RECEIPT = { en: 'Once you\'ve read this, please press "I\'ve read this" here. No reply needed.', ja: 'お読みいただけましたら、こちらのページで「確認しました」を押していただけますと幸いです。ご返信には及びません。' };
const BOTH = "I've asked to be notified when this email is opened. Once you've read it, please press \"I've read this\" here (no reply needed); you can also see or stop what is recorded.";
const NO_LINE = 'No line: the recipient is told nothing.';

const options = (mail) => mail.locator('[data-kaifu="options"]');
const panel = (mail) => mail.locator('[data-kaifu="panel"]');
const mode = (mail, name) => panel(mail).locator(`[data-kaifu-mode="${name}"]`);
const notice = (mail) => panel(mail).locator('[data-kaifu-notice]');
const language = (mail) => panel(mail).locator('select');
const preview = (mail) => panel(mail).locator('[aria-live]');
const attribute = (element, name, wanted) => until(`${name}=${wanted}`, () => element.getAttribute(name), (it) => it === wanted);
const says = (element, wanted) => until(wanted, () => element.textContent(), (it) => it === wanted);
/** What has the focus, by the attribute that names it. */
const focused = (page) => page.evaluate(() => {
  const { dataset, tagName } = document.activeElement;
  return dataset.kaifuMode ?? dataset.kaifuWish ?? ('kaifuNotice' in dataset ? 'notice' : dataset.kaifu ?? tagName);
});

/** Opens a mail's panel by its button. */
async function open(mail) {
  await readyToggle(mail);
  await options(mail).click();
  await panel(mail).waitFor();
}

/** How many of each a mail has, and what it says behind what was typed. */
const carries = (html, typed = 'A few words.') => {
  const said = text(html);
  assert.ok(said.startsWith(typed), said);
  return [pixels(html).length, links(html).length, said.slice(typed.length)];
};

for (const csp of ['eval', 'strict']) {
  describe(`the panel, ${csp} policy`, () => {
    let run;
    let page;
    before(async () => {
      run = await start({ csp, tells: true });
      page = await openMail(run);
    });
    beforeEach(() => page.bringToFront());
    after(() => run?.close());

    test('by the mouse: every mode proves itself in what leaves', async () => {
      assert.equal(await page.locator('html').getAttribute('data-kaifu-runtime'), csp === 'strict' ? 'js' : 'wasm');
      for (const [name, line, images] of [['image', IMAGE.en, 1], ['receipt', RECEIPT.en, 0], ['both', BOTH, 1]]) {
        const mail = await compose(page);
        await fill(mail, { subject: name });
        await open(mail);
        await until('the word that it is off', () => panel(mail).getByRole('status').textContent(), (it) => it.startsWith('Tracking is off'));
        assert.equal(await panel(mail).getByRole('radio', { checked: true }).count(), 0);
        await mode(mail, name).click();
        await attribute(mode(mail, name), 'aria-checked', 'true');
        await checked(part.toggle(mail), true);
        await says(preview(mail), line);
        assert.equal(await preview(mail).locator('u').textContent(), 'here');
        assert.equal(await notice(mail).getAttribute('aria-disabled'), String(name !== 'image'));
        const left = await send(run, mail);
        assert.deepEqual(carries(left.html), [images, 1, line]);
      }
    });

    test('the line is left out of one mail, or speaks the language that was chosen for it', async () => {
      const quiet = await tracked(page, { subject: 'Quiet' });
      await open(quiet);
      await attribute(notice(quiet), 'aria-checked', 'true');
      await notice(quiet).click();
      await says(preview(quiet), NO_LINE);
      assert.equal(await language(quiet).isDisabled(), true);
      assert.deepEqual(carries((await send(run, quiet)).html), [1, 0, '']);

      const spoken = await tracked(page, { subject: 'Spoken' });
      await open(spoken);
      assert.deepEqual(await language(spoken).locator('option').allTextContents(), ['As the email: English', 'English', 'Deutsch', '日本語']);
      await language(spoken).selectOption('ja');
      await says(preview(spoken), IMAGE.ja);
      assert.equal(await preview(spoken).getAttribute('lang'), 'ja');
      // All else that is chosen leaves the language as it is.
      await mode(spoken, 'receipt').click();
      await says(preview(spoken), RECEIPT.ja);
      // Turned off and on again, it is what it was.
      for (const value of [false, true]) {
        await part.toggle(spoken).click();
        await checked(part.toggle(spoken), value);
      }
      const left = await send(run, spoken);
      assert.deepEqual(carries(left.html), [0, 1, RECEIPT.ja]);

      await run.set({ tells: false });
      const told = await tracked(page, { subject: 'Told' });
      await open(told);
      await says(preview(told), NO_LINE);
      await notice(told).click();
      await says(preview(told), IMAGE.en);
      assert.deepEqual(carries((await send(run, told)).html), [1, 1, IMAGE.en]);
      await run.set({ tells: true });
    });

    test('by the keyboard alone: the focus goes in, round, and comes back', async () => {
      const mail = await compose(page);
      await fill(mail, { subject: 'Keys' });
      await readyToggle(mail);
      await options(mail).focus();
      await page.keyboard.press('Enter');
      await panel(mail).waitFor();
      await until('the focus', () => focused(page), (it) => it === 'image');
      await page.keyboard.press('ArrowDown');
      await attribute(mode(mail, 'receipt'), 'aria-checked', 'true');
      assert.equal(await focused(page), 'receipt');
      await page.keyboard.press('ArrowUp');
      await attribute(mode(mail, 'image'), 'aria-checked', 'true');
      await page.keyboard.press('ArrowUp');
      await attribute(mode(mail, 'both'), 'aria-checked', 'true');
      await page.keyboard.press('ArrowDown');
      await attribute(mode(mail, 'image'), 'aria-checked', 'true');
      const round = [];
      for (let step = 0; step < 3; step += 1) {
        await page.keyboard.press('Tab');
        round.push(await focused(page));
      }
      assert.deepEqual(round, ['notice', 'SELECT', 'always']);
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      assert.equal(await focused(page), 'image');
      for (const back of ['never', 'always']) {
        await page.keyboard.press('Shift+Tab');
        assert.equal(await focused(page), back);
      }
      await page.keyboard.press('Shift+Tab');
      assert.equal(await focused(page), 'SELECT');
      await page.keyboard.press('Shift+Tab');
      await page.keyboard.press('Space');
      await attribute(notice(mail), 'aria-checked', 'false');
      await page.keyboard.press('Escape');
      await panel(mail).waitFor({ state: 'detached' });
      assert.equal(await focused(page), 'options');
      assert.equal(await options(mail).getAttribute('aria-expanded'), 'false');
      assert.ok(await mail.isVisible(), 'Escape was not for Gmail');
      assert.deepEqual(carries((await send(run, mail)).html), [1, 0, '']);
    });

    test('closes by a second press and by a press elsewhere, which does what it does', async () => {
      const mail = await compose(page);
      await open(mail);
      assert.equal(await options(mail).getAttribute('aria-expanded'), 'true');
      await options(mail).click();
      await panel(mail).waitFor({ state: 'detached' });
      assert.equal(await focused(page), 'options');
      await open(mail);
      await page.mouse.click(200, 700);
      await panel(mail).waitFor({ state: 'detached' });
      await open(mail);
      await part.subject(mail).focus();
      await panel(mail).waitFor({ state: 'detached' });
      await page.keyboard.type('Typed');
      assert.equal(await part.subject(mail).inputValue(), 'Typed');
      await fill(mail, { subject: 'Sent from within' });
      await open(mail);
      await mode(mail, 'receipt').click();
      const id = await draftId(mail);
      await page.keyboard.press('Control+Enter');
      const left = await until('the mail', () => run.stage.mails().find((it) => it.id === id));
      assert.deepEqual(carries(left.html), [0, 1, RECEIPT.en]);
    });

    test('each of two composes has its own, and a reload keeps both', async () => {
      const tab = await openMail(run);
      const [one, two] = [await compose(tab), await compose(tab)];
      await fill(one, { subject: 'First' });
      await fill(two, { subject: 'Second' });
      const [first, second] = [await draftId(one), await draftId(two)];
      await open(one);
      await mode(one, 'receipt').click();
      await language(one).selectOption('ja');
      await open(two);
      assert.equal(await panel(one).count(), 0, 'one at a time');
      await mode(two, 'image').click();
      await notice(two).click();
      await says(preview(two), NO_LINE);
      for (const id of [first, second]) await until('the draft', () => run.stage.drafts().some((draft) => draft.id === id));
      await tab.waitForFunction(() => location.hash.includes('compose=') && !location.hash.includes('new'));
      await run.stopWorker();
      await tab.reload();
      const again = (id) => tab.locator(`.M9:has(input[name="draft"][value="#${id}"])`);
      await checked(part.toggle(again(first)), true);
      await open(again(first));
      await attribute(mode(again(first), 'receipt'), 'aria-checked', 'true');
      await says(preview(again(first)), RECEIPT.ja);
      await open(again(second));
      await attribute(mode(again(second), 'image'), 'aria-checked', 'true');
      await says(preview(again(second)), NO_LINE);
      await tab.keyboard.press('Escape');
      assert.deepEqual(carries((await send(run, again(first))).html), [0, 1, RECEIPT.ja]);
      assert.deepEqual(carries((await send(run, again(second))).html), [1, 0, '']);
      await tab.close();
    });

    test('the last choice of all tabs holds, and an open panel shows it', async () => {
      const mail = await compose(page);
      await fill(mail, { subject: 'Everywhere' });
      const id = await draftId(mail);
      await until('the draft', () => run.stage.drafts().some((draft) => draft.id === id));
      await open(mail);
      await mode(mail, 'both').click();
      const other = await openMail(run, { hash: '#drafts' });
      await other.locator('tr.zA:visible').filter({ has: other.locator(`[data-standalone-draft-id="#${id}"]`) }).click();
      const its = other.locator('.M9').first();
      await its.waitFor();
      await open(its);
      await attribute(mode(its, 'both'), 'aria-checked', 'true');
      await mode(its, 'receipt').click();
      await attribute(mode(mail, 'receipt'), 'aria-checked', 'true');
      await language(its).selectOption('ja');
      await says(preview(mail), RECEIPT.ja);
      await other.close();
      await page.bringToFront();
      assert.deepEqual(carries((await send(run, mail)).html), [0, 1, RECEIPT.ja]);
    });

    test('an email that cannot be tracked says why, and nothing can be chosen', async () => {
      const mail = await compose(page);
      await readyToggle(mail);
      await mail.locator('[command="locker"]').click();
      await attribute(part.toggle(mail), 'aria-disabled', 'true');
      await options(mail).click();
      await says(panel(mail).getByRole('status'), "Emails in confidential mode can't be tracked");
      await attribute(mode(mail, 'image'), 'aria-disabled', 'true');
      await mode(mail, 'image').click({ force: true });
      assert.equal(await mode(mail, 'image').getAttribute('aria-checked'), 'false');
      await page.keyboard.press('Escape');
    });
  });
}

for (const csp of ['eval', 'strict']) {
  describe(`wishes about an address, ${csp} policy`, () => {
    let run;
    let page;
    before(async () => {
      run = await start({ csp });
      page = await openMail(run);
    });
    beforeEach(() => page.bringToFront());
    after(() => run?.close());

    const wish = (mail, name) => panel(mail).locator(`[data-kaifu-wish="${name}"]`);
    const written = async (to) => {
      const mail = await compose(page);
      await fill(mail, { to });
      await part.toggle(mail).waitFor();
      return mail;
    };
    const title = (mail, wanted) => until(wanted, () => part.toggle(mail).getAttribute('title'), (it) => it.includes(wanted));

    test('always: the switch is on for that address alone, and says why, until one is turned off or all are', async () => {
      const first = await written('Wanted@Example.org');
      await open(first);
      await panel(first).getByText('For Wanted@Example.org').waitFor();
      assert.equal(await wish(first, 'alone').isVisible(), false);
      await wish(first, 'always').click();
      await checked(part.toggle(first), true);
      await title(first, 'as always for this address');
      await attribute(wish(first, 'always'), 'aria-checked', 'true');
      await attribute(mode(first, 'image'), 'aria-checked', 'true');
      await page.keyboard.press('Escape');
      assert.equal(pixels((await send(run, first)).html).length, 1);

      const second = await written('wanted@example.org');
      await checked(part.toggle(second), true);
      await part.toggle(second).click();
      await checked(part.toggle(second), false);
      assert.equal(pixels((await send(run, second)).html).length, 0);

      const among = await written('wanted@example.org, other@example.org');
      await checked(part.toggle(among), false);
      await open(among);
      assert.equal(await wish(among, 'always').isVisible(), false, 'about no address in particular');
      await page.keyboard.press('Escape');
      assert.equal(pixels((await send(run, among)).html).length, 0);

      const options = await openOptions(run);
      const people = options.locator('#people');
      await until('the wish', () => people.textContent(), (said) => said.includes('wanted@example.org') && said.includes('You always track emails to them'));
      await people.getByRole('button', { name: 'Forget your wish about wanted@example.org' }).click();
      await options.locator('#nobody').waitFor();
      await options.close();
      await page.bringToFront();
      const last = await written('wanted@example.org');
      await checked(part.toggle(last), false);
      await send(run, last);
    });

    test('never: nothing goes in, whatever was chosen before and whoever else it goes to, until it is taken back', async () => {
      const first = await written('spared@example.org');
      await open(first);
      await mode(first, 'both').click();
      await checked(part.toggle(first), true);
      await wish(first, 'never').click();
      await attribute(part.toggle(first), 'aria-disabled', 'true');
      await title(first, 'you chose never to track');
      await says(panel(first).getByRole('status'), 'Not tracked: you chose never to track one of the recipients');
      await attribute(mode(first, 'both'), 'aria-disabled', 'true');
      await page.keyboard.press('Escape');
      const left = await send(run, first);
      assert.deepEqual([pixels(left.html).length, links(left.html).length], [0, 0]);

      const among = await written('other@example.org, Spared@example.org');
      await title(among, 'you chose never to track');
      await send(run, among);
      const again = await written('spared@example.org');
      await title(again, 'you chose never to track');
      await options(again).click();
      await attribute(wish(again, 'never'), 'aria-checked', 'true');
      // One takes the place of the other.
      await wish(again, 'always').click();
      await checked(part.toggle(again), true);
      await attribute(wish(again, 'never'), 'aria-checked', 'false');
      await wish(again, 'always').click();
      await checked(part.toggle(again), false);
      await page.keyboard.press('Escape');
      await track(again);
      assert.equal(pixels((await send(run, again)).html).length, 1);
    });
  });
}

describe('the panel to look at', () => {
  let run;
  before(async () => (run = await start({ tells: true })));
  after(() => run?.close());

  const boxes = async (mail) => {
    const [around, sends] = [await panel(mail).boundingBox(), await part.send(mail).boundingBox()];
    const apart = around.y + around.height <= sends.y || around.y >= sends.y + sends.height || around.x >= sends.x + sends.width || around.x + around.width <= sends.x;
    return { around, apart, sends };
  };

  for (const [name, query, size] of [
    ['light', {}, [1400, 900]],
    ['dark', { dark: '1' }, [1400, 900]],
    ['right to left', { lang: 'ar', dark: '1' }, [1400, 900]],
    ['a narrow window', {}, [320, 640]],
    ['400 % of a usual window', {}, [360, 225]],
    ['400 %, right to left', { lang: 'ar' }, [360, 225]],
  ]) {
    test(`${name}: it stays inside, covers no Send, and everybody can use it`, async () => {
      const page = await openMail(run, { query });
      const mail = await compose(page);
      await fill(mail, {});
      await track(mail);
      await page.setViewportSize({ width: size[0], height: size[1] });
      await part.toggle(mail).scrollIntoViewIfNeeded();
      // A small window may have the button outside, which a keyboard still reaches.
      await options(mail).focus();
      await page.keyboard.press('Enter');
      await panel(mail).waitFor();
      const { around, apart, sends } = await boxes(mail);
      assert.ok(apart, JSON.stringify({ around, sends }));
      const inside = around.x >= 0 && around.y >= 0 && around.x + around.width <= size[0] && around.y + around.height <= size[1];
      assert.ok(inside, JSON.stringify(around));
      assert.ok(around.height > 60, JSON.stringify(around));
      for (const part of [mode(mail, 'both'), notice(mail), language(mail), preview(mail)]) {
        await part.scrollIntoViewIfNeeded();
        const box = await part.boundingBox();
        assert.ok(box.x >= around.x && box.x + box.width <= around.x + around.width, JSON.stringify({ box, around }));
      }
      await inContentScript(run, page, async (session, contextId) => {
        await session.send('Runtime.evaluate', { expression: AXE(), contextId });
        const expression = 'axe.run("[data-kaifu=panel]").then(({ violations, passes }) => JSON.stringify({ violations: violations.map((it) => [it.id, it.nodes.map((node) => node.html + node.failureSummary)]), passes: passes.map((it) => it.id) }))';
        const { result } = await session.send('Runtime.evaluate', { expression, contextId, awaitPromise: true });
        const { violations, passes } = JSON.parse(result.value);
        assert.deepEqual(violations, []);
        assert.ok(passes.includes('color-contrast'), passes.join());
      });
      await page.close();
    });
  }

  test('in forced colours, states are told by shape', async () => {
    const page = await openMail(run);
    await page.emulateMedia({ forcedColors: 'active' });
    const mail = await tracked(page);
    await open(mail);
    const width = (name) => mode(mail, name).evaluate((it) => getComputedStyle(it, '::before').borderTopWidth);
    assert.deepEqual([await width('image'), await width('receipt')], ['5px', '2px']);
    await page.close();
  });

  test('the program of the panel is loaded when one is first opened, and not before', async () => {
    const page = await openMail(run);
    const asked = [];
    page.on('request', (request) => asked.push(request.url()));
    const mail = await compose(page);
    await readyToggle(mail);
    // Each of an address that changes with the session and leads to the other.
    const its = () => asked.filter((url) => url.includes('kaifu_panel')).map((url) => url.split('/').at(-1));
    assert.deepEqual(its(), []);
    await open(mail);
    assert.deepEqual([...new Set(its())], ['kaifu_panel.js', 'kaifu_panel_bg.wasm']);
    const { length } = its();
    await page.keyboard.press('Escape');
    await open(mail);
    assert.equal(its().length, length);
    await page.close();
  });
});

for (const [name, stage] of Object.entries({
  'an editor that is read before the press': { editor: 'frozen' },
  'an editor that is read when it says that it changed': { editor: 'input' },
  'requests in an unknown form': { wire: 'unknown' },
})) {
  test(`what was chosen in the panel leaves, with ${name}`, async () => {
    const run = await start({ tells: true, ...stage });
    try {
      const page = await openMail(run);
      for (const [how, wanted] of [['image', [1, 1, IMAGE.ja]], ['receipt', [0, 1, RECEIPT.ja]]]) {
        const mail = await compose(page);
        await fill(mail, { subject: how });
        await open(mail);
        await mode(mail, how).click();
        await language(mail).selectOption('ja');
        await says(preview(mail), wanted[2]);
        const left = await send(run, mail);
        assert.deepEqual(carries(left.html), wanted);
        link(left.html);
      }
    } finally {
      await run.close();
    }
  });
}
