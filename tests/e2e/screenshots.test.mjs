// The pictures in docs/images: always checked to be reachable, written with KAIFU_SCREENSHOTS=1 only.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ROOT, checked, compose, fill, messageIn, openMail, part, sendTracked, start, track, until } from './harness.mjs';

const FOLDER = path.join(ROOT, 'docs/images');
const WRITES = process.env.KAIFU_SCREENSHOTS === '1';
const MOST_BYTES = 300_000;
const HEIGHT = 1000;
const HOUR = 3_600_000;

/** Mails, how many hours ago they left, and what fetched their image how many hours later. */
const SENT = [
  { to: 'Board <board@example.com>', subject: 'Minutes of Monday’s meeting', hoursAgo: 51, fetches: [['outlook', 2]] },
  { to: 'Accounts <accounts@example.org>', subject: 'Invoice for October', hoursAgo: 27, fetches: [['apple', 0.1]] },
  { to: 'Planning office <planning@example.org>', subject: 'Offer for the school garden', hoursAgo: 5, fetches: [['gmail', 0.8], ['firefox', 3.5]] },
  { to: 'Front desk <desk@example.com>, Catering <catering@example.com>', subject: 'Rooms for the spring course', hoursAgo: 0.6, fetches: [] },
];

/** Draws what `area` measures in a page of this width, with two dots a pixel; writes it when asked to. */
async function picture(run, page, name, width, area) {
  const session = await run.context.newCDPSession(page);
  await session.send('Emulation.setScrollbarsHidden', { hidden: true });
  await session.send('Emulation.setDeviceMetricsOverride', { width, height: HEIGHT, deviceScaleFactor: 2, mobile: false });
  const clip = { ...await area(), scale: 1 };
  const { data } = await session.send('Page.captureScreenshot', { format: 'png', clip });
  const bytes = Buffer.from(data, 'base64');
  assert.deepEqual([bytes.readUInt32BE(16), bytes.readUInt32BE(20)], [clip.width * 2, clip.height * 2], `${name} has two dots a pixel`);
  assert.ok(bytes.length < MOST_BYTES, `${name} has ${bytes.length} bytes`);
  if (!WRITES) return;
  fs.mkdirSync(FOLDER, { recursive: true });
  fs.writeFileSync(path.join(FOLDER, name), bytes);
}

/** The place of an element, in whole pixels, with a margin around it. */
async function around(element, margin = 0) {
  const box = await element.boundingBox();
  const [x, y] = [Math.floor(box.x) - margin, Math.floor(box.y) - margin];
  return { x, y, width: Math.ceil(box.x + box.width) + margin - x, height: Math.ceil(box.y + box.height) + margin - y };
}

/** Moves what the extension keeps back in time: a picture of hours cannot wait for them. */
async function backdate(popup, mails) {
  await popup.evaluate(async (moves) => {
    const done = (request) => new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const database = await done(indexedDB.open('kaifu'));
    const transaction = database.transaction(['messages', 'opens'], 'readwrite');
    const [messages, opens] = ['messages', 'opens'].map((name) => transaction.objectStore(name));
    for (const { message, sentAt, openedAt } of moves) {
      await done(messages.put({ ...await done(messages.get(message)), sent_at: sentAt }));
      const seen = await done(opens.index('message').getAll(message));
      for (const [index, open] of seen.sort((a, b) => a.seq - b.seq).entries()) await done(opens.put({ ...open, at: openedAt[index] }));
    }
    database.close();
  }, mails);
}

describe('the pictures of the documentation', () => {
  let run;
  before(async () => (run = await start({ undo: 30 })));
  after(() => run?.close());

  test('the switch beside Send, on', async () => {
    const page = await openMail(run);
    await page.addStyleTag({ content: '.dw { inset-inline-end: 24px }' });
    const mail = await compose(page);
    await fill(mail, {
      to: 'Planning office <planning@example.org>', subject: 'Offer for the school garden',
      body: 'Good morning,\n\nhere is our offer, as agreed on Monday. It holds until the end of the month.\n\nThis mail tells us when it is opened. If you would rather it did not, just say so.',
    });
    await track(mail);
    await part.body(mail).blur();
    await checked(part.toggle(mail), true);
    await picture(run, page, 'compose.png', 1000, async () => {
      const box = await around(page.locator('.AD'), 24);
      return { ...box, height: HEIGHT - box.y };
    });
    await page.close();
  });

  test('the popup with mails in each state that a fetch leads to', async () => {
    const page = await openMail(run);
    const now = Date.now();
    const moves = [];
    for (const { to, subject, hoursAgo, fetches } of SENT) {
      const left = await sendTracked(run, page, { to, subject });
      for (const [program] of fetches) await run.stage.open(left.id, program);
      const sentAt = now - hoursAgo * HOUR;
      moves.push({ message: messageIn(left.html), sentAt, openedAt: fetches.map(([, hours]) => sentAt + hours * HOUR) });
    }
    const popup = await run.openPopup();
    const row = (index) => popup.locator(`[data-kaifu="message"][data-message="${moves[index].message}"]`);
    await until('every fetch in the popup', async () => {
      await popup.reload();
      await row(2).locator('button.summary').click();
      return row(2).locator('.event').count();
    }, (count) => count === 2);
    await backdate(popup, moves);
    await popup.reload();
    for (const [index, state] of ['opened', 'unsure', 'opened', 'unseen'].entries()) {
      await popup.locator(`[data-kaifu="message"][data-message="${moves[index].message}"][data-kaifu-state="${state}"]`).waitFor();
    }
    await picture(run, popup, 'popup.png', 420, () => around(popup.locator('body')));
    await row(2).locator('button.summary').click();
    await row(2).locator('.details').waitFor();
    await popup.mouse.move(0, 0);
    await picture(run, popup, 'reasons.png', 420, () => around(row(2)));
    await popup.close();
    await page.close();
  });
});
