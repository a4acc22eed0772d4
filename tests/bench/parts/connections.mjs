// What images and polls cost while nearly all of a server's places are taken.

import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freshDir } from '../lib/dirs.mjs';
import { createAccount } from '../lib/load.mjs';
import { askDuring, emptyPolls, images, printTimes } from '../lib/probe.mjs';
import { print } from '../lib/report.mjs';
import { ask, fileLimit, startServer } from '../lib/service.mjs';

const METRICS = '--metrics-listen=127.0.0.1:0';

/** How many places a server has. */
const PLACES = 20_000;

/** How long each situation is measured, in milliseconds. */
const LENGTH = 10_000;

/** Opens connections that ask once and stay. */
async function open(server, account, count) {
  const { hostname, port } = new URL(server.url);
  const request = `GET /v1/events?limit=1 HTTP/1.1\r\nhost: localhost\r\nauthorization: ${account.headers.authorization}\r\n\r\n`;
  const sockets = [];
  for (let place = 0; place < count; place += 1) {
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.write(request);
    await once(socket, 'data');
    sockets.push(socket);
  }
  return sockets;
}

export async function connections({ disk }) {
  const count = Math.min(PLACES - 1_500, fileLimit() - 1_000);
  const server = await startServer(freshDir(disk), [METRICS]);
  const account = await createAccount(server.url);
  const seen = () => ({ asked: new Set(), answered: new Set() });
  printTimes('server_images_beside_none', await askDuring(images(server, account, seen()), sleep(LENGTH)));
  printTimes('server_polls_beside_none', await askDuring(emptyPolls(server, account), sleep(LENGTH)));
  const before = server.memory();
  const sockets = await open(server, account, count);
  print('server_connections', count, 'connections');
  print('server_memory_per_connection', (server.memory() - before) / count, 'kB');
  printTimes('server_images_beside_connections', await askDuring(images(server, account, seen()), sleep(LENGTH)));
  printTimes('server_polls_beside_connections', await askDuring(emptyPolls(server, account), sleep(LENGTH)));
  const { body } = await ask(server.metrics);
  print('server_connections_still_open', Number(body.match(/^kaifu_connections (\d+)$/m)[1]), 'connections');
  for (const socket of sockets) socket.destroy();
  await server.stop();
}
