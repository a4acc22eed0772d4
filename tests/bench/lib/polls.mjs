// Long polls that wait, many at once.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { createAccounts, pixel } from './load.mjs';
import { ask } from './service.mjs';

/** What a browser sends along. */
const HEADERS = `accept: */*\r\naccept-encoding: gzip, deflate, br, zstd\r\naccept-language: en-US,en;q=0.9
user-agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36
`.replace(/\r?\n/g, '\r\n');

/** Opens a long poll for each of `count` new accounts, and waits until the server has parked all of them. */
export async function park(server, count) {
  const { protocol, hostname, port } = new URL(server.url);
  const polls = [];
  for (const account of await createAccounts(server.url, count)) {
    const socket = protocol === 'https:' ? connectTls({ port: Number(port), host: hostname, rejectUnauthorized: false }) : connect(Number(port), hostname);
    await once(socket, protocol === 'https:' ? 'secureConnect' : 'connect');
    socket.write(`GET /v1/events?wait=55 HTTP/1.1\r\nhost: localhost\r\n${HEADERS}authorization: ${account.headers.authorization}\r\n\r\n`);
    polls.push({ account, socket });
  }
  for (;;) {
    const { body } = await ask(server.metrics);
    if (body.includes(`\nkaifu_waiters ${count}\n`)) return polls;
  }
}

/** Wakes one poll after the other; gives the milliseconds from the image's request to each answer. */
export async function wake(server, polls, count) {
  const { Agent } = server.url.startsWith('https:') ? https : http;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let woken = 0;
  for (const { socket } of polls) socket.on('data', () => { woken += 1; });
  const times = [];
  for (let round = 0; round < count; round += 1) {
    const { account, socket } = polls[Math.floor((round * polls.length) / count)];
    const message = randomBytes(8);
    const answered = once(socket, 'data');
    const start = process.hrtime.bigint();
    const image = ask(server.url + pixel(account, message), { agent });
    const [answer] = await answered;
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
    await image;
    if (!answer.includes(message.toString('base64url')) || woken !== round + 1) throw new Error('another poll was woken');
  }
  agent.destroy();
  return times;
}
