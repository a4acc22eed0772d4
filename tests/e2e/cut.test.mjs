// Gmail shows 102 kB of an email and loads no image behind that: ours and its line stand before it,
// however long the email is, in whatever letters, and by whichever way they came in.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PUBLIC, compose, fill, messageIn, openMail, part, pixels, send, start, stored, track, until } from './harness.mjs';

/** How much Gmail shows at once, in bytes. */
const CUT = 102 * 1024;

let run;
let inside;
before(async () => {
  run = await start({ tells: true });
  inside = await run.openPopup();
});
after(() => run?.close());

/** Writes HTML into a compose's editor, as pasting does. */
const write = (mail, html) => part.body(mail).evaluate((editor, html) => {
  globalThis.policy ??= trustedTypes.createPolicy('cut-test', { createHTML: (text) => text });
  editor.innerHTML = globalThis.policy.createHTML(html);
  editor.dispatchEvent(new Event('input', { bubbles: true }));
}, html);

/** Paragraphs with so many bytes in all. */
const paragraphs = (words, bytes) => `<div>${words}</div>`.repeat(Math.ceil(bytes / Buffer.byteLength(`<div>${words}</div>`)));

const ENGLISH = 'The quick brown fox jumps over the lazy dog.';
const JAPANESE = 'いろはにほへと ちりぬるを わかよたれそ つねならむ';
const SIGNATURE = '<span class="gmail_signature_prefix">-- </span><br><div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature">Ann Example</div>';

const MAILS = {
  'of 156 kB in English': paragraphs(ENGLISH, 156_000),
  'of 156 kB in Japanese': paragraphs(JAPANESE, 156_000),
  // In characters it is far from the cut.
  'of 120 kB in Japanese, which are 45,000 characters': paragraphs(JAPANESE, 120_000),
  'that ends right before the cut': paragraphs(ENGLISH, CUT - 1_000),
  'that ends right behind the cut': paragraphs(ENGLISH, CUT + 200),
  'of one paragraph': `<div>${ENGLISH.repeat(4_000)}</div>`,
  'with its signature behind the cut': `${paragraphs(ENGLISH, 130_000)}${SIGNATURE}`,
};

/** What a mail that left has of ours, in characters from its beginning in bytes. */
function assertBeforeCut(html) {
  assert.equal(pixels(html).length, 1);
  for (const ours of [`${PUBLIC}/p/`, `${PUBLIC}/r/`]) {
    const place = Buffer.byteLength(html.slice(0, html.indexOf('>', html.indexOf(ours)) + 1));
    assert.ok(html.includes(ours) && place < CUT, `${ours} ends at byte ${place}`);
  }
}

/** Has Gmail show a mail to its recipient, and waits until the extension heard of it. */
async function loaded(left) {
  const message = messageIn(left.html);
  await run.stage.open(left.id, 'gmail');
  await until('the load', () => stored(inside, 'opens'), (all) => all.some((it) => it.message === message && it.source.class === 'gmail_proxy'));
}

/** Sends the mail, and has Gmail show it to its recipient. */
async function seenIn(html, query) {
  const page = await openMail(run, { query });
  const mail = await compose(page);
  await fill(mail, { subject: 'A long one' });
  await write(mail, html);
  await track(mail);
  const left = await send(run, mail);
  assert.ok(Buffer.byteLength(left.html) > 90_000, 'it is as long as it was to be');
  assertBeforeCut(left.html);
  await loaded(left);
  return { page, left };
}

for (const [name, html] of Object.entries(MAILS)) {
  test(`a mail ${name} is seen, though Gmail clips it`, async () => {
    const { page } = await seenIn(html);
    await page.close();
  });
}

test('so is one whose image came in with the request alone', async () => {
  const page = await openMail(run, { query: { editor: 'frozen' } });
  const mail = await compose(page);
  await fill(mail, { subject: 'Frozen and long' });
  await write(mail, MAILS['of 156 kB in Japanese']);
  await track(mail);
  const left = await send(run, mail);
  assertBeforeCut(left.html);
  await page.close();
});

test('an answer to a clipped mail carries its own image before the quote, and is seen', async () => {
  const { page, left } = await seenIn(MAILS['of 156 kB in English']);
  await page.close();
  const conversation = await openMail(run, { hash: `#all/${left.threadLegacy}` });
  // As its sender, too, one is shown no more of it than Gmail shows.
  await conversation.locator('.a3s .iX').waitFor();
  await conversation.locator('.ams.bkH:visible').first().click();
  const answer = conversation.locator('.ip.adB .M9');
  await answer.waitFor();
  await part.body(answer).evaluate((editor) => editor.prepend('Once more. '));
  await track(answer);
  const reply = await send(run, answer);
  assertBeforeCut(reply.html);
  assert.notEqual(messageIn(reply.html), messageIn(left.html));
  await loaded(reply);
  await conversation.close();
});
