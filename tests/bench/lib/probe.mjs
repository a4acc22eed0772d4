// Asks for one thing after the other while something else happens, and says how long answers took.

import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { pixel } from './load.mjs';
import { print, quantile } from './report.mjs';
import { ask } from './service.mjs';

/** How many clients ask, and how long each pauses in between, in milliseconds. */
const [CLIENTS, PAUSE] = [4, 5];

/**
 * Asks until `work` is over.
 * @param {(agent: http.Agent) => Promise<number>} question asks once and gives the status
 * @param {Promise<T>} work
 * @returns {Promise<{ times: number[], statuses: Map<number, number>, result: T }>} milliseconds until
 *   each answer, and how often each status came; 0 for none
 * @template T
 */
export async function askDuring(question, work) {
  const [times, statuses] = [[], new Map()];
  let isOver = false;
  const client = async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    while (!isOver) {
      const start = performance.now();
      const status = await question(agent).catch(() => 0);
      times.push(performance.now() - start);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      await sleep(PAUSE);
    }
    agent.destroy();
  };
  const clients = Promise.all(Array.from({ length: CLIENTS }, client));
  try {
    return { times, statuses, result: await work };
  } finally {
    isOver = true;
    await clients;
  }
}

/** Asks for images of an account, each of a message of its own, and notes those that were answered. */
export function images(server, account, { asked, answered }) {
  return async (agent) => {
    const message = randomBytes(8);
    const text = message.toString('base64url');
    asked.add(text);
    const { status } = await ask(server.url + pixel(account, message), { agent });
    if (status === 200) answered.add(text);
    return status;
  };
}

/** Asks whether there are news of an account, of which there are none. */
export function emptyPolls(server, account) {
  const url = `${server.url}/v1/events?after=${Number.MAX_SAFE_INTEGER}`;
  return async (agent) => (await ask(url, { headers: account.headers, agent })).status;
}

/** Prints what was seen, and fails where anything but `200` was. */
export function printTimes(name, { times, statuses }) {
  print(`${name}_asked`, times.length, 'requests');
  print(`${name}_p50`, quantile(times, 0.5), 'ms');
  print(`${name}_p99`, quantile(times, 0.99), 'ms');
  print(`${name}_slowest`, Math.max(...times), 'ms');
  const others = [...statuses].filter(([status]) => status !== 200);
  if (others.length > 0) throw new Error(`${name}: ${JSON.stringify(others)}`);
}
