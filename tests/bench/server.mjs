// How fast, small and durable the backend is, beside nginx that only serves an image.
//
// Ratios are of medians over rounds in which all take turns; the disk is probed around each.

import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { createAccount, load, median, pixel, quantile, stored, syncRate, writeScript } from './lib/load.mjs';
import { SERVER, ask, has, hasNginx, postgresPrograms, size, startNginx, startPostgres, startServer } from './lib/service.mjs';

const ROUNDS = Number(process.env.KAIFU_BENCH_ROUNDS ?? 5);
const SECONDS = Number(process.env.KAIFU_BENCH_SECONDS ?? 3);
const POLLS = 2_000;

const print = (name, value, unit) => console.log(`${name} ${Number(value.toPrecision(4))} ${unit}`);
const skip = (what, why) => console.log(`# ${what}: skipped, as ${why}`);

const dirs = [];
function freshDir(parent = tmpdir()) {
  const dir = mkdtempSync(join(parent, 'kaifu-bench-'));
  dirs.push(dir);
  return dir;
}

async function throughput() {
  const dir = freshDir();
  const metrics = '--metrics-listen=127.0.0.1:0';
  const nginx = await startNginx(freshDir());
  const targets = { sqlite: await startServer(freshDir(), [metrics]) };
  if (existsSync('/dev/shm')) targets.sqlite_tmpfs = await startServer(freshDir('/dev/shm'), [metrics]);
  else skip('server_sqlite_tmpfs', 'there is no /dev/shm');
  let postgres;
  if (postgresPrograms()) {
    postgres = await startPostgres(dir);
    targets.postgres = await startServer(freshDir(), [metrics, `--database=${postgres.url}`]);
  } else skip('server_postgres', 'PostgreSQL is not installed');

  for (const [name, server] of Object.entries(targets)) {
    const account = await createAccount(server.url);
    const script = writeScript(freshDir(), account);
    const seen = { keep: [], close: [], syncs: [], answered: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const way of ['keep', 'close']) {
        seen.syncs.push(syncRate(dir));
        const peer = await load(nginx, script, SECONDS, way === 'keep');
        const ours = await load(server, script, SECONDS, way === 'keep');
        seen[way].push({ ...ours, ratio: ours.rate / peer.rate });
        seen.answered += ours.requests;
        process.stderr.write(`\r${name} ${round + 1}/${ROUNDS} ${way}   `);
      }
    }
    seen.syncs.push(syncRate(dir));
    process.stderr.write('\n');
    print(`server_${name}_disk_syncs`, median(seen.syncs), 'per_second');
    for (const [way, label] of [['keep', ''], ['close', '_without_keepalive']]) {
      const of = (figure) => median(seen[way].map((round) => round[figure]));
      print(`server_${name}_pixel${label}`, of('rate'), 'per_second');
      print(`server_${name}_pixel${label}_to_nginx`, of('ratio'), 'ratio');
      print(`server_${name}_pixel${label}_p99`, of('p99'), 'ms');
      print(`server_${name}_pixel${label}_cpu`, of('cpu'), 'us');
    }
    print(`server_${name}_memory_after_load`, server.memory() / 1024, 'MB');
    print(`server_${name}_lost`, Math.max(0, seen.answered - (await stored(server, account))), 'events');
  }
  for (const server of Object.values(targets)) await server.stop();
  await nginx.stop();
  await postgres?.stop('SIGINT');
}

/** Opens long polls, and waits until the server has parked all of them. */
async function park(server, count) {
  const { hostname, port } = new URL(server.url);
  const sockets = [];
  let account;
  for (let index = 0; index < count; index += 1) {
    if (index % 8 === 0) account = await createAccount(server.url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.write(`GET /v1/opens?wait=55 HTTP/1.1\r\nhost: bench\r\nauthorization: ${account.headers.authorization}\r\n\r\n`);
    sockets.push(socket);
  }
  for (;;) {
    const { body } = await ask(server.metrics);
    if (body.includes(`\nkaifu_waiters ${count}\n`)) return sockets;
  }
}

async function memory() {
  const server = await startServer(freshDir(), ['--metrics-listen=127.0.0.1:0']);
  print('server_memory_at_start', server.memory() / 1024, 'MB');
  // What the first polls need once is not counted.
  const first = await park(server, 200);
  const before = server.memory();
  for (const socket of first) socket.destroy();
  const sockets = await park(server, POLLS);
  print('server_memory_per_parked_poll', (server.memory() - before) / (POLLS - first.length), 'kB');
  for (const socket of sockets) socket.destroy();
  await server.stop();
}

/** From the image's request to the answer of a long poll that waits for it. */
async function latency(name, server) {
  const account = await createAccount(server.url);
  const agents = [0, 1].map(() => new http.Agent({ keepAlive: true, maxSockets: 1 }));
  const times = [];
  for (let round = 0; round < 400; round += 1) {
    const poll = ask(`${server.url}/v1/opens?wait=55&after=${round}`, { headers: account.headers, agent: agents[0] });
    for (;;) {
      const { body } = await ask(server.metrics);
      if (body.includes('\nkaifu_waiters 1\n')) break;
    }
    const start = process.hrtime.bigint();
    const image = ask(server.url + pixel(account, randomBytes(8)), { agent: agents[1] });
    await poll;
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
    await image;
  }
  for (const agent of agents) agent.destroy();
  print(`server_${name}_open_to_poll_p50`, median(times), 'ms');
  print(`server_${name}_open_to_poll_p99`, quantile(times, 0.99), 'ms');
}

async function latencies() {
  const metrics = '--metrics-listen=127.0.0.1:0';
  const sqlite = await startServer(freshDir(), [metrics]);
  await latency('sqlite', sqlite);
  await sqlite.stop();
  if (!postgresPrograms()) return;
  const postgres = await startPostgres(freshDir());
  const server = await startServer(freshDir(), [metrics, `--database=${postgres.url}`]);
  await latency('postgres', server);
  await server.stop();
  await postgres.stop('SIGINT');
}

async function startUp() {
  const times = [];
  const dir = freshDir();
  for (let round = 0; round < 20; round += 1) {
    const start = process.hrtime.bigint();
    const server = await startServer(dir);
    await ask(`${server.url}/healthz`);
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
    await server.stop();
  }
  print('server_start_to_answer', median(times), 'ms');
}

try {
  print('server_binary', size(SERVER) / 1e6, 'MB');
  await startUp();
  await memory();
  await latencies();
  if (has('wrk') && hasNginx()) await throughput();
  else skip('server throughput', 'wrk or nginx is not installed (Debian: wrk, nginx-light)');
} finally {
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
}
