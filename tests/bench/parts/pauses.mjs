// How long an image may have to wait while millions of events are copied, forgotten or deleted, and
// whether each that was answered is stored.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { compare, messagesOf } from '../lib/account-for.mjs';
import { freshDir } from '../lib/dirs.mjs';
import { fillPostgres, fillSqlite } from '../lib/fill.mjs';
import { createAccount, syncRate } from '../lib/load.mjs';
import { askDuring, images, printTimes } from '../lib/probe.mjs';
import { print } from '../lib/report.mjs';
import { SERVER, ask, postgresPrograms, run, startPostgres, startServer } from '../lib/service.mjs';

const METRICS = '--metrics-listen=127.0.0.1:0';

/** Older than the retention, in hours. */
const OLD = 200 * 24;

/** How long what is quiet is measured, in milliseconds. */
const QUIET = 10_000;

const COUNT = `
import sqlite3, sys
database = sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True)
print(database.execute(sys.argv[2]).fetchone()[0])
`;

/** What stands in the way of comparing the stores: how each is filled, copied and asked. */
const STORES = {
  async sqlite(disk) {
    const dir = freshDir(disk);
    return {
      flags: [],
      dir,
      fill: (each, age) => fillSqlite(dir, each, age),
      backup: () => run(SERVER, ['backup', `--data-dir=${dir}`, join(freshDir(disk), 'copy.db')]),
      count: (query) => run('python3', ['-c', COUNT, join(dir, 'kaifu.db'), query]),
      async stop() {},
    };
  },
  async postgres(disk) {
    const postgres = await startPostgres(freshDir(disk));
    const program = (name) => join(postgresPrograms(), name);
    return {
      flags: [`--database=${postgres.url}`],
      dir: freshDir(disk),
      fill: (each, age) => fillPostgres(postgres.url, each, age),
      backup: () => run(program('pg_dump'), ['-Fc', '-Z0', '-f', join(freshDir(disk), 'copy.dump'), '-d', postgres.url]),
      count: (query) => run(program('psql'), ['-XqtA', '-d', postgres.url, '-c', query]),
      stop: () => postgres.stop('SIGINT'),
    };
  },
};

/** Waits until a query counts nothing. */
async function untilNone(store, query) {
  while (Number(await store.count(query)) > 0) await sleep(100);
}

/** Waits until the server has looked for what is past its time. */
async function untilPurged(server) {
  while (/^kaifu_last_purge_seconds 0$/m.test((await ask(server.metrics)).body)) await sleep(100);
}

/** A server over a store with one account that has very much, and another that is measured. */
async function prepare(make, { disk, many }, age) {
  const store = await make(disk);
  let server = await startServer(store.dir, [METRICS, ...store.flags]);
  const big = await createAccount(server.url);
  await server.stop();
  await store.fill(many, age);
  server = await startServer(store.dir, [METRICS, ...store.flags]);
  return { store, server, big, other: await createAccount(server.url) };
}

async function measure(name, { store, server, other }, work) {
  const seen = { asked: new Set(), answered: new Set() };
  const start = performance.now();
  const found = await askDuring(images(server, other, seen), work());
  print(`${name}_took`, (performance.now() - start) / 1_000, 's');
  print(`${name}_disk_sync`, 1_000 / syncRate(store.dir), 'ms');
  printTimes(name, found);
  const kept = (await messagesOf(server, [other])).filter((message) => seen.asked.has(message));
  const { lost, doubled } = compare(seen.answered, seen.asked, kept);
  print(`${name}_lost`, lost, 'events');
  print(`${name}_doubled`, doubled, 'events');
  if (lost + doubled > 0) throw new Error(`${name}: ${lost} lost, ${doubled} doubled`);
}

async function pausesOf(name, make, settings) {
  const now = await prepare(make, settings, 0);
  const { store, server, big } = now;
  await measure(`server_${name}_quiet`, now, () => sleep(QUIET));
  await measure(`server_${name}_while_copied`, now, () => store.backup());
  await measure(`server_${name}_while_deleted`, now, async () => {
    const { status } = await ask(`${server.url}/v1/account`, { method: 'DELETE', headers: big.headers });
    if (status !== 204) throw new Error(`deleting an account: ${status}`);
    await untilNone(store, 'SELECT count(*) FROM graves');
    await sleep(QUIET / 2);
  });
  await server.stop();
  await store.stop();
  const old = await prepare(make, settings, OLD);
  await measure(`server_${name}_while_forgotten`, old, async () => {
    await untilPurged(old.server);
    await sleep(QUIET / 2);
  });
  await old.server.stop();
  await old.store.stop();
}

export async function pauses(settings) {
  print('server_pauses_events', settings.many, 'events');
  const only = process.env.KAIFU_BENCH_STORES?.split(',');
  for (const [name, make] of Object.entries(STORES)) {
    if (only?.includes(name) === false || (name === 'postgres' && !postgresPrograms())) continue;
    await pausesOf(name, make, settings);
  }
}
