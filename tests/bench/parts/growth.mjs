// How much one client can have stored that has one account and mints as many tokens as it likes: with
// the limits as they are unless an operator sets others.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import http from 'node:http';
import { freshDir } from '../lib/dirs.mjs';
import { createAccount, pixel } from '../lib/load.mjs';
import { print } from '../lib/report.mjs';
import { ask, askPostgres, postgresPrograms, size, startPostgres, startServer } from '../lib/service.mjs';

const METRICS = '--metrics-listen=127.0.0.1:0';

/** Four times what an account has stored one by one in a day. */
const ASKED = 200_000;

const sum = (matches) => [...matches].reduce((all, [, count]) => all + Number(count), 0);

/** Asks for images, each of a message of its own, as fast as it goes. */
async function askForAll(server, account) {
  let left = ASKED;
  const client = async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    while (left > 0) {
      left -= 1;
      const { status } = await ask(server.url + pixel(account, randomBytes(8)), { agent });
      if (status !== 200) throw new Error(`an image: ${status}`);
    }
    agent.destroy();
  };
  await Promise.all(Array.from({ length: 64 }, client));
}

/** Prints what the images of one account take, after all that is counted has become events. */
async function growthOf(name, start, measure) {
  let server = await start();
  const before = measure();
  const account = await createAccount(server.url);
  await askForAll(server, account);
  const { body } = await ask(server.metrics);
  await server.stop();
  print(`server_${name}_one_account_asked`, ASKED, 'images');
  print(`server_${name}_one_account_over_share`, sum(body.matchAll(/^kaifu_events_over_share_total\S* (\d+)$/gm)), 'images');
  print(`server_${name}_one_account_stored`, (measure() - before) / 1e6, 'MB');
}

export async function growth({ disk }) {
  const dir = freshDir(disk);
  await growthOf('sqlite', () => startServer(dir, [METRICS], []), () => size(join(dir, 'kaifu.db')));
  if (!postgresPrograms()) return;
  const postgres = await startPostgres(freshDir(disk));
  const other = freshDir(disk);
  const url = `--database=${postgres.url}`;
  await growthOf('postgres', () => startServer(other, [METRICS, url], []), () => Number(askPostgres(postgres.url, 'SELECT pg_database_size(current_database())')));
  await postgres.stop('SIGINT');
}
