// A database of millions of events beside one that has nothing but the load's.

import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { join } from 'node:path';
import { KIND, mint } from '../../lib/token.mjs';
import { freshDir } from '../lib/dirs.mjs';
import { fillPostgres, fillSqlite } from '../lib/fill.mjs';
import { createAccounts, expectNoFolding, load, pixel, pixels, writeScript } from '../lib/load.mjs';
import { median, print } from '../lib/report.mjs';
import { ask, askPostgres, postgresPrograms, size, startPostgres, startServer } from '../lib/service.mjs';

/** Whose events they are. */
const ACCOUNTS = 1_000;

const METRICS = '--metrics-listen=127.0.0.1:0';

/** Milliseconds until each answer is there to what `question` asks of an account: `{ path, headers }`. */
async function times(server, accounts, question) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const times = [];
  for (let round = 0; round < 1_000; round += 1) {
    const { path, headers } = question(accounts[(round * 7) % accounts.length]);
    const start = process.hrtime.bigint();
    const { status } = await ask(`${server.url}${path}`, { headers, agent });
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
    if (status !== 200) throw new Error(`${path}: ${status}`);
  }
  agent.destroy();
  return times;
}

const events = (query) => ({ headers }) => ({ path: `/v1/events?${query}`, headers });

/** The page of an email of which nothing is known, which is looked for wherever something could be. */
const recipientsPage = (account) => ({
  path: `/r/${mint(KIND.imagePage, { account: account.id, key: account.key }, { message: randomBytes(8) })}`,
});

const image = (account) => ({ path: pixel(account, randomBytes(8)) });

/** A database of millions of events beside one that has nothing but the load's. */
export async function rows(settings) {
  await rowsIn('sqlite', settings, async () => {
    const dir = freshDir(settings.disk);
    return {
      start: () => startServer(dir, [METRICS]),
      fill: (each) => fillSqlite(dir, each),
      size: () => size(join(dir, 'kaifu.db')),
      stop() {},
    };
  });
  if (!postgresPrograms()) return;
  await rowsIn('postgres', settings, async () => {
    const [dir, postgres] = [freshDir(settings.disk), await startPostgres(freshDir(settings.disk))];
    return {
      start: () => startServer(dir, [METRICS, `--database=${postgres.url}`]),
      fill: (each) => fillPostgres(postgres.url, each),
      size: () => Number(askPostgres(postgres.url, "SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree('events')")),
      stop: () => postgres.stop('SIGINT'),
    };
  });
}

async function rowsIn(name, { rounds, seconds, opens }, makeStore) {
  const each = opens / ACCOUNTS;
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
    await load(server, sides[side].script, seconds, true);
  }
  const ratios = [];
  for (let round = 0; round < rounds; round += 1) {
    const rate = {};
    for (const side of round % 2 ? ['full', 'empty'] : ['empty', 'full']) {
      rate[side] = (await load(sides[side].server, sides[side].script, seconds, true)).rate;
    }
    ratios.push(rate.full / rate.empty);
  }
  print(`server_${name}_events`, opens, 'events');
  print(`server_${name}_event_size`, sides.full.store.size() / opens, 'bytes');
  print(`server_${name}_full_to_empty`, median(ratios), 'ratio');
  for (const [side, { server, accounts, store }] of Object.entries(sides)) {
    const end = `after=${Number.MAX_SAFE_INTEGER}`;
    print(`server_${name}_${side}_nothing_new`, median(await times(server, accounts, events(end))), 'ms');
    if (side === 'full') {
      const last = events(`after=${Math.max(0, each - 100)}&limit=100`);
      print(`server_${name}_full_100_events`, median(await times(server, accounts, last)), 'ms');
    }
    print(`server_${name}_${side}_page`, median(await times(server, accounts, recipientsPage)), 'ms');
    print(`server_${name}_${side}_image`, median(await times(server, accounts, image)), 'ms');
    await expectNoFolding(server);
    await server.stop();
    await store.stop();
  }
}
