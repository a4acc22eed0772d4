// Other ways to serve a tracking pixel. What peers need is installed below target/, for the bench only.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Process, ask, freePort, has } from './service.mjs';

/** Where they are installed. */
export const HOME = resolve('target/bench');
const EXPRESS = ['express@5.3.0', 'better-sqlite3@12.11.1'];
const DJANGO = ['django==5.2.19', 'django-ipware==8.0.0', 'gunicorn==27.0.1', 'pytracking==0.2.2'];

/** Installs `packages` with `commands` once; null where it works, else why not. */
export function install(done, commands) {
  if (existsSync(done)) return null;
  mkdirSync(HOME, { recursive: true });
  for (const [program, ...flags] of commands) {
    if (!has(program)) return `${program} is not installed`;
    const { status, stderr } = spawnSync(program, flags, { encoding: 'utf8', timeout: 300_000 });
    if (status !== 0) return `${[program, ...flags].join(' ')} failed: ${stderr.trim().split('\n').pop()}`;
  }
  return existsSync(done) ? null : `${done} is missing`;
}

async function start(program, flags, port, options) {
  const child = spawn(program, flags, { stdio: 'ignore', ...options });
  const peer = new Process(child, `http://127.0.0.1:${port}`);
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${program} did not start`);
    const rows = await ask(`${peer.url}/rows`).then((reply) => reply.status === 200, () => false);
    if (rows) return peer;
  }
}

const WAYS = { plain: 'a sync for each row', batch: 'a sync for all rows that wait', cluster: 'a process for each core' };

/** Express, in one of three ways: a sync for each row, for all rows that wait, or a process for each core. */
const express = (way) => ({
  name: way === 'plain' ? 'express' : `express_${way}`,
  label: `Express with better-sqlite3, ${WAYS[way]}`,
  path: () => '/p/AAECAwQFBgcICQoLDA0ODxAREhMUFRYX.gif',
  install() {
    const home = join(HOME, 'express');
    const done = join(home, 'node_modules/better-sqlite3/build/Release/better_sqlite3.node');
    return install(done, [['npm', 'install', '--prefix', home, '--no-save', '--no-audit', '--no-fund', ...EXPRESS]]);
  },
  async start(dir) {
    const port = await freePort();
    const flags = ['tests/bench/peers/express.cjs', join(HOME, 'express'), join(dir, 'peer.db'), String(port), way];
    return start(process.execPath, flags, port, { env: { ...process.env, NODE_ENV: 'production' } });
  },
});

/** Every peer: its name, what it asks to be asked for, and how it starts with its data in a directory. */
export const PEERS = [
  ...Object.keys(WAYS).map(express),
  {
    name: 'pytracking',
    label: "pytracking's view in Django with gunicorn, a sync for each row",
    path: () => `/open/${Buffer.from(JSON.stringify({ metadata: { message: 10 } })).toString('base64url')}`,
    install() {
      const home = join(HOME, 'django');
      const pip = join(home, 'bin/pip');
      return install(join(home, 'bin/gunicorn'), [['python3', '-m', 'venv', home], [pip, 'install', '-q', ...DJANGO]]);
    },
    async start(dir) {
      const port = await freePort();
      const flags = ['-w', '5', '--chdir', 'tests/bench/peers', '-b', `127.0.0.1:${port}`, 'pytracking_site:application'];
      const env = { ...process.env, PEER_DATABASE: join(dir, 'peer.db'), PYTHONDONTWRITEBYTECODE: '1' };
      return start(join(HOME, 'django/bin/gunicorn'), flags, port, { env });
    },
  },
];

/** How many opens a peer has stored. */
export const rowsOf = async (peer) => Number((await ask(`${peer.url}/rows`)).body);
