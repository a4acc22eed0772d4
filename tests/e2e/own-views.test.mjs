import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { KIND, mint } from '../lib/token.mjs';
import { PUBLIC, compose, fill, messageIn, openMail, ownFetches, part, pixels, readyToggle, send, sendTracked, start, track, until } from './harness.mjs';

const OWN = `img[src*="${PUBLIC}/p/"]`;
const ROUNDS = 23;
const ROUNDS_WITHOUT = 6;
let addresses = 0;

/** An address of Gmail that the page has not been at, so that it loads everything anew. */
const mail = (account, rest) => `https://mail.google.com/mail/u/${account}/${rest.replace('?', `?v=${(addresses += 1)}&`)}`;
const conversation = (account, legacy) => mail(account, `?#all/${legacy}`);

/** Goes to an address in a tab that the user looks at; what is in the back is slowed down. */
async function look(page, address) {
  await page.bringToFront();
  await page.goto(address);
}

/** Waits until one's own images stand in the page and have been dealt with. */
async function seen(page) {
  await page.waitForFunction((own) => {
    const images = [...document.querySelectorAll(own)];
    return images.length > 0 && images.every((image) => image.complete);
  }, OWN, { polling: 25 });
}

/** Everything that is needed for looking at one's own mails: a mail to the second account, and tabs. */
async function scene(run) {
  const page = await openMail(run);
  const left = await sendTracked(run, page, { to: 'second@example.org', subject: 'Looked at' });
  const received = [...run.stage.mailboxes[1].threads.values()].find((thread) => thread.messages[0].subject === 'Looked at');
  return { run, page, other: await run.context.newPage(), left, received };
}

async function reply(page) {
  await page.locator('.ams.bkH:visible').first().click();
  const opened = page.locator('.ip.adB .M9');
  await opened.waitFor();
  return opened;
}

/** The ways to look at one's own mail. Each is one view. */
const KINDS = {
  'the Sent list': async ({ page, left }) => {
    await look(page, mail(0, '?#sent'));
    await page.locator(`tr.zA:visible:has([data-thread-id="#${left.thread}"])`).waitFor();
  },
  'a conversation': async ({ page, left }) => {
    await look(page, conversation(0, left.threadLegacy));
    await seen(page);
  },
  'just after sending': async ({ run, page, left }) => {
    await look(page, conversation(0, left.threadLegacy));
    const answer = await reply(page);
    await part.body(answer).fill('One more thing');
    await track(answer);
    const { id } = await send(run, answer);
    await page.locator(`[data-message-id="#${id}"] ${OWN}`).first().waitFor({ state: 'attached' });
    await seen(page);
  },
  'a reply with the quote': async ({ page, left }) => {
    await look(page, conversation(0, left.threadLegacy));
    const answer = await reply(page);
    await answer.locator('.ajR').click();
    // The image itself may be gone already: Kaifu takes its own out of an editor.
    await answer.locator('[g_editable="true"] .gmail_quote').first().waitFor({ state: 'attached' });
    await seen(page);
    await answer.locator('.oh').click();
  },
  'a draft opened again': async ({ run, page }) => {
    await look(page, mail(0, '?#inbox'));
    const written = await compose(page);
    await fill(written, { subject: 'Taken back' });
    await track(written);
    await send(run, written);
    await page.locator('#link_undo').click();
    await page.locator('.M9').waitFor();
    await page.waitForFunction((own) => !document.querySelector(own), OWN, { polling: 25 });
  },
  printing: async ({ other, left }) => {
    await look(other, mail(0, `?view=pt&th=${left.threadLegacy}`));
    await seen(other);
  },
  'a window of its own': async ({ other, left }) => {
    await look(other, mail(0, `popout?th=${left.threadLegacy}`));
    await seen(other);
  },
  'a second tab': async ({ other, left }) => {
    await look(other, conversation(0, left.threadLegacy));
    await seen(other);
  },
  'the second account of the browser': async ({ other, received }) => {
    await look(other, conversation(1, received.legacy));
    await seen(other);
  },
};

/** What the popup would show. */
async function overview(run) {
  const page = await run.context.newPage();
  await page.goto(`chrome-extension://${run.extensionId}/manifest.json`);
  const answer = await page.evaluate(() => chrome.runtime.sendMessage({ call: 'watch_messages', revision: 0, limit: 500 }));
  await page.close();
  assert.ok(answer.Ok, JSON.stringify(answer));
  return answer.Ok.value.messages;
}

/** How many own views there were, and what came of them. */
function summary(rounds, leaked, messages) {
  const counted = messages.reduce((sum, { views }) => sum + views, 0);
  return `${rounds * Object.keys(KINDS).length} own views of ${Object.keys(KINDS).length} kinds: ${leaked} fetches reached the server, ${counted} counted`;
}

const tally = (values) => Object.fromEntries([...new Set(values)].map((value) => [value, values.filter((each) => each === value).length]));

describe('own views', () => {
  let run;
  let at;
  before(async () => {
    run = await start({ undo: 30 });
    at = await scene(run);
  });
  after(() => run?.close());

  test(`of every kind, ${ROUNDS} times each, never reach the server and never count`, { timeout: 600_000 }, async (t) => {
    for (const [kind, view] of Object.entries(KINDS)) {
      const began = performance.now();
      for (let round = 0; round < ROUNDS; round += 1) await view(at);
      t.diagnostic(`${kind}: ${ROUNDS} views, ${ownFetches(run).length} fetches so far, ${Math.round((performance.now() - began) / ROUNDS)} ms each`);
    }
    // A picture that is not ours still loads, so the silence is no accident.
    await look(at.other, mail(0, '?#search/figures'));
    await at.other.locator('tr.zA:visible').first().click();
    await until('the control image', () => run.stage.hits.some((hit) => hit.from === 'proxy' && hit.host === 'images.example.org'));
    assert.deepEqual(ownFetches(run), []);
    const messages = await overview(run);
    assert.ok(messages.length > ROUNDS);
    t.diagnostic(`${summary(ROUNDS, ownFetches(run).length, messages)}, with every rule on`);
    assert.deepEqual(tally(messages.map(({ state }) => state)), { unseen: messages.length });
    assert.deepEqual(await run.notifications(), {});
  });
});

/** A headless browser names itself as one, and would not count for that alone. */
const USER_AGENT = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

async function nameAsUsual(run, page) {
  const session = await run.context.newCDPSession(page);
  await session.send('Network.setUserAgentOverride', { userAgent: USER_AGENT });
}

/** Takes rules away for good: the worker puts them back whenever it looks after its account. */
async function switchOff(run, filter) {
  await run.worker().evaluate(async (beginning) => {
    const api = chrome.declarativeNetRequest;
    const update = api.updateDynamicRules.bind(api);
    const isKept = ({ condition }) => !condition.urlFilter.startsWith(beginning);
    api.updateDynamicRules = (change) => update({ ...change, addRules: (change.addRules ?? []).filter(isKept) });
    const off = (await api.getDynamicRules()).filter((rule) => !isKept(rule));
    await update({ removeRuleIds: off.map(({ id }) => id) });
  }, filter);
}

/** What the filters of the rules for proxied images begin with. */
const PROXIED = '#';

describe('own views without the rule for proxied images', () => {
  let run;
  let at;
  before(async () => {
    run = await start({ undo: 30 });
    at = await scene(run);
    for (const page of [at.page, at.other]) await nameAsUsual(run, page);
    await switchOff(run, PROXIED);
  });
  after(() => run?.close());

  test('reach the server and still never count', { timeout: 300_000 }, async (t) => {
    for (const view of Object.values(KINDS)) {
      for (let round = 0; round < ROUNDS_WITHOUT; round += 1) await view(at);
    }
    const fetches = ownFetches(run).filter(({ from }) => from === 'proxy');
    assert.ok(fetches.length >= ROUNDS_WITHOUT * 5, `${fetches.length} fetches`);
    // The server keeps so many fetches of one message in a minute one by one, and counts the rest.
    const times = new Map();
    for (const { path } of fetches) times.set(path, (times.get(path) ?? 0) + 1);
    const kept = [...times.values()].reduce((sum, count) => sum + Math.min(count, 30), 0);
    const known = (messages) => messages.flatMap(({ opens }) => opens).length;
    const messages = await until('the worker to hear of them', () => overview(run), (all) => known(all) >= kept);
    t.diagnostic(`${summary(ROUNDS_WITHOUT, fetches.length, messages)}, without the rule for proxied images`);
    assert.deepEqual(messages.filter(({ state }) => !['unseen', 'unsure', 'machine'].includes(state)), []);
    assert.deepEqual(await run.notifications(), {});
    const rules = await run.worker().evaluate(() => chrome.declarativeNetRequest.getDynamicRules());
    assert.deepEqual(rules.filter(({ condition }) => condition.urlFilter.startsWith(PROXIED)), [], 'the rule was off all the time');
  });
});

/** What every filter begins with. */
const ANY = '';

describe('the press without any rule', () => {
  let run;
  before(async () => {
    run = await start({ undo: 30, userAgent: USER_AGENT });
    await openMail(run).then((page) => compose(page)).then(readyToggle);
    await switchOff(run, ANY);
  });
  after(() => run?.close());

  test("loads the image in the sender's own browser, and still never counts", async () => {
    const page = await openMail(run);
    const sent = [];
    for (let round = 0; round < ROUNDS_WITHOUT; round += 1) sent.push(await sendTracked(run, page, { subject: `Press ${round}` }));
    const paths = await until('every image to be loaded', () => ownFetches(run).filter(({ from }) => from !== 'proxy').map(({ path }) => path), (all) => new Set(all).size >= ROUNDS_WITHOUT);
    const heard = (messages) => messages.length === sent.length && messages.every(({ opens }) => opens.length > 0);
    const messages = await until('the worker to hear of them', () => overview(run), heard);
    assert.deepEqual(tally(messages.map(({ state }) => state)), { unseen: sent.length }, `${paths.length} loads`);
    const reasons = new Set(messages.flatMap(({ opens }) => opens.map(({ reason }) => reason)));
    assert.ok([...reasons].every((reason) => ['at_send', 'before_send'].includes(reason)), [...reasons].join());
    assert.deepEqual(await run.notifications(), {});

    // A load that comes a little later is still the press's.
    const slow = await sendTracked(run, page, { subject: 'Slow' });
    const [, source] = pixels(slow.html)[0].match(/src="([^"]+)"/);
    await page.evaluate((src) => Object.assign(new Image(), { src: `${src}?later` }), source);
    const message = messageIn(slow.html);
    const opensOf = async () => (await overview(run)).find((each) => each.message === message).opens;
    const both = await until("the press's load and the late one", opensOf, (all) => all.length === 2);
    assert.ok(both.some(({ reason }) => reason === 'at_send'));
    assert.ok(both.every(({ claim }) => claim === 'no'));
    assert.deepEqual(await run.notifications(), {});

    // Another program's load in the same moment is nobody's own.
    await run.stage.open(slow.id, 'firefox');
    await run.waitForNotification(message);
    const popup = await run.openPopup();
    const row = popup.locator(`[data-kaifu="message"][data-message="${message}"]`);
    await until('the open', () => row.getAttribute('data-kaifu-state'), (state) => state === 'opened');
    await row.getByRole('button').first().click();
    await until('both events', () => row.textContent(), (text) => text.includes('so it was you') && text.includes('(Firefox) · Linux'));
    await popup.close();
  });
});

describe('the rules', () => {
  let run;
  before(async () => (run = await start({ undo: 30 })));
  after(() => run?.close());

  test('are written only where they are not what they should be', async () => {
    const page = await openMail(run);
    await readyToggle(await compose(page));
    const rules = () => run.worker().evaluate(() => chrome.declarativeNetRequest.getDynamicRules());
    const wake = () => run.worker().evaluate(() => chrome.alarms.onAlarm.dispatch({ name: 'news' }));
    const written = () => run.worker().evaluate(() => globalThis.written);
    const asked = () => run.worker().evaluate(() => globalThis.asked);
    const before = await until('the rules', rules, (all) => all.length > 0);
    await run.worker().evaluate(() => {
      const api = chrome.declarativeNetRequest;
      const [update, get] = [api.updateDynamicRules.bind(api), api.getDynamicRules.bind(api)];
      Object.assign(globalThis, { written: 0, asked: 0, update });
      api.updateDynamicRules = (change) => { globalThis.written += 1; return update(change); };
      api.getDynamicRules = async () => { const found = await get(); globalThis.asked += 1; return found; };
    });
    for (let round = 1; round <= 3; round += 1) {
      await wake();
      await until('the worker to look', asked, (times) => times >= round);
    }
    assert.equal(await written(), 0);
    await run.worker().evaluate((id) => globalThis.update({ removeRuleIds: [id] }), before[0].id);
    await wake();
    await until('the rule to come back', written, (times) => times === 1);
    const sorted = (all) => [...all].sort((a, b) => a.id - b.id);
    await until('the same rules', rules, (now) => JSON.stringify(sorted(now)) === JSON.stringify(sorted(before)));
    await page.close();
  });
});

describe("another sender's image", () => {
  let run;
  before(async () => (run = await start({ undo: 30 })));
  after(() => run?.close());

  test('loads in a mail that came in, as that is a real open, and nothing is reported of it', async () => {
    const api = (path, options) => fetch(`http://127.0.0.1:${run.server.port}${path}`, options);
    const answer = await api('/v1/accounts', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
    const { account, key, api_token: token } = await answer.json();
    const message = randomBytes(8);
    const url = `${PUBLIC}/p/${mint(KIND.image, { account, key }, { message })}.gif`;
    const received = run.stage.mailboxes[0].receive({ subject: 'Theirs', html: `<div>Read me<img src="${url}" width="1" height="1" alt=""></div>` });

    const page = await openMail(run);
    const own = await sendTracked(run, page, { subject: 'Mine' });
    await page.goto(conversation(0, received.legacy));
    await seen(page);
    const hit = await until('the fetch', () => run.stage.hits.find(({ from, path }) => from === 'proxy' && url.endsWith(path)));
    assert.match(hit.ua, /GoogleImageProxy/);
    const opens = await until('the open', async () => (await (await api('/v1/events?after=0', { headers: { authorization: `Bearer ${token}` } })).json()).events, (all) => all.length > 0);
    assert.deepEqual(opens.map((open) => [open.message, open.kind, open.source.class]), [[message.toString('base64url'), 'pixel', 'gmail_proxy']]);
    assert.deepEqual((await overview(run)).map(({ message: id, state }) => [id, state]), [[messageIn(own.html), 'unseen']]);
    await page.close();
  });
});
