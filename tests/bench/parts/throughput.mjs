// How many images a second are answered, each with its event on the disk, beside nginx that only serves
// an image. The load shares the cores with both, so the ratio of processor times is the servers' own,
// and that of the rates is what this machine makes of it.

import { existsSync } from 'node:fs';
import { freshDir } from '../lib/dirs.mjs';
import { CONNECTIONS, countStored, createAccounts, expectNoFolding, load, pixels, syncRate, writeScript } from '../lib/load.mjs';
import { median, print, printSpread, row, skip, spread } from '../lib/report.mjs';
import { askPostgres, postgresPrograms, startNginx, startPostgres, startServer } from '../lib/service.mjs';

const WAYS = [['keep', ''], ['close', '_without_keepalive']];
const LABELS = { keep: 'connections kept', close: 'a connection each' };

const METRICS = '--metrics-listen=127.0.0.1:0';

/** Every store that there is on this machine: how it starts, and where its events are on the disk. */
async function targets(disk) {
  const found = [{ name: 'sqlite', label: 'SQLite', dir: disk, start: () => startServer(freshDir(disk), [METRICS]) }];
  if (existsSync('/dev/shm')) {
    found.push({ name: 'sqlite_tmpfs', label: 'SQLite in memory', dir: '/dev/shm', start: () => startServer(freshDir('/dev/shm'), [METRICS]) });
  } else skip('server_sqlite_tmpfs', 'there is no /dev/shm');
  if (postgresPrograms()) {
    found.push({
      name: 'postgres', label: 'PostgreSQL on the same cores', dir: disk,
      async start() {
        const postgres = await startPostgres(freshDir(disk));
        const server = await startServer(freshDir(disk), [METRICS, `--database=${postgres.url}`]);
        return Object.assign(server, { postgres });
      },
    });
  } else skip('server_postgres', 'PostgreSQL is not installed');
  return found;
}

/** One run of each in turn, the first one changing, after both are warm. */
async function rounds({ server, nginx, script, dir, count, seconds, name }) {
  const seen = { keep: [], close: [], syncs: [], answered: 0, runs: 0 };
  const ours = async (way, time = seconds) => {
    const before = server.postgres?.cpu() ?? 0;
    const run = await load(server, script, time, way === 'keep');
    seen.answered += run.requests;
    seen.runs += 1;
    return { ...run, database: ((server.postgres?.cpu() ?? 0) - before) / run.requests };
  };
  await ours('keep', 1);
  await load(nginx, script, 1, true);
  for (let round = 0; round < count; round += 1) {
    for (const [way] of WAYS) {
      seen.syncs.push(syncRate(dir));
      let peer = round % 2 ? null : await load(nginx, script, seconds, way === 'keep');
      const own = await ours(way);
      peer ??= await load(nginx, script, seconds, way === 'keep');
      seen[way].push({ ...own, peer });
      process.stderr.write(`\r${name} ${round + 1}/${count} ${way}   `);
    }
  }
  process.stderr.write('\n');
  return seen;
}

function report(name, label, seen) {
  printSpread(`server_${name}_disk_syncs`, seen.syncs, 'per_second');
  for (const [way, suffix] of WAYS) {
    const of = (figure) => seen[way].map(figure);
    const [rates, cpus] = [of((run) => run.rate), of((run) => run.cpu)];
    printSpread(`server_${name}_pixel${suffix}`, rates, 'per_second');
    printSpread(`server_${name}_pixel${suffix}_p99`, of((run) => run.p99), 'ms');
    printSpread(`server_${name}_pixel${suffix}_cpu`, cpus, 'us');
    printSpread(`server_${name}_pixel${suffix}_nginx_cpu`, of((run) => run.peer.cpu), 'us');
    const own = of((run) => run.peer.cpu / run.cpu);
    print(`server_${name}_pixel${suffix}_cpu_to_nginx`, median(own), 'ratio');
    print(`server_${name}_pixel${suffix}_rate_to_nginx`, median(of((run) => run.rate / run.peer.rate)), 'ratio');
    const database = of((run) => run.database);
    if (Math.max(...database) > 0) printSpread(`server_${name}_pixel${suffix}_postgres_cpu`, database, 'us');
    const more = Math.max(...database) > 0 ? `, and ${spread(database)} of PostgreSQL's` : '';
    const ratio = [own, of((run) => run.rate / run.peer.rate)].map((values) => spread(values, 2));
    row(`${label}, ${LABELS[way]}`, spread(rates), `${spread(cpus)}${more}`, ...ratio);
  }
}

/** Fails when events are missing, or are more than the load can have asked for. */
async function account(name, server, seen) {
  await expectNoFolding(server);
  const stored = await countStored(server);
  // wrk gives up on what is under way at the end of a run.
  const most = seen.answered + seen.runs * CONNECTIONS;
  print(`server_${name}_answered`, seen.answered, 'events');
  print(`server_${name}_stored`, stored, 'events');
  if (stored < seen.answered || stored > most) {
    throw new Error(`${name}: ${stored} stored of ${seen.answered} answered and at most ${most} asked for`);
  }
}

export async function throughput({ rounds: count, seconds, accounts: spreads, disk }) {
  const nginx = await startNginx(freshDir());
  for (const target of await targets(disk)) {
    for (const accounts of spreads) {
      const server = await target.start();
      const name = accounts === 1 ? target.name : `${target.name}_${accounts}_accounts`;
      const label = `${target.label}, ${accounts.toLocaleString('en-US')} account${accounts === 1 ? '' : 's'}`;
      const script = writeScript(freshDir(), pixels(await createAccounts(server.url, accounts)));
      const seen = await rounds({ server, nginx, script, dir: target.dir, count, seconds, name });
      report(name, label, seen);
      print(`server_${name}_memory_after_load`, server.memory() / 1024, 'MB');
      await account(name, server, seen);
      if (server.postgres) print(`server_${name}_postgres_size`, Number(askPostgres(server.postgres.url, 'SELECT pg_database_size(current_database())')) / 1e6, 'MB');
      await server.stop();
      await server.postgres?.stop('SIGINT');
    }
  }
  await nginx.stop();
}
