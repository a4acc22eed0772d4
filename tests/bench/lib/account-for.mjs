// Whether each answered image was stored once: sets of messages, able to fail by one.

import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { pixel } from './load.mjs';
import { ask } from './service.mjs';

/**
 * Compares what was answered with what is stored.
 * @param {Set<string>} answered the messages whose images were answered
 * @param {Set<string>} asked the messages whose images were asked for
 * @param {string[]} stored the message of each event
 */
export function compare(answered, asked, stored) {
  const kept = new Set(stored);
  const strangers = [...kept].filter((message) => !asked.has(message));
  return {
    lost: [...answered].filter((message) => !kept.has(message)).length,
    doubled: stored.length - kept.size,
    strange: strangers.length,
  };
}

// A comparison that cannot fail by one shows nothing, so it is tried before it is believed.
for (const [answered, asked, stored, expected] of [
  [['a', 'b'], ['a', 'b', 'c'], ['a', 'b', 'c'], { lost: 0, doubled: 0, strange: 0 }],
  [['a', 'b'], ['a', 'b'], ['a'], { lost: 1, doubled: 0, strange: 0 }],
  [['a', 'b'], ['a', 'b'], ['a', 'b', 'b'], { lost: 0, doubled: 1, strange: 0 }],
  [['a'], ['a'], ['a', 'z'], { lost: 0, doubled: 0, strange: 1 }],
  [['a', 'b'], ['a', 'b'], ['a', 'a'], { lost: 1, doubled: 1, strange: 0 }],
]) {
  const found = compare(new Set(answered), new Set(asked), stored);
  if (JSON.stringify(found) !== JSON.stringify(expected)) throw new Error(`the comparison is wrong: ${JSON.stringify(found)}`);
}

/** Asks for new images of `accounts` on 64 connections for `seconds`, each for one message alone. */
export async function askOnce(server, accounts, seconds) {
  const [asked, answered] = [new Set(), new Set()];
  const end = Date.now() + seconds * 1_000;
  let place = 0;
  const client = async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    while (Date.now() < end) {
      const message = randomBytes(8);
      const text = message.toString('base64url');
      const account = accounts[place % accounts.length];
      place += 1;
      asked.add(text);
      const reply = await ask(server.url + pixel(account, message), { agent }).catch(() => null);
      if (reply?.status === 200) answered.add(text);
    }
    agent.destroy();
  };
  await Promise.all(Array.from({ length: 64 }, client));
  return { asked, answered };
}

/** The message of each event of the accounts. */
export async function messagesOf(server, accounts) {
  const messages = [];
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  for (const { headers } of accounts) {
    for (let after = 0; ;) {
      const page = JSON.parse((await ask(`${server.url}/v1/events?after=${after}&limit=1000`, { headers, agent })).body);
      if (page.events.length === 0) break;
      after = page.cursor;
      for (const event of page.events) messages.push(event.message);
    }
  }
  agent.destroy();
  return messages;
}
