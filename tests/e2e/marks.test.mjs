import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { compose, fill, openMail, part, send, sendTracked, start, tell, track, until } from './harness.mjs';
import { MARK, marked, rerender, rowOf, sendUntracked, show, showConversation } from './marks.mjs';

/** Whether a row is as high without its marks as it is with them. */
async function assertSameHeight(rows) {
  const heights = await rows.evaluateAll((all) => all.map((row) => {
    const marks = [...row.querySelectorAll('[data-kaifu="mark"]')];
    const before = row.getBoundingClientRect().height;
    for (const mark of marks) mark.style.display = 'none';
    const after = row.getBoundingClientRect().height;
    for (const mark of marks) mark.style.display = '';
    return [marks.length, before, after];
  }));
  assert.ok(heights.some(([marks]) => marks > 0), 'a row with a mark');
  for (const [, before, after] of heights) assert.equal(before, after);
}

for (const csp of ['eval', 'strict']) {
  describe(`marks in lists, ${csp} policy`, () => {
    let run;
    let page;
    before(async () => {
      run = await start({ csp, undo: 30 });
      page = await openMail(run);
    });
    after(() => run?.close());

    test('stand once in a row, say their state in words, and change while the list is shown', async () => {
      const left = await sendTracked(run, page, { subject: 'Marked' });
      const other = await sendUntracked(run, page, { subject: 'Left alone' });
      await show(page, '#sent');
      const row = rowOf(page, left.thread);
      await marked(row, 'unseen');
      const mark = row.locator(MARK);
      assert.equal(await mark.getAttribute('role'), 'img');
      assert.match(await mark.getAttribute('aria-label'), /^No opens detected$/);
      assert.match(await mark.getAttribute('title'), /^No opens detected · The image hasn't been loaded/);
      assert.equal(await mark.evaluate((node) => node.textContent), '');
      await run.stage.open(left.id, 'prefetch');
      await marked(row, 'machine');
      assert.match(await mark.getAttribute('title'), /^Automated · Gmail preloaded the image\./);
      await run.stage.open(left.id, 'firefox');
      await marked(row, 'opened');
      const title = await mark.getAttribute('title');
      assert.match(title, /^Probably opened · 1 view, .*\d/);
      for (const words of ['A browser loaded the image.', 'Nobody can tell whether it was read.']) assert.ok(title.includes(words), title);
      await run.stage.open(left.id, 'outlook');
      await until('the second view', () => mark.getAttribute('data-kaifu-count'), (count) => count === '2');
      assert.match(await mark.getAttribute('aria-label'), /2 views/);
      await assertSameHeight(page.locator('tr.zA:visible'));
      const heights = await page.locator('tr.zA:visible').evaluateAll((rows) => rows.map((each) => each.offsetHeight));
      assert.equal(new Set(heights).size, 1, String(heights));
      await marked(rowOf(page, other.thread));
    });

    test('stand in search results and other lists too', async () => {
      const left = await sendTracked(run, page, { subject: 'Findable' });
      for (const hash of ['#search/findable', '#all', '#label/findable', '#sent']) {
        await show(page, hash);
        await marked(rowOf(page, left.thread), 'unseen');
      }
    });

    test('say so when a mail left without its image, and are silent about one that did not leave', async () => {
      const [first, second] = [await sendUntracked(run, page, { subject: 'Bare' }), await sendUntracked(run, page, { subject: 'Refused' })];
      const press = (mail, message) => ({
        call: 'press', message, draft: mail.id, thread: mail.thread, subject: mail.subject, recipients: [], at: Date.now(),
      });
      await show(page, '#sent');
      await tell(run, page, press(first, 'AAAAAAAAAAE'), { call: 'settle', message: 'AAAAAAAAAAE', outcome: 'untracked', signal: 'editor' });
      await tell(run, page, press(second, 'AAAAAAAAAAI'), { call: 'settle', message: 'AAAAAAAAAAI', outcome: 'refused', signal: 'dialog' });
      await marked(rowOf(page, first.thread), 'untracked');
      await marked(rowOf(page, second.thread));
    });
  });
}

describe('marks and what Gmail does to its rows', () => {
  let run;
  before(async () => (run = await start({ undo: 30 })));
  after(() => run?.close());

  test('follow their conversation when rows are used again', async () => {
    const page = await openMail(run, { hash: '#sent' });
    const first = page.locator('tr.zA:visible').first();
    const older = await sendTracked(run, page, { subject: 'Older' });
    await marked(first, 'unseen');
    await first.evaluate((row) => (window.row = row));
    const newer = await sendUntracked(run, page, { subject: 'Newer' });
    await rowOf(page, newer.thread).waitFor();
    assert.ok(await first.evaluate((row) => row === window.row), 'the same row');
    await marked(first);
    await marked(rowOf(page, older.thread), 'unseen');
    await page.close();
  });

  test('follow ids that change in place, with and without more after them', async () => {
    const page = await openMail(run, { hash: '#sent' });
    const left = await sendTracked(run, page, { subject: 'In place' });
    const row = page.locator('tr.zA:visible').first();
    const rename = (id) => row.evaluate((node, to) => {
      for (const span of node.querySelectorAll('[data-thread-id]')) span.setAttribute('data-thread-id', to);
    }, id);
    await marked(row, 'unseen');
    await rename('#thread-f:17');
    await marked(row);
    await rename(`#${left.thread}|msg-a:r5`);
    await marked(row, 'unseen');
    await page.close();
  });

  test('come back after every kind of re-rendering, once', async () => {
    const page = await openMail(run, { hash: '#sent', query: { rebuild: 1 } });
    const left = await sendTracked(run, page, { subject: 'Rebuilt' });
    const row = rowOf(page, left.thread);
    await marked(row, 'unseen');
    for (let round = 0; round < 5; round += 1) {
      await row.evaluate((node) => (node.stale = true));
      await rerender(page);
      await until('new rows', () => row.evaluate((node) => node.stale), (stale) => !stale);
      await marked(row, 'unseen');
    }
    await row.locator('.xT').evaluate((node) => node.replaceChildren(...node.cloneNode(true).childNodes));
    await marked(row, 'unseen');
    await row.locator(MARK).evaluate((node) => node.remove());
    await rerender(page);
    await marked(row, 'unseen');
    await page.close();
  });

  test('are right in a list that ran through faster than its rows are read, once it rests', async () => {
    const page = await openMail(run, { hash: '#sent' });
    const left = await sendTracked(run, page, { subject: 'Far down' });
    const mailbox = run.stage.mailboxes[0];
    for (let number = 0; number < 300; number += 1) mailbox.receive({ subject: `Above ${number}`, html: '', time: Date.now() + number });
    await page.goto('https://mail.google.com/mail/u/0/?rows=30#search/');
    await page.locator('.stage-scroll').waitFor();
    const scroll = (edge) => page.evaluate((to) => new Promise((resolve) => {
      const list = document.querySelector('.stage-scroll');
      const step = to === 'end' ? 200 : -200;
      const next = () => {
        const before = list.scrollTop;
        list.scrollTop += step;
        if (list.scrollTop === before) resolve();
        else requestAnimationFrame(next);
      };
      next();
    }), edge);
    for (let round = 0; round < 3; round += 1) {
      await scroll('end');
      await marked(rowOf(page, left.thread), 'unseen');
      const stray = page.locator('tr.zA:visible').filter({ hasText: 'Above' });
      await marked(stray);
      await scroll('start');
      await marked(page.locator('tr.zA:visible'));
    }
    // A row that is new beside known ones is read as well.
    await scroll('end');
    const copy = await rowOf(page, left.thread).evaluate((row) => {
      const node = row.cloneNode(true);
      for (const mark of node.querySelectorAll('[data-kaifu]')) mark.remove();
      row.parentNode.append(node);
      return row.parentNode.querySelectorAll(`tr.zA`).length;
    });
    assert.ok(copy > 1);
    await until('both marks', () => rowOf(page, left.thread).locator(MARK).count(), (count) => count === 2);
    await page.close();
  });

  for (const layout of ['vertical', 'split']) {
    test(`stand once for a conversation in the ${layout} layout`, async () => {
      const page = await openMail(run, { hash: '#sent', query: { layout } });
      const left = await sendTracked(run, page, { subject: `Laid out: ${layout}` });
      const other = await sendUntracked(run, page, { subject: `Untracked: ${layout}` });
      const group = page.locator('tr.zA:visible');
      await until('both mails', () => rowOf(page, other.thread).count(), (count) => count === 2);
      await marked(rowOf(page, left.thread), 'unseen');
      await marked(rowOf(page, other.thread));
      // Outlook's fetch cannot be the sender's own view, which follows in the preview pane.
      await run.stage.open(left.id, 'outlook');
      await marked(rowOf(page, left.thread), 'opened');
      await assertSameHeight(group);
      await rerender(page);
      await marked(rowOf(page, left.thread), 'opened');
      if (layout === 'split') {
        await rowOf(page, left.thread).first().click();
        const message = page.locator(`[data-message-id="#${left.id}"]:visible`);
        await marked(message, 'opened');
        assert.equal(await page.locator('[role="main"]:visible').count(), 1);
        await marked(rowOf(page, left.thread), 'opened');
      }
      await page.close();
    });
  }

  test('are in every tab, and change in all of them', async () => {
    const [one, two] = [await openMail(run, { hash: '#sent' }), await openMail(run)];
    const left = await sendTracked(run, two, { subject: 'Two tabs' });
    await rerender(one);
    await marked(rowOf(one, left.thread), 'unseen');
    await show(two, '#sent');
    await run.stage.open(left.id, 'firefox');
    for (const page of [one, two]) await marked(rowOf(page, left.thread), 'opened');
    await Promise.all([one.close(), two.close()]);
  });
});

describe('marks in a conversation', () => {
  let run;
  before(async () => (run = await start({ undo: 30 })));
  after(() => run?.close());

  const replyTo = async (page, message) => {
    await message.locator('xpath=ancestor::*[@role="listitem"]').locator('.ams.bkH').click();
    const reply = page.locator('.ip.adB .M9');
    await reply.waitFor();
    return reply;
  };

  test('stand beside the date of each tracked message, by its own id', async () => {
    const page = await openMail(run);
    const left = await sendTracked(run, page, { subject: 'Talk' });
    await showConversation(page, left);
    const first = page.locator(`[data-message-id="#${left.id}"]:visible`);
    await marked(first, 'unseen');
    assert.equal(await first.locator(`.gH ${MARK}`).count(), 1);
    const reply = await replyTo(page, first);
    await part.body(reply).fill('Untracked answer');
    const second = await send(run, reply);
    assert.equal(second.thread, left.thread);
    const third = await replyTo(page, first);
    await part.body(third).fill('Tracked answer');
    await track(third);
    const last = await send(run, third);
    await marked(page.locator(`[data-message-id="#${last.id}"]:visible`), 'unseen');
    // Outlook's fetch cannot be the sender's own view of the message that was just sent.
    await run.stage.open(last.id, 'outlook');
    await marked(page.locator(`[data-message-id="#${last.id}"]:visible`), 'opened');
    await marked(first, 'unseen');
    await marked(page.locator(`[data-message-id="#${second.id}"]:visible`));
    await marked(page.locator('[role="main"]:visible'), 'unseen', 'opened');
    await show(page, '#sent');
    await marked(rowOf(page, left.thread), 'opened');
    await page.close();
  });

  test('stay in a conversation that is hidden while another one is shown', async () => {
    const page = await openMail(run);
    const [one, two] = [await sendTracked(run, page, { subject: 'Hidden' }), await sendTracked(run, page, { subject: 'Shown' })];
    for (const mail of [one, two]) {
      await showConversation(page, mail);
      await marked(page.locator('[role="main"]:visible'), 'unseen');
    }
    for (const mail of [one, two]) await marked(page.locator(`[data-message-id="#${mail.id}"]`), 'unseen');
    await run.stage.open(one.id, 'outlook');
    await marked(page.locator(`[data-message-id="#${one.id}"]`), 'opened');
    await marked(page.locator(`[data-message-id="#${two.id}"]`), 'unseen');
    await page.close();
  });

  test('stand beside the subject when only the conversation is known', async () => {
    const page = await openMail(run);
    const left = await sendTracked(run, page, { subject: 'Renamed' });
    await showConversation(page, left);
    const main = page.locator('[role="main"]:visible');
    await marked(main.locator('.adn'), 'unseen');
    await main.locator('.adn').evaluate((node) => node.setAttribute('data-message-id', '#msg-f:17'));
    await marked(main.locator('.adn'));
    await marked(main, 'unseen');
    assert.equal(await main.locator(`h2 + ${MARK}`).count(), 1);
    await main.locator('.adn').evaluate((node, id) => node.setAttribute('data-message-id', id), `#${left.id}`);
    await marked(main.locator('.adn'), 'unseen');
    await marked(main, 'unseen');
    await page.close();
  });

  test('are found without the classes that Gmail has today', async () => {
    const page = await openMail(run);
    const left = await sendTracked(run, page, { subject: 'Other names' });
    await page.addInitScript(() => {
      const known = ['zA', 'bog', 'y6', 'xT', 'hP', 'adn', 'gH', 'gK', 'g3', 'a3s'];
      new MutationObserver(() => {
        for (const name of known) for (const node of document.querySelectorAll(`.${name}`)) node.classList.replace(name, `new-${name}`);
      }).observe(document, { childList: true, subtree: true });
    });
    await page.goto('https://mail.google.com/mail/u/0/?renamed=1#sent');
    await marked(page.locator(`tr:visible:has([data-thread-id="#${left.thread}"])`), 'unseen');
    await show(page, `#all/${left.threadLegacy}`);
    await marked(page.locator(`[data-message-id="#${left.id}"]:visible`), 'unseen');
    assert.equal(await page.locator('.adn, .zA').count(), 0);
    await page.close();
  });

  test('tell in two accounts of one browser each its own', async () => {
    const [one, two] = [await openMail(run), await openMail(run, { account: 1 })];
    const first = await sendTracked(run, one, { subject: 'From one' });
    const second = await sendTracked(run, two, { subject: 'From two' });
    await show(one, '#sent');
    await show(two, '#sent');
    await marked(rowOf(one, first.thread), 'unseen');
    await marked(rowOf(two, second.thread), 'unseen');
    await run.stage.open(second.id, 'firefox');
    await marked(rowOf(two, second.thread), 'opened');
    await marked(rowOf(one, first.thread), 'unseen');
    await Promise.all([one.close(), two.close()]);
  });
});
