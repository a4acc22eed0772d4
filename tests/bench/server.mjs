// How fast, small and durable the backend is, beside nginx that only serves an image.
//
// Ratios are medians over rounds in which all take turns; the disk is probed around each.
// Names of parts may follow: binary startUp polls latencies throughput peers rows.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { fillPostgres, fillSqlite } from './lib/fill.mjs';
import { createAccount, createAccounts, load, median, pixel, pixels, quantile, stored, syncRate, writeScript } from './lib/load.mjs';
import { PEERS, rowsOf } from './lib/peers.mjs';
import { park, wake } from './lib/polls.mjs';
import {
  SERVER, ask, askPostgres, fileLimit, has, hasNginx, postgresPrograms, size, startNginx, startPostgres, startServer,
} from './lib/service.mjs';

const ROUNDS = Number(process.env.KAIFU_BENCH_ROUNDS ?? 5);
const SECONDS = Number(process.env.KAIFU_BENCH_SECONDS ?? 3);
const POLLS = Number(process.env.KAIFU_BENCH_POLLS ?? 10_000);
const OPENS = Number(process.env.KAIFU_BENCH_OPENS ?? 10_000_000);
/** Whose events they are. */
const ACCOUNTS = 1_000;

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
    const script = writeScript(freshDir(), pixels([account]));
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

/** Memory of polls that wait, and how fast the right one of them is woken. */
async function polls() {
  const count = Math.min(POLLS, Math.max(1_000, fileLimit() - 2_000));
  if (count < POLLS) console.log(`# ${count} polls instead of ${POLLS}, as few files may be open (ulimit -n)`);
  const dir = freshDir();
  const server = await startServer(dir, ['--metrics-listen=127.0.0.1:0']);
  print('server_memory_at_start', server.memory() / 1024, 'MB');
  // What the first polls need once is not counted.
  const first = await park(server, 200);
  const before = server.memory();
  for (const { socket } of first) socket.destroy();
  const parked = await park(server, count);
  print('server_parked_polls', count, 'polls');
  print('server_memory_per_parked_poll', (server.memory() - before) / (count - first.length), 'kB');
  const times = await wake(server, parked, Math.min(500, count));
  print('server_open_to_one_of_all_polls_p50', median(times), 'ms');
  print('server_open_to_one_of_all_polls_p99', quantile(times, 0.99), 'ms');
  print('server_disk_sync', 1_000 / syncRate(dir), 'ms');
  for (const { socket } of parked) socket.destroy();
  await server.stop();
}

/** Milliseconds until a page of events is there. */
async function pageTimes(server, accounts, query) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const times = [];
  for (let round = 0; round < 1_000; round += 1) {
    const { headers } = accounts[(round * 7) % accounts.length];
    const start = process.hrtime.bigint();
    const { status } = await ask(`${server.url}/v1/events?${query}`, { headers, agent });
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
    if (status !== 200) throw new Error(`a page of events: ${status}`);
  }
  agent.destroy();
  return times;
}

/** A database of millions of events beside one that has nothing but the load's. */
async function rows() {
  await rowsIn('sqlite', async () => {
    const dir = freshDir();
    return {
      start: () => startServer(dir),
      fill: (each) => fillSqlite(dir, each),
      size: () => size(join(dir, 'kaifu.db')),
      stop() {},
    };
  });
  if (!postgresPrograms()) return;
  await rowsIn('postgres', async () => {
    const [dir, postgres] = [freshDir(), await startPostgres(freshDir())];
    return {
      start: () => startServer(dir, [`--database=${postgres.url}`]),
      fill: (each) => fillPostgres(postgres.url, each),
      size: () => Number(askPostgres(postgres.url, "SELECT pg_total_relation_size('opens')")),
      stop: () => postgres.stop('SIGINT'),
    };
  });
}

async function rowsIn(name, makeStore) {
  const each = OPENS / ACCOUNTS;
  const sides = {};
  for (const side of ['empty', 'full']) {
    const store = await makeStore();
    let server = await store.start();
    const accounts = await createAccounts(server.url, ACCOUNTS);
    if (side === 'full') {
      await server.stop();
      store.fill(each);
      server = await store.start();
    }
    sides[side] = { server, accounts, store, script: writeScript(freshDir(), pixels(accounts)) };
    // The search for old events at the start is over when this is.
    await load(server, sides[side].script, SECONDS, true);
  }
  const ratios = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const rate = {};
    for (const side of round % 2 ? ['full', 'empty'] : ['empty', 'full']) {
      rate[side] = (await load(sides[side].server, sides[side].script, SECONDS, true)).rate;
    }
    ratios.push(rate.full / rate.empty);
  }
  print(`server_${name}_events`, OPENS, 'events');
  print(`server_${name}_event_size`, sides.full.store.size() / OPENS, 'bytes');
  print(`server_${name}_full_to_empty`, median(ratios), 'ratio');
  for (const [side, { server, accounts, store }] of Object.entries(sides)) {
    const end = `after=${Number.MAX_SAFE_INTEGER}`;
    print(`server_${name}_${side}_nothing_new`, median(await pageTimes(server, accounts, end)), 'ms');
    if (side === 'full') print(`server_${name}_full_100_events`, median(await pageTimes(server, accounts, `after=${each - 100}&limit=100`)), 'ms');
    await server.stop();
    await store.stop();
  }
}

/** From the image's request to the answer of a long poll that waits for it. */
async function latency(name, server) {
  const account = await createAccount(server.url);
  const agents = [0, 1].map(() => new http.Agent({ keepAlive: true, maxSockets: 1 }));
  const times = [];
  for (let round = 0; round < 400; round += 1) {
    const poll = ask(`${server.url}/v1/events?wait=55&after=${round}`, { headers: account.headers, agent: agents[0] });
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

/** Other ways to serve such an image, in turn with ours. */
async function peers() {
  const server = await startServer(freshDir());
  const ours = writeScript(freshDir(), pixels([await createAccount(server.url)]));
  for (const peer of PEERS) {
    const why = peer.install();
    if (why) {
      skip(`server_${peer.name}`, why);
      continue;
    }
    const program = await peer.start(freshDir());
    const script = writeScript(freshDir(), [peer.path()]);
    const rounds = [];
    let answered = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const theirs = await load(program, script, SECONDS, true);
      rounds.push({ ...theirs, ratio: (await load(server, ours, SECONDS, true)).rate / theirs.rate });
      answered += theirs.requests;
    }
    const of = (figure) => median(rounds.map((round) => round[figure]));
    print(`server_${peer.name}_pixel`, of('rate'), 'per_second');
    print(`server_${peer.name}_pixel_p99`, of('p99'), 'ms');
    print(`server_${peer.name}_pixel_cpu`, of('cpu'), 'us');
    print(`server_sqlite_to_${peer.name}`, of('ratio'), 'ratio');
    print(`server_${peer.name}_lost`, Math.max(0, answered - (await rowsOf(program))), 'events');
    await program.stop();
  }
  await server.stop();
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

const withLoad = has('wrk') && hasNginx();
const parts = {
  async binary() { print('server_binary', size(SERVER) / 1e6, 'MB'); },
  startUp,
  polls,
  latencies,
};
if (withLoad) Object.assign(parts, { throughput, peers });
else skip('server throughput', 'wrk or nginx is not installed (Debian: wrk, nginx-light)');
if (withLoad && has('python3')) parts.rows = rows;
else if (withLoad) skip('server_full', 'python3 is not installed');

try {
  const asked = process.argv.slice(2);
  for (const part of asked.length ? asked : Object.keys(parts)) await parts[part]();
} finally {
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
}
