import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const START_MS = 15_000;

/** A port of this machine that is free now; another program may take it before it is used. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer().on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

const answers = (port) => new Promise((resolve) => {
  http.get({ host: '127.0.0.1', port, path: '/readyz' }, (reply) => resolve(reply.resume().statusCode === 200)).on('error', () => resolve(false));
});

/** A real kaifu-server over a data directory of its own; it can be stopped and started again. */
export class Backend {
  /** What the server wrote to its outputs. */
  log = '';
  #child;

  /** Where it listens: whatever port the system gives it, known once it has started, and then kept. */
  port = 0;

  /** @param {string} binary @param {string} publicUrl the origin that the extension knows */
  constructor(binary, publicUrl) {
    if (typeof publicUrl !== 'string') throw new TypeError('a Backend takes a binary and an origin; the system gives it its port');
    if (!fs.existsSync(binary)) throw new Error(`${binary} is missing: build it with ./build.sh`);
    this.binary = path.resolve(binary);
    this.public = publicUrl;
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kaifu-data-'));
  }

  /**
   * Starts the server and waits until it is ready.
   * @throws {Error} with what it wrote when it is not within 15 seconds
   */
  async start() {
    const options = ['serve', '--listen', `127.0.0.1:${this.port}`, '--data-dir', this.folder, '--public-url', this.public];
    this.#child = spawn(this.binary, options, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream.on('data', (text) => (this.log += text));
    const deadline = Date.now() + START_MS;
    while (!(this.#findPort() && (await answers(this.port)))) {
      if (this.#child.exitCode !== null || Date.now() > deadline) throw new Error(`kaifu-server is not ready:\n${this.log}`);
      await pause(50);
    }
  }

  /** Its port, once it has said so. */
  #findPort() {
    this.port ||= Number(/listening on http:\/\/127\.0\.0\.1:(\d+)\n/.exec(this.log)?.[1] ?? 0);
    return this.port;
  }

  /** Stops the server and waits until it is gone. */
  async stop(signal = 'SIGTERM') {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  }

  /** Stops the server and removes its data. */
  async close() {
    await this.stop();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
