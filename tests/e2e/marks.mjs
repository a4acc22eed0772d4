// The marks in Gmail's lists and conversations, as tests look at them.
import { compose, fill, send, until } from './harness.mjs';

/** What a mark is found by. */
export const MARK = '[data-kaifu="mark"]';

/** The rows of a conversation in the list that is shown. */
export const rowOf = (page, thread) => page.locator(`tr.zA:visible:has([data-thread-id="#${thread}"])`);

/** Goes to a route of the stage's Gmail. */
export const show = (page, hash) => page.evaluate((to) => (location.hash = to), hash);

/** Shows the conversation of a mail that left, once the page has heard that it did. */
export const showConversation = async (page, mail) => {
  await page.locator('#link_undo').waitFor();
  await show(page, `#all/${mail.threadLegacy}`);
};

/** Has the stage fill its lists again. */
export const rerender = (page) => page.evaluate(() => document.dispatchEvent(new Event('stage:render')));

const states = (scope) => scope.locator(MARK).evaluateAll((marks) => marks.map((mark) => mark.dataset.kaifuState));

/** Waits until exactly these marks stand in `scope`. */
export const marked = (scope, ...expected) =>
  until(`the marks ${expected}`, () => states(scope), (now) => JSON.stringify(now) === JSON.stringify(expected));

/** Writes a mail and sends it without tracking. */
export async function sendUntracked(run, page, content) {
  const mail = await compose(page);
  await fill(mail, content);
  return send(run, mail);
}
