// What a recipient's page costs in a database of millions of events, and what those who ask for such
// pages without end do to everybody else's polls.

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { KIND, mint } from '../../lib/token.mjs';
import { freshDir } from '../lib/dirs.mjs';
import { fillPostgres, fillSqlite } from '../lib/fill.mjs';
import { createAccount, createAccounts } from '../lib/load.mjs';
import { askDuring, emptyPolls, printTimes } from '../lib/probe.mjs';
import { median, print, skip } from '../lib/report.mjs';
import { ask, has, postgresPrograms, run, startPostgres, startServer } from '../lib/service.mjs';

const METRICS = '--metrics-listen=127.0.0.1:0';

/** How many accounts have very much, and ask without end. */
const NOISY = 6;

/** How long each situation is measured, in seconds. */
const LENGTH = 15;

const page = (account, message) => `/r/${mint(KIND.imagePage, { account: account.id, key: account.key }, { message })}`;

async function makeStore(name, disk) {
  const dir = freshDir(disk);
  if (name === 'sqlite') return { start: () => startServer(dir, [METRICS]), fill: (each) => fillSqlite(dir, each), async stop() {} };
  const postgres = await startPostgres(freshDir(disk));
  return {
    start: () => startServer(dir, [METRICS, `--database=${postgres.url}`]),
    fill: (each) => fillPostgres(postgres.url, each),
    stop: () => postgres.stop('SIGINT'),
  };
}

async function neighboursIn(name, { disk, opens }) {
  const store = await makeStore(name, disk);
  let server = await store.start();
  const noisy = await createAccounts(server.url, NOISY);
  await server.stop();
  await store.fill(Math.ceil(opens / NOISY));
  server = await store.start();
  const other = await createAccount(server.url);
  const { events } = JSON.parse((await ask(`${server.url}/v1/events?limit=1`, { headers: noisy[0].headers })).body);

  const known = page(noisy[0], Buffer.from(events[0].message, 'base64url'));
  const pages = { known: () => known, unknown: () => page(noisy[1], randomBytes(8)) };
  for (const [kind, path] of Object.entries(pages)) {
    const question = async (agent) => (await ask(server.url + path(), { agent })).status;
    printTimes(`server_${name}_page_of_${kind}_message`, await askDuring(question, sleep(LENGTH * 1_000 / 3)));
  }
  const quiet = await askDuring(emptyPolls(server, other), sleep(LENGTH * 1_000));
  printTimes(`server_${name}_polls_quiet`, quiet);
  const noise = noisy.map((account) => run('wrk', ['-t1', '-c1', `-d${LENGTH}s`, server.url + page(account, randomBytes(8))]));
  const loud = await askDuring(emptyPolls(server, other), Promise.all(noise));
  printTimes(`server_${name}_polls_beside_neighbours`, loud);
  print(`server_${name}_polls_moved`, median(loud.times) - median(quiet.times), 'ms');
  const asked = loud.result.reduce((sum, output) => sum + Number(output.match(/(\d+) requests in/)[1]), 0);
  const refused = loud.result.reduce((sum, output) => sum + Number(output.match(/Non-2xx or 3xx responses: (\d+)/)?.[1] ?? 0), 0);
  print(`server_${name}_neighbours_asked`, asked, 'pages');
  print(`server_${name}_neighbours_refused`, refused, 'pages');
  await server.stop();
  await store.stop();
}

export async function neighbours(settings) {
  if (!has('wrk')) return skip('server_neighbours', 'wrk is not installed');
  print('server_neighbours_events', settings.opens, 'events');
  const only = process.env.KAIFU_BENCH_STORES?.split(',');
  for (const name of ['sqlite', 'postgres']) {
    if (only?.includes(name) === false || (name === 'postgres' && !postgresPrograms())) continue;
    await neighboursIn(name, settings);
  }
}
