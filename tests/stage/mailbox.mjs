import { randomBytes } from 'node:crypto';

const OTHER = { email: 'reader@example.org', name: 'Reader' };

/**
 * The mailboxes of the browser session, each with its path below `/mail/`: two accounts, and one
 * that its owner has delegated to the first.
 */
export const ACCOUNTS = [
  { email: 'sender@example.com', name: 'Sender', path: 'u/0' },
  { email: 'second@example.org', name: 'Second', path: 'u/1' },
  { email: 'office@example.net', name: 'Office', path: 'u/0/d/AEoRXRstage_-1' },
];

/** A legacy id of `time`: Gmail keeps the milliseconds above the lowest 20 bits. */
export function legacyId(time) {
  return ((BigInt(time) << 20n) | BigInt(randomBytes(3).readUIntBE(0, 3) & 0xfffff)).toString(16).padStart(16, '0');
}

/** The mails of one account, in memory, keyed by Gmail's sync ids. */
export class Mailbox {
  /** @param {{email: string, name: string}} owner */
  constructor(owner) {
    this.owner = owner;
    this.threads = new Map();
    const daysAgo = (days) => Date.now() - days * 86_400_000;
    this.receive({ subject: 'Lunch on Thursday', html: '<div dir="ltr">Shall we meet at noon?</div>', time: daysAgo(3) });
    this.receive({ subject: 'The quarterly figures', html: '<div dir="ltr">Here they are. <img src="https://images.example.org/logo.png" alt="logo"></div>', time: daysAgo(2) });
  }

  /**
   * Stores a message as Gmail's server does: known by its sync id, with a new legacy id each time.
   * @returns the thread
   */
  save(threadId, message) {
    const time = Date.now();
    let thread = this.threads.get(threadId);
    if (!thread) {
      thread = { id: threadId, legacy: legacyId(time), token: `FMfcg${randomBytes(12).toString('hex')}`, messages: [] };
      this.threads.set(threadId, thread);
    }
    const known = thread.messages.find((other) => other.id === message.id);
    const stored = { ...message, legacy: legacyId(time), time, rfc: known?.rfc ?? `<${randomBytes(9).toString('hex')}@mail.example.com>` };
    if (known) thread.messages[thread.messages.indexOf(known)] = stored;
    else thread.messages.push(stored);
    thread.touched = time;
    return thread;
  }

  /** Adds and removes labels of messages of one thread. */
  label(threadId, add, remove, ids) {
    const thread = this.threads.get(threadId);
    for (const message of thread?.messages ?? []) {
      if (!ids.includes(message.id)) continue;
      // What is thrown away is not sent.
      const isOff = add.includes('^k') && message.labels.includes('^scheduled');
      const [coming, going] = isOff ? [[...add, '^r'], [...remove, '^scheduled']] : [add, remove];
      message.labels = [...new Set([...message.labels.filter((label) => !going.includes(label)), ...coming])];
      thread.touched = Date.now();
    }
    return thread;
  }

  /** Every message that has `label` and is not in the bin, oldest first. */
  labelled(label) {
    return [...this.threads.values()]
      .flatMap((thread) => thread.messages.map((message) => ({ ...message, thread: thread.id, threadLegacy: thread.legacy })))
      .filter((message) => message.labels.includes(label) && !message.labels.includes('^k'))
      .sort((a, b) => a.time - b.time);
  }

  /** Puts a mail that came from outside into the inbox and gives its thread. */
  receive({ subject, html, from = OTHER, time = Date.now() }) {
    const number = (1n << 60n) + BigInt(`0x${randomBytes(7).toString('hex')}`);
    const id = `f:${number}`;
    const legacy = number.toString(16).padStart(16, '0');
    const message = {
      id: `msg-${id}`, legacy, time, subject, parts: [[0, html]], labels: ['^all', '^i'], from,
      to: [this.owner], cc: [{ email: 'third@example.org', name: 'Third' }], bcc: [], rfc: `<${legacy}@mail.example.org>`,
    };
    const thread = { id: `thread-${id}`, legacy, token: `FMfcg${legacy}`, messages: [message], touched: 0 };
    this.threads.set(thread.id, thread);
    return thread;
  }
}
