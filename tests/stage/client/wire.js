import { options } from './options.js';

let operation = 1;

function sparse(length, places) {
  const list = new Array(length).fill(null);
  for (const [place, value] of Object.entries(places)) list[place] = value;
  return list;
}

const tuple = ({ email, name }) => (name ? [1, email, name] : [1, email]);
const listOf = (people) => (people.length > 0 ? people.map(tuple) : null);

function message(mail, time) {
  const { email, name } = mail.from;
  return sparse(52, {
    0: mail.id, 1: [1, email, name, null, null, null, null, null, null, email],
    2: listOf(mail.to), 3: listOf(mail.cc), 4: listOf(mail.bcc), 6: time, 7: mail.subject,
    8: [null, mail.parts, null, null, null, null, 1], 10: mail.labels, 15: mail.inReplyTo ?? null, 17: time,
    41: 0, 42: [0, 0, 2, 0], 51: `s:${time.toString(16)}|#${mail.id}|0`,
  });
}

/** Where a message stands in the request hangs on whether Gmail's server knows it yet. */
function change(mail, time) {
  const m = message(mail, time);
  if (mail.saved) return sparse(14, { 13: [m, null, 1] });
  if (mail.replyTo) return sparse(2, { 1: [m, mail.replyTo, 1, null, [time]] });
  return sparse(3, { 2: [['', null, time, mail.thread, [m]]] });
}

const unwrapped = (exchange) => (Array.isArray(exchange) ? exchange : exchange[1]);

function post(operations) {
  const time = Date.now();
  const exchange = [null, [operations], [1, 1000, null, null, [null, 0], null, 1], [time, 1, time, 0, 205], 2];
  // Gmail may write its requests in another form any day.
  const body = JSON.stringify(options.wire === 'current' ? exchange : { 1: exchange });
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/sync/${options.account.path}/i/s?hl=${options.lang}&c=${operation}&rt=r&pt=ji`);
    request.setRequestHeader('content-type', 'application/json');
    request.onloadend = () => resolve(request.status === 200 ? unwrapped(JSON.parse(request.responseText)) : null);
    request.send(body);
  });
}

/**
 * Hands a mail to Gmail's server: a draft, a scheduled mail or one to send, as its labels say.
 * @returns {Promise<{thread: string, message: string}|null>} the legacy ids, or `null` when it failed
 */
export async function save(mail) {
  const answer = await post([[operation++, [mail.thread, change(mail, mail.time ?? Date.now())]]]);
  for (const [tuples] of answer?.[1]?.[5] ?? []) {
    const inner = tuples[2][6][0];
    const own = inner[4].find((entry) => entry[0] === mail.id);
    if (own) return { thread: inner[19], message: own[55] };
  }
  return null;
}

/** Adds and removes labels of one message. */
export function label(thread, id, add, remove) {
  return post([[operation++, [thread, sparse(7, { 6: [add, remove, [id]] })]]]);
}

/** Everything in the account's mailbox, as the server has it now. */
export function mailbox() {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('GET', `/stage/mailbox?account=${options.index}`);
    request.onload = () => resolve(JSON.parse(request.responseText));
    request.onerror = () => reject(new Error('the stage is gone'));
    request.send();
  });
}
