// Starts what is measured: the server, nginx and PostgreSQL, each with files of its own.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freshDir } from './dirs.mjs';

export const SERVER = process.env.KAIFU_BENCH_SERVER ?? 'target/release/kaifu-server';

/** Whether a program can be run, by its name on the path. */
export function has(program) {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

/** A port that nobody listens on. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Asks on a connection of its own, or on one of `agent`'s. */
export function ask(url, { method = 'GET', headers = {}, body = '', agent } = {}) {
  return new Promise((resolve, reject) => {
    const { request: open } = url.startsWith('https:') ? https : http;
    // The certificate is the bench's own.
    const request = open(url, { method, headers, agent, rejectUnauthorized: false }, (reply) => {
      const chunks = [];
      reply.on('data', (chunk) => chunks.push(chunk));
      reply.on('end', () => resolve({ status: reply.statusCode, body: Buffer.concat(chunks).toString() }));
      reply.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** Processor time that a process and its children have used, in microseconds. */
function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  return children.reduce((sum, child) => sum + cpuOf(child), ticks * 10_000);
}

/** What still runs, which a bench that fails must not leave behind. */
const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill()));

export class Process {
  constructor(child, url) {
    this.child = child;
    this.url = url;
    running.add(child);
    child.once('exit', () => running.delete(child));
  }

  cpu() {
    return cpuOf(this.child.pid);
  }

  /** Resident memory in kilobytes. */
  memory() {
    return Number(readFileSync(`/proc/${this.child.pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]);
  }

  async stop(signal = 'SIGTERM') {
    this.child.kill(signal);
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
  }
}

/** What keeps strangers from too much, and a bench from its load. */
const UNLIMITED = [
  '--accounts-per-hour=0',
  '--errors-per-minute=0',
  '--account-events-per-day=0',
  '--message-events-per-day=0',
  '--connections-per-network=0',
];

/** Starts the server with its data in `dir`; ends when it says where it listens. */
export async function startServer(dir, flags = [], limits = UNLIMITED) {
  const child = spawn(SERVER, ['serve', '--listen=127.0.0.1:0', `--data-dir=${dir}`, ...limits, ...flags], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const server = new Process(child);
  for await (const line of createInterface({ input: child.stderr })) {
    const [, metrics] = line.match(/metrics at (\S+)/) ?? [];
    if (metrics) server.metrics = metrics;
    [, server.url] = line.match(/listening on (\S+)/) ?? [];
    if (server.url) {
      child.stderr.resume();
      return server;
    }
  }
  throw new Error('the server did not start');
}

/** A new certificate for 127.0.0.1 in `dir`, as flags of the server. */
export function certificate(dir) {
  const [cert, key] = ['cert.pem', 'key.pem'].map((name) => join(dir, name));
  const flags = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1'];
  const made = spawnSync('openssl', [...flags, '-keyout', key, '-out', cert]);
  if (made.status !== 0) throw new Error('openssl made no certificate');
  return [`--tls-cert=${cert}`, `--tls-key=${key}`];
}

/** Starts nginx that answers every request with its one-pixel image and writes nothing. */
export async function startNginx(dir) {
  const port = await freePort();
  writeFileSync(
    join(dir, 'nginx.conf'),
    `daemon off; worker_processes auto; pid ${dir}/pid; error_log /dev/null crit;
     events { worker_connections 1024; multi_accept on; }
     http {
       access_log off; keepalive_requests 1000000000;
       client_body_temp_path ${dir}/a; proxy_temp_path ${dir}/b; fastcgi_temp_path ${dir}/c;
       uwsgi_temp_path ${dir}/d; scgi_temp_path ${dir}/e;
       server { listen 127.0.0.1:${port} backlog=4096 reuseport; location / { empty_gif; } }
     }`,
  );
  const program = has('nginx') ? 'nginx' : '/usr/sbin/nginx';
  const child = spawn(program, ['-e', '/dev/null', '-p', dir, '-c', join(dir, 'nginx.conf')], { stdio: 'ignore' });
  const nginx = new Process(child, `http://127.0.0.1:${port}`);
  for (;;) {
    if (child.exitCode !== null) throw new Error('nginx did not start');
    if (await ask(nginx.url).then((reply) => reply.status === 200, () => false)) return nginx;
  }
}

export const hasNginx = () => has('nginx') || existsSync('/usr/sbin/nginx');

/** The directory of PostgreSQL's programs, or null. */
export function postgresPrograms() {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).map((version) => join(debian, version, 'bin')) : [];
  return versions.find((bin) => existsSync(join(bin, 'initdb'))) ?? null;
}

/** What the database at `url` answers to a query. */
export function askPostgres(url, query) {
  const psql = join(postgresPrograms(), 'psql');
  const { status, stdout, stderr } = spawnSync(psql, ['-XqtA', '-v', 'ON_ERROR_STOP=1', '-d', url, '-c', query], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`PostgreSQL: ${stderr}`);
  return stdout.trim();
}

/** Runs a program while others go on; fails where it does. */
export async function run(program, args) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, errors] = [[], []];
  child.stdout.on('data', (chunk) => out.push(chunk));
  child.stderr.on('data', (chunk) => errors.push(chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${program}: ${Buffer.concat(errors)}`);
  return Buffer.concat(out).toString().trim();
}

/** Starts a PostgreSQL with its data in `dir`, as somebody who may do little. */
export async function startPostgres(dir) {
  const bin = postgresPrograms();
  const home = join(dir, 'postgres');
  mkdirSync(home, { mode: 0o700 });
  // The name of a socket may not be long.
  const socket = freshDir();
  const user = {};
  if (process.getuid() === 0) {
    const [, , uid, gid] = readFileSync('/etc/passwd', 'utf8').match(/^(postgres|nobody):[^:]*:(\d+):(\d+)/m);
    Object.assign(user, { uid: Number(uid), gid: Number(gid) });
    for (const path of [dir, home, socket]) chownSync(path, user.uid, user.gid);
  }
  const options = { ...user, cwd: home, env: { LC_ALL: 'C' }, stdio: 'ignore' };
  const data = join(home, 'data');
  const made = spawnSync(join(bin, 'initdb'), ['-A', 'trust', '-U', 'kaifu', '--locale=C', '-E', 'UTF8', '-D', data], options);
  if (made.status !== 0) throw new Error('initdb failed');
  const child = spawn(join(bin, 'postgres'), ['-D', data, '-k', socket, '-c', 'listen_addresses='], options);
  while (spawnSync(join(bin, 'pg_isready'), ['-q', '-h', socket], options).status !== 0) {
    if (child.exitCode !== null) throw new Error('PostgreSQL did not start');
  }
  return new Process(child, `postgres://kaifu@${encodeURIComponent(socket)}/postgres`);
}

/** How many files a process may have open. */
export const fileLimit = () => Number(spawnSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).stdout) || Infinity;

/** Bytes of a file. */
export const size = (path) => statSync(path).size;
