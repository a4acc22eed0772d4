import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { canBeUsedByEverybody, messageIn, openMail, sendTracked, start, stored, until } from './harness.mjs';

/** The number of one of the report's figures, by what it leads to. */
const figure = (report, which) => report.locator(`.figures .value [data-which="${which}"]`).first();

const rows = (report) => report.locator('#list tbody tr');

/** Presses a button that saves a file, and gives its name and text. */
async function saved(report, button) {
  const [download] = await Promise.all([report.waitForEvent('download'), report.locator(button).click()]);
  await report.locator('#status', { hasText: 'Saved' }).waitFor();
  return [download.suggestedFilename(), fs.readFileSync(await download.path(), 'utf8')];
}

describe('the report', () => {
  let run, report, mails;
  before(async () => {
    run = await start({ undo: 30 });
    const page = await openMail(run);
    mails = [];
    for (const [to, subject] of [['Anna <anna@example.com>', 'To be opened'], ['ben@example.org', '=1+1, "quoted"']]) {
      const left = await sendTracked(run, page, { to, subject });
      mails.push({ ...left, message: messageIn(left.html) });
    }
    const popup = await run.openPopup();
    [report] = await Promise.all([run.context.waitForEvent('page'), popup.locator('#report-open').click()]);
    await until('two tracked emails', () => figure(report, 'tracked').textContent(), (text) => text === '2');
  });
  after(() => run?.close());

  test('shows an open as it comes, and leads from each number to its emails', async () => {
    assert.equal(await report.locator('[data-which="any_opened"]').count(), 0);
    await run.stage.open(mails[0].id, 'firefox');
    await until('the open', async () => await figure(report, 'any_opened').count() && figure(report, 'any_opened').textContent(), (text) => text === '1');
    const cell = report.locator('.heat td .leads');
    assert.match(await cell.textContent(), /^1 \w+ \d\d:00$/);
    assert.match(await report.locator('.hours').textContent(), /too few to say anything/);
    assert.equal(await rows(report).count(), 2);
    await cell.click();
    await until('one email', () => rows(report).count(), (count) => count === 1);
    assert.match(await rows(report).textContent(), /Anna.*To be opened.*Probably opened/);
    assert.equal(await report.evaluate(() => document.activeElement.id), 'emails-heading');
    await report.locator('#search').fill('ben');
    await report.getByText('No emails match.').waitFor();
    await report.getByRole('button', { name: 'Clear filters' }).click();
    await until('both emails', () => rows(report).count(), (count) => count === 2);
    await report.locator('[data-order="opens"]').click();
    await report.locator('[data-order="opens"]').click();
    await until('the other order', () => rows(report).first().textContent(), (text) => text.includes('quoted'));
  });

  test('saves what is listed, and no key, token or number of an image', async () => {
    const [name, table] = await saved(report, '[data-action="csv"]');
    assert.match(name, /^kaifu-\d{4}-\d\d-\d\d\.csv$/);
    const lines = table.trimEnd().split('\r\n');
    assert.equal(lines.length, 3);
    assert.ok(table.includes(`"'=1+1, ""quoted""","ben@example.org"`), table);
    assert.ok(table.includes('"To be opened","Anna <anna@example.com>","sender@example.com","opened","1",'), table);
    await rows(report).filter({ hasText: 'To be opened' }).locator('input').check();
    await report.getByText('Selected: 1.').waitFor();
    const [, text] = await saved(report, '[data-action="json"]');
    const json = JSON.parse(text);
    assert.deepEqual(json.emails.map((it) => [it.subject, it.state, it.opens]), [['To be opened', 'opened', 1]]);
    assert.deepEqual([json.period_days, json.figures.opened, json.figures.unseen], [30, 1, 1]);
    const local = JSON.stringify(await report.evaluate(() => chrome.storage.local.get('accounts')));
    const secrets = [...local.matchAll(/"(?:account|key|api_token)":"([^"]+)"/g)].map(([, value]) => value);
    assert.ok(secrets.length >= 3, local);
    for (const secret of [...secrets, ...mails.map((mail) => mail.message)]) {
      for (const file of [table, text]) assert.ok(!file.includes(secret), secret);
    }
    await rows(report).filter({ hasText: 'To be opened' }).locator('input').uncheck();
  });

  test('mutes and forgets what is selected, and brings back what was forgotten', async () => {
    const row = rows(report).filter({ hasText: 'quoted' });
    await row.locator('input').check();
    await report.locator('#chosen [data-action="mute"]').click();
    const asked = () => stored(report, 'asked');
    await until('the email to be muted', asked, (all) => all.some((it) => it.message === mails[1].message && it.muted));
    await row.locator('input').check();
    await report.locator('#chosen [data-action="forget"]').click();
    await until('one email', () => figure(report, 'tracked').textContent(), (text) => text === '1');
    assert.equal(await rows(report).count(), 1);
    await report.locator('#chosen [data-action="bring-back"]').click();
    await until('both emails', () => figure(report, 'tracked').textContent(), (text) => text === '2');
    await until('the email to be muted still', asked, (all) => all.some((it) => it.message === mails[1].message && it.muted));
  });

  test('can be used by everybody, in each theme and width', async () => {
    await canBeUsedByEverybody(report, 1280);
  });
});
