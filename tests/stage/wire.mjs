const person = ([, email, name]) => ({ email, name: name ?? '' });
const tuple = ({ email, name }) => [1, email, name];

/** A sparse array: `null` everywhere except at the given places. */
function sparse(length, places) {
  const list = new Array(length).fill(null);
  for (const [place, value] of Object.entries(places)) list[place] = value;
  return list;
}

function readMessage(m) {
  return {
    id: m[0],
    from: person(m[1]),
    to: (m[2] ?? []).map(person),
    cc: (m[3] ?? []).map(person),
    bcc: (m[4] ?? []).map(person),
    due: m[6] ?? null,
    subject: m[7] ?? '',
    parts: m[8]?.[1] ?? [],
    labels: m[10] ?? [],
    inReplyTo: m[15] ?? null,
  };
}

/**
 * Reads a request in the array form that Gmail's page has sent to `/sync/…/i/s` since 2022.
 * @param {unknown} request the parsed JSON
 * @returns {{number: number, thread: string, message?: object, labels?: {add: string[], remove: string[], ids: string[]}}[]}
 * @throws {TypeError} when the shape is another one
 */
export function readRequest(request) {
  return request[1][0].map((operation) => {
    const [number, [threadText, change]] = operation;
    const thread = threadText.split('|')[0];
    const candidates = [change[2]?.[0]?.[4]?.[0], change[1]?.[0], change[13]?.[0]];
    const message = candidates.find((m) => typeof m?.[0] === 'string' && m[0].startsWith('msg-'));
    if (message) return { number, thread, message: readMessage(message) };
    if (!change[6]) throw new TypeError('an operation has neither message nor labels');
    const [add, remove, ids] = change[6];
    return { number, thread, labels: { add, remove, ids } };
  });
}

const plain = (parts) => parts.map(([, html]) => html.replace(/<[^>]*>/g, ' ')).join(' ').replace(/\s+/g, ' ').trim();

function writeThread(thread, version) {
  const messages = thread.messages.map((m) =>
    sparse(56, {
      0: m.id, 1: tuple(m.from), 2: m.to.map(tuple), 3: m.cc.map(tuple), 4: m.bcc.map(tuple), 6: m.time, 7: m.subject,
      9: plain(m.parts), 10: m.labels, 13: m.rfc, 17: m.time, 30: m.time, 43: 0, 55: m.legacy,
    }));
  const last = thread.messages.at(-1);
  const inner = sparse(20, {
    0: last.subject, 2: last.time, 3: thread.id, 4: messages, 8: last.id.replace(':', ':bump-'), 16: 0, 19: thread.legacy,
  });
  return [[thread.id, null, sparse(7, { 6: [inner, version] })]];
}

/**
 * Writes the answer to a request, in the form of 2022.
 * @param {number[]} numbers the numbers of the operations it answers
 * @param {object[]} threads the threads as they are now; may hold more than was asked about
 * @param {number} version the mailbox's version
 */
export function writeResponse(numbers, threads, version) {
  const acknowledged = numbers.map((number) => [number, 0, null, version]);
  return [[acknowledged], [0, null, null, null, [], threads.map((thread) => writeThread(thread, version)), 0, version], [[]], [version]];
}
