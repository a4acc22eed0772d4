// Whether each answered image is one event: message by message, able to fail by one.

import { askOnce, compare, messagesOf } from '../lib/account-for.mjs';
import { freshDir } from '../lib/dirs.mjs';
import { createAccounts, expectNoFolding } from '../lib/load.mjs';
import { print } from '../lib/report.mjs';
import { postgresPrograms, startPostgres, startServer } from '../lib/service.mjs';

const METRICS = '--metrics-listen=127.0.0.1:0';

async function check(name, server, seconds) {
  const accounts = await createAccounts(server.url, 100);
  const { asked, answered } = await askOnce(server, accounts, seconds);
  const found = compare(answered, asked, await messagesOf(server, accounts));
  print(`server_${name}_images_answered`, answered.size, 'images');
  for (const [what, count] of Object.entries(found)) print(`server_${name}_${what}`, count, 'events');
  await expectNoFolding(server);
  if (Object.values(found).some((count) => count > 0)) throw new Error(`${name}: ${JSON.stringify(found)}`);
}

export async function exact({ seconds, disk }) {
  const server = await startServer(freshDir(disk), [METRICS]);
  await check('sqlite', server, seconds);
  await server.stop();
  if (!postgresPrograms()) return;
  const postgres = await startPostgres(freshDir(disk));
  const other = await startServer(freshDir(disk), [METRICS, `--database=${postgres.url}`]);
  await check('postgres', other, seconds);
  await other.stop();
  await postgres.stop('SIGINT');
}
