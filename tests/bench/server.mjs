// How fast, small and durable the server is, beside nginx that only serves an image and beside others.
//
// Everything takes turns in rounds; figures are medians, with the lowest and the highest round, and the
// disk that holds the events is probed around each. Processor time holds better than rates, as the load
// shares the cores.
// Names of parts may follow: binary startUp exact polls latencies throughput peers rows pauses neighbours
// growth connections.

import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { freshDir, removeDirs } from './lib/dirs.mjs';
import { machine, median, print, printTable, skip } from './lib/report.mjs';
import { SERVER, ask, has, hasNginx, size, startServer } from './lib/service.mjs';
import { connections } from './parts/connections.mjs';
import { exact } from './parts/exact.mjs';
import { growth } from './parts/growth.mjs';
import { neighbours } from './parts/neighbours.mjs';
import { pauses } from './parts/pauses.mjs';
import { peers } from './parts/peers.mjs';
import { latencies, polls } from './parts/polls.mjs';
import { rows } from './parts/rows.mjs';
import { throughput } from './parts/throughput.mjs';

const from = (name, usual) => Number(process.env[`KAIFU_BENCH_${name}`] ?? usual);

/** Beside the program, as the system's folder for temporary files may be in memory. */
const disk = resolve(process.env.KAIFU_BENCH_DISK ?? 'target/bench/disk');
mkdirSync(disk, { recursive: true });

const settings = {
  rounds: from('ROUNDS', 5),
  seconds: from('SECONDS', 3),
  polls: from('POLLS', 10_000),
  opens: from('OPENS', 10_000_000),
  // Over how many accounts the load is spread: each one's last pages are written to.
  accounts: (process.env.KAIFU_BENCH_ACCOUNTS ?? '1,1000,100000').split(',').map(Number),
  many: from('MANY', 8_000_000),
  disk,
};

async function startUp() {
  const times = [];
  const dir = freshDir(disk);
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
  exact,
  polls,
  latencies,
  growth,
  connections,
};
if (withLoad) Object.assign(parts, { throughput, peers });
else skip('server throughput', 'wrk or nginx is not installed (Debian: wrk, nginx-light)');
if (withLoad && has('python3')) parts.rows = rows;
else if (withLoad) skip('server_full', 'python3 is not installed');
if (has('python3')) Object.assign(parts, { pauses, neighbours });
else skip('server_pauses', 'python3 is not installed');

console.log(`# ${machine()}`);
try {
  const asked = process.argv.slice(2);
  for (const part of asked.length ? asked : Object.keys(parts)) await parts[part](settings);
  printTable();
} finally {
  removeDirs();
}
