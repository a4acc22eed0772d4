// Every kind of compose, and what may happen to it while it is open.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { checked, compose, draftId, fill, mailThatLeft, openMail, part, pixels, readyToggle, send, sendTracked, start, track, until } from './harness.mjs';

const tracked = async (page, content) => {
  const mail = await compose(page);
  await fill(mail, content);
  await track(mail);
  return mail;
};

const button = (page, name) => page.locator(`.Hm .${name}:visible`);
const saved = (run, id) => until('the draft', () => run.stage.drafts().find((each) => each.id === id));

/** Exactly one toggle, in the row of Send, that says `state`. */
async function right(mail, state) {
  await checked(part.toggle(mail), state);
  assert.equal(await part.toggle(mail).count(), 1);
  assert.ok(await part.send(mail).evaluate((node) => node.closest('tr').querySelector('[data-kaifu="toggle"]') !== null));
}

/** Opens an answer to the first message of a conversation that came in. */
async function answer(run, page, kind, subject) {
  const { legacy } = run.stage.mailboxes[0].receive({ subject, html: '<div dir="ltr">Hello</div>' });
  await page.goto(`https://mail.google.com/mail/u/0/?v=${legacy}#all/${legacy}`);
  await page.locator(`.ams.${kind}:visible`).click();
  const opened = page.locator('.ip.adB .M9');
  await opened.waitFor();
  return opened;
}

describe('a compose', () => {
  let run;
  let page;
  before(async () => {
    run = await start({ undo: 30 });
    page = await openMail(run);
  });
  after(() => run?.close());

  test('has its toggle in the frame in which its toolbar appears', async () => {
    await until('the runtime', () => page.locator('html').getAttribute('data-kaifu-runtime'));
    const frames = await page.evaluate(() => new Promise((resolve) => {
      const observer = new MutationObserver(() => {
        if (!document.querySelector('.M9 .aoO')) return;
        observer.disconnect();
        let frames = 0;
        const look = () => {
          if (document.querySelector('.M9 [data-kaifu="toggle"]')) resolve(frames);
          else requestAnimationFrame(() => ((frames += 1), look()));
        };
        look();
      });
      observer.observe(document.body, { childList: true, subtree: true });
      document.querySelector('[gh="cm"]').click();
    }));
    assert.ok(frames <= 1, `${frames} frames`);
    await part.toggle(page.locator('.M9')).waitFor();
    await button(page, 'Ha').click();
  });

  test('three at once: each has its own toggle and its own choice', async () => {
    const mails = [await compose(page), await compose(page), await compose(page)];
    for (const [index, mail] of mails.entries()) await fill(mail, { subject: `One of three: ${index}` });
    await track(mails[1]);
    for (const [index, mail] of mails.entries()) await right(mail, index === 1);
    assert.equal(await page.locator('[data-kaifu="toggle"]').count(), 3);
    const ids = await Promise.all(mails.map(draftId));
    for (const [index, id] of ids.entries()) {
      // The third one stands partly outside of the window.
      await part.body(page.locator(`.M9:has(input[name="draft"][value="#${id}"])`)).press('Control+Enter');
      const left = await mailThatLeft(run, id);
      assert.equal(pixels(left.html).length, index === 1 ? 1 : 0);
    }
  });

  test('built bit by bit beside another one: never a second toggle there, and its own in the end', async () => {
    const mail = await tracked(page, { subject: 'Complete' });
    await page.evaluate(() => {
      const copy = document.querySelector('.M9').cloneNode(true);
      copy.querySelectorAll('[data-kaifu]').forEach((node) => node.remove());
      copy.querySelector('input[name="draft"]').value = '#msg-a:r17';
      const missing = ['[g_editable]', '.dC'].map((selector) => {
        const node = copy.querySelector(selector);
        const place = document.createElement('i');
        node.replaceWith(place);
        return [place, node];
      });
      window.complete = () => missing.forEach(([place, node]) => place.replaceWith(node));
      window.toggles = 0;
      new MutationObserver(() => (window.toggles = Math.max(window.toggles, document.querySelectorAll('[data-kaifu="toggle"]').length))).observe(document.body, { childList: true, subtree: true });
      copy.id = 'second';
      document.body.append(copy);
    });
    // What happens to the first form meanwhile is seen by a toggle that follows it.
    for (const on of [false, true]) {
      await part.toggle(mail).click();
      await checked(part.toggle(mail), on);
    }
    assert.equal(await page.evaluate(() => window.toggles), 1);
    await page.evaluate(() => window.complete());
    const second = page.locator('#second');
    await until('its toggle', () => part.toggle(second).count(), (count) => count === 1);
    await part.toggle(second).dispatchEvent('click');
    await checked(part.toggle(second), true);
    const html = await second.evaluate((root) => {
      root.querySelector('.aoO').click();
      return root.querySelector('[g_editable]').innerHTML;
    });
    assert.equal(pixels(html).length, 1);
    await second.evaluate((root) => root.remove());
    assert.equal(pixels((await send(run, mail)).html).length, 1);
  });

  test('minimised and restored, over the page and back: the same toggle, the same choice', async () => {
    const mail = await tracked(page, { subject: 'Moved about' });
    await part.toggle(mail).evaluate((node) => (node.kept = true));
    for (const name of ['Hl', 'Hl', 'Hq', 'Hq', 'Hl', 'Hl']) {
      await button(page, name).click();
      await right(mail, true);
    }
    assert.equal(await part.toggle(mail).evaluate((node) => node.kept), true);
    assert.equal(pixels((await send(run, mail)).html).length, 1);
  });

  test('closed and opened again from the drafts: its choice is there, also for another tab', async () => {
    const mail = await tracked(page, { subject: 'For later' });
    const id = await draftId(mail);
    await saved(run, id);
    await button(page, 'Ha').click();
    await mail.waitFor({ state: 'detached' });
    for (const tab of [page, await openMail(run)]) {
      await tab.evaluate(() => (location.hash = '#drafts'));
      await tab.locator('tr.zA:visible', { hasText: 'For later' }).click();
      await right(tab.locator('.M9'), true);
      if (tab === page) await button(page, 'Ha').click();
      else {
        assert.equal(pixels((await send(run, tab.locator('.M9'))).html).length, 1);
        await tab.close();
      }
    }
    await page.bringToFront();
  });

  test('from a mailto link, in a page of its own', async () => {
    const alone = await run.context.newPage();
    await alone.goto('https://mail.google.com/mail/u/0/?view=cm&fs=1&tf=1&to=reader@example.org&su=Asked&body=Hi');
    const mail = alone.locator('.M9');
    await track(mail);
    await right(mail, true);
    const left = await send(run, mail);
    assert.deepEqual([pixels(left.html).length, left.subject], [1, 'Asked']);
    await alone.close();
  });

  test('as plain text and back: the toggle says why, and its choice comes back', async () => {
    const mail = await tracked(page, { subject: 'To and fro' });
    await mail.locator('.Xv').dispatchEvent('mousedown');
    await page.locator('.J-M-ayU [role="menuitem"]:visible').dispatchEvent('mouseup');
    await until('it to be disabled', () => part.toggle(mail).getAttribute('aria-disabled'), (it) => it === 'true');
    assert.match(await part.toggle(mail).getAttribute('title'), /Plain-text/);
    await right(mail, false);
    await part.toggle(mail).click({ force: true });
    await right(mail, false);
    await mail.locator('.aA5').click();
    await until('it to be enabled', () => part.toggle(mail).getAttribute('aria-disabled'), (it) => it === 'false');
    await right(mail, true);
    assert.equal(pixels((await send(run, mail)).html).length, 1);
  });

  test('in confidential mode and back: the toggle says why, and no image leaves', async () => {
    const mail = await tracked(page, { subject: 'Between us' });
    const lock = mail.locator('[command="locker"]');
    for (const on of [true, false, true]) {
      await lock.click();
      await until('the toggle to follow', () => part.toggle(mail).getAttribute('aria-disabled'), (it) => it === String(on));
      await right(mail, !on);
    }
    assert.match(await part.toggle(mail).getAttribute('title'), /confidential mode/);
    assert.deepEqual(pixels((await send(run, mail)).html), []);
  });

  for (const [kind, name] of [['bkH', 'a reply'], ['bkI', 'a reply to all'], ['bkG', 'a forward']]) {
    test(`as ${name}, moved into a window: one toggle, the same draft and choice`, async () => {
      const reply = await answer(run, page, kind, `Moved: ${name}`);
      await right(reply, false);
      await part.body(reply).fill('Words');
      if (kind === 'bkG') await part.to(reply).fill('reader@example.org');
      await track(reply);
      await right(reply, true);
      const id = await draftId(reply);
      await reply.locator('.Hq2').click();
      const moved = page.locator('.AD .M9');
      await moved.waitFor();
      assert.equal(await draftId(moved), id);
      await right(moved, true);
      assert.equal(await page.locator('[data-kaifu="toggle"]').count(), 1);
      const left = await send(run, moved);
      assert.equal(left.id, id);
      assert.equal(pixels(left.html).length, 1);
    });
  }

  test('an answer after another one in the same place has a choice of its own', async () => {
    const reply = await answer(run, page, 'bkH', 'Twice in one place');
    await part.body(reply).fill('Tracked');
    await track(reply);
    await send(run, reply);
    await reply.waitFor({ state: 'detached' });
    await page.locator('.ams.bkH:visible').first().click();
    const second = page.locator('.ip.adB .M9');
    await right(second, false);
    await part.body(second).fill('Untracked');
    assert.deepEqual(pixels((await send(run, second)).html), []);
  });
});

describe('the toggle', () => {
  let run;
  let page;
  before(async () => {
    run = await start({ undo: 30 });
    page = await openMail(run);
  });
  after(() => run?.close());

  test('never takes the focus from the editor, nor the selection in it', async () => {
    const mail = await compose(page);
    await readyToggle(mail);
    await part.body(mail).pressSequentially('Hello world');
    await part.body(mail).press('Shift+Home');
    const focus = () => page.evaluate(() => [document.activeElement.getAttribute('g_editable'), String(getSelection())]);
    const before = await focus();
    assert.deepEqual(before, ['true', 'Hello world']);
    await part.toggle(mail).click();
    await checked(part.toggle(mail), true);
    assert.deepEqual(await focus(), before);
    await part.body(mail).pressSequentially('Over');
    assert.equal(await part.body(mail).innerText(), 'Over');
    await mail.locator('.oh').click();
  });

  test('is a switch with a name and a state, reached by Tab from Send', async () => {
    const mail = await compose(page);
    await readyToggle(mail);
    const state = async () => {
      const session = await run.context.newCDPSession(page);
      const { root } = await session.send('DOM.getDocument');
      const { nodeId } = await session.send('DOM.querySelector', { nodeId: root.nodeId, selector: '.M9 [data-kaifu="toggle"]' });
      const { nodes } = await session.send('Accessibility.getPartialAXTree', { nodeId, fetchRelatives: false });
      const property = (name) => nodes[0].properties.find((each) => each.name === name)?.value.value;
      await session.detach();
      return { role: nodes[0].role.value, name: nodes[0].name.value, description: nodes[0].description?.value, checked: property('checked'), disabled: property('disabled') };
    };
    const off = await state();
    assert.deepEqual([off.role, off.name, off.checked], ['switch', 'Track opens of this email', 'false']);
    assert.match(off.description, /tracking is off/);
    await part.send(mail).focus();
    const isReached = () => page.evaluate(() => document.activeElement.getAttribute('data-kaifu') === 'toggle');
    for (let presses = 0; presses < 3 && !(await isReached()); presses += 1) await page.keyboard.press('Tab');
    assert.ok(await isReached(), 'the toggle follows Send');
    await page.keyboard.press('Space');
    await checked(part.toggle(mail), true);
    assert.ok(await isReached(), 'and keeps the focus that it was given');
    assert.equal((await state()).checked, 'true');
    await mail.locator('.oh').click();
  });

  test('stands once beside the buttons of other extensions, however often they redraw the row', async () => {
    const mail = await tracked(page, { subject: 'In company' });
    await mail.evaluate((root) => {
      const row = root.querySelector('tr.btC');
      const other = (name) => {
        const cell = row.insertCell(1);
        cell.className = `gU ${name}`;
        const button = document.createElement('div');
        button.setAttribute('role', 'button');
        button.setAttribute('aria-haspopup', 'true');
        button.tabIndex = 1;
        button.textContent = name;
        cell.append(button);
        return cell;
      };
      for (let round = 0; round < 5; round += 1) {
        row.querySelectorAll('.other').forEach((cell) => cell.remove());
        other('other');
        row.querySelector('[data-kaifu="cell"]')?.remove();
        row.append(other('last'));
      }
      const note = document.createElement('div');
      note.contentEditable = 'true';
      root.querySelector('[g_editable]').after(note);
    });
    await mail.locator('[role="button"]', { hasText: 'last' }).first().waitFor();
    await right(mail, true);
    const another = await compose(page);
    await right(mail, true);
    assert.equal(await mail.locator('.other').count(), 1);
    const id = await draftId(mail);
    await part.body(mail).press('Control+Enter');
    assert.equal(pixels((await mailThatLeft(run, id)).html).length, 1);
    await another.waitFor({ state: 'detached' });
    await right(page.locator('.M9'), false);
    await page.locator('.M9 .oh').click();
  });

  for (const query of [{ lang: 'ar', dark: '1', recipients: 'classic' }, { lang: 'es' }]) {
    test(`changes neither the height of the row nor the place of Send, with ${JSON.stringify(query)}`, async () => {
      const other = await openMail(run, { query });
      const mail = await compose(other);
      await readyToggle(mail);
      const boxes = await mail.evaluate((root) => {
        const box = (node) => {
          const { x, y, width, height } = node.getBoundingClientRect();
          return [x, y, width, height].map(Math.round);
        };
        const row = root.querySelector('tr.btC');
        const measure = () => [row.getBoundingClientRect().height, ...box(row.querySelector('.aoO'))];
        const own = [...root.querySelectorAll('[data-kaifu="cell"], [data-kaifu="column"]')];
        const toggle = box(root.querySelector('[data-kaifu="toggle"]'));
        const after = measure();
        own.forEach((node) => (node.style.display = 'none'));
        return { before: measure(), after, toggle, send: box(row.querySelector('.aoO')), rtl: document.documentElement.dir === 'rtl' };
      });
      // A table's columns are rounded to whole pixels.
      for (const [place, value] of boxes.after.entries()) assert.ok(Math.abs(value - boxes.before[place]) <= 1, JSON.stringify(boxes));
      const isAfter = boxes.rtl ? boxes.toggle[0] < boxes.send[0] : boxes.toggle[0] > boxes.send[0];
      assert.ok(isAfter, 'it follows Send in the direction of reading');
      await other.close();
    });
  }

  for (const dark of ['', '1']) {
    test(`and the marks can be told from a ${dark ? 'dark' : 'light'} ground`, async () => {
      const other = await openMail(run, { query: { dark }, hash: '#sent' });
      const left = await sendTracked(run, other, { subject: `Seen: ${dark}` });
      await run.stage.open(left.id, 'outlook');
      const mark = other.locator(`tr.zA:visible:has([data-thread-id="#${left.thread}"]) [data-kaifu-state="opened"]`);
      await mark.waitFor();
      const mail = await tracked(other, {});
      const contrast = (node, ground) => node.evaluate((element, around) => {
        const luminance = (color) => {
          const canvas = new OffscreenCanvas(1, 1).getContext('2d');
          canvas.fillStyle = color;
          canvas.fillRect(0, 0, 1, 1);
          const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
          return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
        };
        const [one, two] = [luminance(getComputedStyle(element).color), luminance(getComputedStyle(element.closest(around)).backgroundColor)];
        return Math.max(one, two) / Math.min(one, two);
      }, ground);
      assert.ok(await contrast(part.toggle(mail), '.AD') > 4.5);
      assert.ok(await contrast(mark, '.bkK') > 4.5);
      await other.close();
    });
  }

  test('is nowhere in what leaves, nor in the draft', async () => {
    const left = await sendTracked(run, page, { subject: 'Nothing of ours' });
    assert.doesNotMatch(left.html, /data-kaifu|kaifu-/);
    for (const { html } of run.stage.drafts()) assert.doesNotMatch(html, /data-kaifu|\/p\/[\w-]{36}/);
  });
});
