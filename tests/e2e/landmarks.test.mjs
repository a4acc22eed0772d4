import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ROOT, checked, compose, draftId, fill, kept, mailThatLeft, openMail, part, pixels, readyToggle, send, sendTracked, start, track, until } from './harness.mjs';

/** Every landmark of the content script with the ways to find it, read from its table. */
const LANDMARKS = landmarks(fs.readFileSync(path.join(ROOT, 'crates/gmail/src/page/selectors.rs'), 'utf8'));

/** What a compose form cannot do without. */
const NEEDED = ['EDITOR', 'FORM_FIELD', 'SEND', 'DRAFT_ID', 'THREAD_ID', 'SUBJECT'];

function landmarks(source) {
  const found = source.matchAll(/const (\w+): Landmark = Landmark \{[^}]*?ways: &\[([^\]]*(?:\][^\]]*)*?)\],?\s*\};/g);
  return Object.fromEntries([...found].map(([, name, ways]) => [name, [...ways.matchAll(/"([^"]+)"/g)].map((way) => way[1])]));
}

/** The classes and attributes that a selector names. */
const tokens = (way) => way.match(/\.[A-Za-z][\w-]*|\[[^\]]+\]/g) ?? [];

/** A class or attribute that only this one of a landmark's ways hangs on. */
function ownToken(ways, way) {
  const others = new Set(ways.filter((other) => other !== way).flatMap(tokens));
  return tokens(way).find((token) => !others.has(token));
}

/** What a landmark's other way hangs on, where this one does not match as well. */
const apartFrom = (ways, other, way) => ownToken(ways, other) ?? `${tokens(other)[0]}:not(${ownToken(ways, way)})`;

/** Takes classes or attributes out of every element as Gmail adds it, before anybody else sees it. */
function stripping(...tokens) {
  const all = tokens.flat();
  const strip = (element) => {
    for (const token of all.filter((each) => element.matches(each))) {
      if (token.startsWith('.')) element.classList.remove(token.slice(1));
      // A log begins with the number of what is logged, and has the rest of what it says all the same.
      else if (token.startsWith("[jslog^='")) element.setAttribute('jslog', element.getAttribute('jslog').replace(/^\d+/, '1'));
      else element.removeAttribute(/^\[([\w-]+)/.exec(token)[1]);
    }
  };
  new MutationObserver((records) => {
    for (const { addedNodes } of records) {
      for (const node of addedNodes) {
        if (node.nodeType !== Node.ELEMENT_NODE) continue;
        strip(node);
        node.querySelectorAll(all.join()).forEach(strip);
      }
    }
  }).observe(document, { childList: true, subtree: true });
}

/** What is looked for by a value that nothing else has, and that is all that is wanted of it. Only where it stands can change. */
const VALUES = ['DRAFT_ROW', 'IMAGE', 'UNDO'];

/** What only narrows something down that was found in another way. */
const PLACES = ['SEND_CELL', 'TIME_FIELDS', 'ROW'];

test('every landmark can be found in at least two ways that share nothing', () => {
  const poor = Object.entries(LANDMARKS)
    .filter(([name]) => !VALUES.includes(name) && !PLACES.includes(name))
    .filter(([, ways]) => new Set(ways.map((way) => ownToken(ways, way)).filter(Boolean)).size < 2);
  assert.deepEqual(poor, []);
  assert.ok(Object.keys(LANDMARKS).length > 25);
});

describe('when Gmail takes one landmark away', () => {
  let run;
  before(async () => (run = await start({})));
  after(() => run?.close());

  for (const name of NEEDED) {
    const ways = LANDMARKS[name];
    const own = ways.map((way) => ownToken(ways, way));
    test(`${name} can be found in at least two ways that share nothing`, () => {
      assert.ok(own.filter(Boolean).length >= 2, ways.join(' | '));
    });

    // A value is what is looked for, not only a way to it.
    for (const token of own.filter((token) => token && !token.startsWith('[value'))) {
      test(`${name} is found without ${token}`, async () => {
        const page = await run.context.newPage();
        await page.addInitScript(stripping, token);
        await page.goto('https://mail.google.com/mail/u/0/');
        await page.locator('[gh="cm"]').click();
        const mail = page.locator('.AD');
        const toggle = await readyToggle(mail);
        await toggle.click();
        await checked(toggle, true);
        assert.equal(await part.toggle(page).count(), 1);
        const draft = mail.locator('input[value^="#msg-"]').first();
        const id = (await draft.getAttribute('value')).slice(1);
        await mail.locator('.anm input').first().fill('reader@example.org');
        const body = mail.locator('.Au > div');
        await body.fill('A few words.');
        await body.press('Control+Enter');
        const left = await mailThatLeft(run, id);
        assert.equal(pixels(left.html).length, 1);
        await page.close();
      });
    }
  }

  for (const name of ['ROW_ID', 'CONVERSATION_ID']) {
    for (const token of LANDMARKS[name].map((way) => ownToken(LANDMARKS[name], way))) {
      test(`a mail has its mark where ${name} is without ${token}`, async () => {
        const page = await run.context.newPage();
        await page.addInitScript(stripping, token);
        await page.goto('https://mail.google.com/mail/u/0/');
        const left = await sendTracked(run, page, { subject: `${name} without ${token}` });
        const inside = await run.openPopup();
        await until('the address of the conversation', () => kept(inside, left.id), (it) => it?.legacy_thread);
        await inside.close();
        const isRow = name === 'ROW_ID';
        await page.goto(`https://mail.google.com/mail/u/0/?v=${left.legacy}#${isRow ? 'sent' : `all/${left.threadLegacy}`}`);
        const holder = isRow ? page.locator('tr.zA:visible', { hasText: left.subject }) : page.locator('[role="main"]:visible');
        await holder.locator('[data-kaifu="mark"][data-kaifu-state="unseen"]').waitFor();
        assert.equal(await holder.locator('[data-kaifu="mark"]').count(), 1);
        assert.equal(await page.locator(`${isRow ? 'tr' : 'h2'} ${token}, h2${token}`).count(), 0);
        await page.close();
      });
    }
  }

  test('a form without any Send button gets no toggle, and the worker is told what is missing', async () => {
    const page = await run.context.newPage();
    await page.addInitScript(stripping, ['[role="button"]', '[jslog]', '.aoO']);
    await page.goto('https://mail.google.com/mail/u/0/');
    await page.locator('[gh="cm"]').click();
    await page.locator('.Au > div').waitFor();
    const popup = await run.openPopup();
    const kept = () => popup.evaluate(() => chrome.storage.local.get('unfamiliar').then((it) => it.unfamiliar));
    const report = await until('the report', kept, (it) => it?.missing.length > 0);
    assert.deepEqual(report.missing, ['send button']);
    assert.match(report.skeleton, /form\.bAs/);
    assert.doesNotMatch(report.skeleton, /example|Message/);
    assert.equal(await page.locator('[data-kaifu="toggle"]').count(), 0);
    await page.close();

    const again = await openMail(run);
    await again.locator('[gh="cm"]').click();
    await readyToggle(again.locator('.M9'));
    await until('the all-clear', kept, (it) => it?.missing.length === 0);
    await again.close();
    await popup.close();
  });
});

describe('when Gmail takes away what only some mails need, and its requests are unknown', () => {
  let run;
  let inside;
  before(async () => {
    run = await start({ wire: 'unknown', undo: 30 });
    inside = await run.openPopup();
  });
  after(() => run?.close());

  /** A Gmail page without these classes and attributes. */
  async function without(...tokens) {
    const page = await run.context.newPage();
    await page.addInitScript(stripping, tokens);
    await page.goto('https://mail.google.com/mail/u/0/');
    await page.locator('[gh="cm"]').waitFor();
    return page;
  }

  async function tracked(page, content) {
    const mail = await compose(page);
    await fill(mail, content);
    await track(mail);
    return mail;
  }

  /** Waits until the popup names this sign of the mail's leaving. */
  const known = (subject, words) => until(`${words} for ${subject}`, () => inside.locator('[data-kaifu="message"]', { hasText: subject }).locator('.details').textContent(), (text) => text.includes(words));

  // The choice is kept by the draft's id, and the mail is found in the lists by its conversation's.
  for (const name of ['DRAFT_ID', 'THREAD_ID']) {
    const ways = LANDMARKS[name];
    for (const way of ways) {
      test(`a draft keeps its choice, and the mail has its mark, where ${name} stands in ${way} alone`, async () => {
        const [field] = ways;
        const page = await without(...ways.filter((other) => other !== way).map((other) => apartFrom(ways, other, way)));
        const mail = await tracked(page, { subject: `${name} in ${way}` });
        const draft = await until('the draft', () => run.stage.drafts().find((each) => each.subject === `${name} in ${way}` && each.html.includes('few words')));
        assert.equal(await mail.locator(`${field}[value="#${name === 'DRAFT_ID' ? draft.id : draft.thread}"]`).count(), way === field ? 1 : 0);
        await page.locator('.Ha').click();
        await mail.waitFor({ state: 'detached' });
        await page.evaluate(() => (location.hash = '#drafts'));
        await page.locator(`tr.zA:visible:has([data-thread-id="#${draft.thread}"])`).click();
        await checked(await readyToggle(mail), true);
        await part.send(mail).click();
        assert.equal(pixels((await mailThatLeft(run, draft.id)).html).length, 1);
        await page.evaluate(() => (location.hash = '#sent'));
        await page.locator(`tr.zA:visible:has([data-thread-id="#${draft.thread}"]) [data-kaifu="mark"]`).waitFor();
        await page.close();
      });
    }
  }

  for (const token of ['[role="alert"]', '.bAo']) {
    test(`a mail that left is known without ${token}`, async () => {
      const page = await without(token);
      await send(run, await tracked(page, { subject: `Undo without ${token}` }));
      await known(`Undo without ${token}`, 'Gmail showed “Message sent”');
      await page.close();
    });
  }

  for (const token of ['[role="alertdialog"]', '.Kj-JD']) {
    test(`a refusal is seen without ${token}`, async () => {
      const page = await without(token);
      const mail = await tracked(page, { to: '', subject: 'Refused' });
      await part.send(mail).click();
      await page.locator('button[name="ok"]').waitFor();
      await until('the editor without an image', () => part.body(mail).innerHTML(), (html) => pixels(html).length === 0);
      await page.close();
    });
  }

  for (const token of ['[selector]', '.yr', '.Kj-JD', '.Az']) {
    test(`a mail is scheduled with its image without ${token}`, async () => {
      const page = await without(token);
      const subject = `Scheduled without ${token}`;
      const mail = await tracked(page, { subject });
      await mail.locator('.hG').dispatchEvent('mousedown');
      await mail.locator('.q8NmZb [role="menuitem"]').dispatchEvent('mouseup');
      await page.locator('.Aj').first().click();
      const left = await until('the schedule', () => run.stage.scheduled().find((each) => each.subject === subject));
      assert.equal(pixels(left.html).length, 1);
      await page.close();
    });
  }

  for (const token of ['[command]', '.buc']) {
    test(`confidential mode is seen without ${token}`, async () => {
      const page = await without(token);
      const mail = await tracked(page, { subject: 'Between us' });
      await mail.locator('.bAK [aria-pressed]').click();
      await until('the toggle to be disabled', () => part.toggle(mail).getAttribute('aria-disabled'), (it) => it === 'true');
      await page.close();
    });
  }

  for (const token of ['.Ak', '[form="nosend"]']) {
    test(`plain text is seen without ${token}`, async () => {
      const page = await without(token);
      const mail = await tracked(page, { subject: 'Plain' });
      await mail.locator('.Xv').dispatchEvent('mousedown');
      await mail.locator('.J-M-ayU [role="menuitem"]').dispatchEvent('mouseup');
      await until('the toggle to be disabled', () => part.toggle(mail).getAttribute('aria-disabled'), (it) => it === 'true');
      await page.close();
    });
  }

  for (const token of ['.Uo', '.IZ']) {
    test(`Send & archive is known without ${token}`, async () => {
      const page = await without(token);
      const { legacy } = run.stage.mailboxes[0].receive({ subject: `Archive without ${token}`, html: '<div dir="ltr">Hello</div>' });
      await page.goto(`https://mail.google.com/mail/u/0/?archive=1&v=${legacy}#all/${legacy}`);
      await page.locator('.ams.bkH:visible').click();
      const reply = page.locator('.ip.adB .M9');
      await part.body(reply).fill('Done');
      await track(reply);
      const id = await draftId(reply);
      await reply.locator('.btA > div > [role="button"]').first().click();
      assert.equal(pixels((await mailThatLeft(run, id)).html).length, 1);
      await page.close();
    });
  }
});

describe('when the extension is updated', () => {
  let run;
  before(async () => (run = await start({})));
  after(() => run?.close());

  test('the old script leaves the page', async () => {
    const page = await openMail(run);
    await page.locator('[gh="cm"]').click();
    await readyToggle(page.locator('.M9'));
    const worker = run.worker();
    await worker.evaluate(() => chrome.runtime.reload()).catch(() => {});
    await until('no trace of it', () => page.locator('[data-kaifu], [data-kaifu-runtime]').count(), (count) => count === 0, 30_000);
    await page.close();
  });
});
