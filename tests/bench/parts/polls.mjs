// Memory of polls that wait, by plain http and over TLS, and how fast the right one of them is woken.

import http from 'node:http';
import { randomBytes } from 'node:crypto';
import { freshDir } from '../lib/dirs.mjs';
import { createAccount, pixel, syncRate } from '../lib/load.mjs';
import { park, wake } from '../lib/polls.mjs';
import { median, print, quantile } from '../lib/report.mjs';
import { ask, certificate, fileLimit, postgresPrograms, startPostgres, startServer } from '../lib/service.mjs';

const METRICS = '--metrics-listen=127.0.0.1:0';

export async function polls({ polls: wanted, disk }) {
  const count = Math.min(wanted, Math.max(1_000, fileLimit() - 2_000));
  if (count < wanted) console.log(`# ${count} polls instead of ${wanted}, as few files may be open (ulimit -n)`);
  for (const way of ['plain', 'tls']) {
    const dir = freshDir(disk);
    const server = await startServer(dir, [METRICS, ...(way === 'tls' ? certificate(freshDir()) : [])]);
    const name = way === 'tls' ? 'server_tls' : 'server';
    if (way === 'plain') print('server_memory_at_start', server.memory() / 1024, 'MB');
    // What the first polls need once is not counted.
    const first = await park(server, 200);
    const before = server.memory();
    for (const { socket } of first) socket.destroy();
    const parked = await park(server, count);
    print(`${name}_parked_polls`, count, 'polls');
    print(`${name}_memory_per_parked_poll`, (server.memory() - before) / (count - first.length), 'kB');
    const times = await wake(server, parked, Math.min(500, count));
    print(`${name}_open_to_one_of_all_polls_p50`, median(times), 'ms');
    print(`${name}_open_to_one_of_all_polls_p99`, quantile(times, 0.99), 'ms');
    print(`${name}_disk_sync`, 1_000 / syncRate(dir), 'ms');
    for (const { socket } of parked) socket.destroy();
    await server.stop();
  }
}

/** From the image's request to the answer of a long poll that waits for it. */
async function latency(name, server) {
  const account = await createAccount(server.url);
  const agents = [0, 1].map(() => new http.Agent({ keepAlive: true, maxSockets: 1 }));
  const times = [];
  let after = 0;
  for (let round = 0; round < 400; round += 1) {
    const poll = ask(`${server.url}/v1/events?wait=55&after=${after}`, { headers: account.headers, agent: agents[0] });
    for (;;) {
      const { body } = await ask(server.metrics);
      if (body.includes('\nkaifu_waiters 1\n')) break;
    }
    const start = process.hrtime.bigint();
    const image = ask(server.url + pixel(account, randomBytes(8)), { agent: agents[1] });
    after = JSON.parse((await poll).body).cursor;
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
    await image;
  }
  for (const agent of agents) agent.destroy();
  print(`server_${name}_open_to_poll_p50`, median(times), 'ms');
  print(`server_${name}_open_to_poll_p99`, quantile(times, 0.99), 'ms');
}

export async function latencies({ disk }) {
  const sqlite = await startServer(freshDir(disk), [METRICS]);
  await latency('sqlite', sqlite);
  await sqlite.stop();
  if (!postgresPrograms()) return;
  const postgres = await startPostgres(freshDir(disk));
  const server = await startServer(freshDir(disk), [METRICS, `--database=${postgres.url}`]);
  await latency('postgres', server);
  await server.stop();
  await postgres.stop('SIGINT');
}
