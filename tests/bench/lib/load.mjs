// Load, and what a disk can do.

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, fdatasyncSync, openSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import { KIND, mint } from '../../lib/token.mjs';
import { ask } from './service.mjs';

/**
 * How many messages the load is about. One may be fetched 30 times a minute before it counts as a flood,
 * so 120,000 a second are stored one by one; a run in which any was only counted fails.
 */
export const MESSAGES = 240_000;

/** How often a second the disk under `dir` makes a small write durable. */
export function syncRate(dir) {
  const path = join(dir, 'probe');
  const file = openSync(path, 'w');
  const start = process.hrtime.bigint();
  let count = 0;
  let seconds = 0;
  while (seconds < 0.3) {
    writeSync(file, Buffer.alloc(4096), 0, 4096, (count % 64) * 4096);
    fdatasyncSync(file);
    count += 1;
    seconds = Number(process.hrtime.bigint() - start) / 1e9;
  }
  closeSync(file);
  unlinkSync(path);
  return count / seconds;
}

/** Makes an account. */
export async function createAccount(url, agent) {
  const headers = { 'content-type': 'application/json' };
  const reply = await ask(`${url}/v1/accounts`, { method: 'POST', headers, body: '{}', agent });
  if (reply.status !== 201) throw new Error(`no account: ${reply.status}`);
  const { account, key, api_token: token } = JSON.parse(reply.body);
  return { id: Buffer.from(account, 'base64url'), key: Buffer.from(key, 'base64url'), headers: { authorization: `Bearer ${token}` } };
}

/** Makes `count` accounts. */
export async function createAccounts(url, count) {
  const { Agent } = url.startsWith('https:') ? https : http;
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const accounts = await Promise.all(Array.from({ length: count }, () => createAccount(url, agent)));
  agent.destroy();
  return accounts;
}

/** The path of the image of a message: 8 bytes. */
export function pixel(account, message) {
  return `/p/${mint(KIND.image, { account: account.id, key: account.key }, { message })}.gif`;
}

/** The paths of images of many messages of the accounts in turn. */
export function pixels(accounts) {
  return Array.from({ length: MESSAGES }, (_, place) => pixel(accounts[place % accounts.length], randomBytes(8)));
}

/** Writes wrk's script, which asks for `paths` in turn; gives its path. */
export function writeScript(dir, paths) {
  const list = join(dir, 'paths');
  writeFileSync(list, `${paths.join('\n')}\n`);
  const script = join(dir, 'load.lua');
  writeFileSync(
    script,
    `local requests, number = {}, 0
     local threads = 0
     function setup(thread) thread:set("first", threads * ${Math.floor(paths.length / 2)}); threads = threads + 1 end
     function init(arguments)
       wrk.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
       if arguments[1] == "close" then wrk.headers["Connection"] = "close" end
       for path in io.lines("${list}") do requests[#requests + 1] = wrk.format("GET", path) end
       number = first
     end
     function request() number = number + 1; return requests[number % #requests + 1] end`,
  );
  return script;
}

/** How many connections the load has, and so how many requests may be stored that were not answered in time. */
export const CONNECTIONS = 64;

/** Runs wrk against a process; gives rate, p99 in milliseconds and processor time per request in microseconds. */
export async function load(target, script, seconds, keepAlive) {
  const before = target.cpu();
  const wrk = spawn('wrk', ['-t2', `-c${CONNECTIONS}`, `-d${seconds}s`, '--latency', '-s', script, target.url, '--', keepAlive ? 'keep' : 'close']);
  let output = '';
  wrk.stdout.on('data', (chunk) => { output += chunk; });
  await once(wrk, 'close');
  const requests = Number(output.match(/(\d+) requests in/)?.[1]);
  const [, value, unit] = output.match(/99%\s+([\d.]+)(us|ms|s)/) ?? [];
  if (!requests || !value || /Non-2xx/.test(output)) throw new Error(`wrk: ${output}`);
  return {
    requests,
    rate: Number(output.match(/Requests\/sec:\s+([\d.]+)/)[1]),
    p99: Number(value) * { us: 0.001, ms: 1, s: 1000 }[unit],
    cpu: (target.cpu() - before) / requests,
  };
}

/** Fails when a fetch was only counted: what is called storing must store. */
export async function expectNoFolding(server) {
  const { body } = await ask(server.metrics);
  const folded = Number(body.match(/^kaifu_opens_folded_total (\d+)$/m)[1]);
  if (folded > 0) throw new Error(`${folded} fetches were only counted: the load needs more messages`);
}

/** How many events the server says that it has stored. */
export async function countStored(server) {
  const { body } = await ask(server.metrics);
  return [...body.matchAll(/^kaifu_opens_total\{[^}]*\} (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
}
