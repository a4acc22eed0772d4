// The laboratory: a real server whose public address is https, a recorder before it that writes down
// every request and passes it on for a household, and messages with tokens of their own.

import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { freePort } from '../stage/backend.mjs';
import { KIND, messageOf, mint } from '../lib/token.mjs';

/** The address that every request is judged for: a household's. */
const HOME = '126.12.34.56';
const TARGET = 'https://example.org/';
/** Headers of the connection, which say nothing of the program. */
const HOPS = new Set(['host', 'connection', 'x-forwarded-for']);

const get = (port, target, headers = {}) => new Promise((resolve, reject) => {
  http.get({ host: '127.0.0.1', port, path: target, headers }, (reply) => {
    const chunks = [];
    reply.on('data', (chunk) => chunks.push(chunk)).on('end', () => resolve({ status: reply.statusCode, body: Buffer.concat(chunks).toString() }));
  }).on('error', reject);
});

/** A certificate for this machine, and the authority that made it, which programs are told to trust. */
function certificate(folder) {
  const file = (name) => path.join(folder, name);
  const openssl = (...args) => execFileSync('openssl', args, { stdio: 'ignore' });
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...fresh, '-days', '2', '-subj', '/CN=Kaifu laboratory', '-keyout', file('ca-key.pem'), '-out', file('ca.pem'));
  openssl('req', ...fresh, '-subj', '/CN=localhost', '-keyout', file('key.pem'), '-out', file('request.pem'));
  fs.writeFileSync(file('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n');
  const authority = ['-CA', file('ca.pem'), '-CAkey', file('ca-key.pem'), '-CAcreateserial'];
  openssl('x509', '-req', '-in', file('request.pem'), ...authority, '-days', '2', '-extfile', file('names'), '-out', file('cert.pem'));
  return { key: file('key.pem'), cert: file('cert.pem'), authority: file('ca.pem') };
}

export class Lab {
  /** Every request that came: `{step, method, headers}`, headers as `[name, value]` in their order. */
  requests = [];
  #steps = new Map();
  #closers = [];

  /** Starts the server and the recorder. `binary` is a kaifu-server. */
  static async start(binary) {
    const lab = new Lab();
    lab.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kaifu-lab-'));
    lab.#closers.push(() => fs.rmSync(lab.folder, { recursive: true, force: true }));
    lab.tls = certificate(lab.folder);
    [lab.port, lab.recorderPort] = [await freePort(), await freePort()];
    lab.url = `https://localhost:${lab.recorderPort}`;
    await lab.#serve(binary);
    await lab.#record();
    lab.account = await lab.#createAccount();
    return lab;
  }

  async #serve(binary) {
    const flags = ['serve', `--listen=127.0.0.1:${this.port}`, `--data-dir=${path.join(this.folder, 'data')}`, `--public-url=${this.url}`, '--links=redirect', '--trusted-proxies=127.0.0.1'];
    const child = spawn(binary, flags, { stdio: ['ignore', 'ignore', 'inherit'] });
    const gone = new Promise((resolve) => child.once('exit', resolve));
    this.#closers.push(async () => {
      child.kill();
      await gone;
    });
    const deadline = Date.now() + 15_000;
    for (;;) {
      const answer = await get(this.port, '/readyz').catch(() => null);
      if (answer?.status === 200) return;
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`${binary} does not get ready`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async #record() {
    const server = https.createServer({ key: fs.readFileSync(this.tls.key), cert: fs.readFileSync(this.tls.cert) }, (request, answer) => {
      const pairs = [];
      for (let at = 0; at < request.rawHeaders.length; at += 2) pairs.push([request.rawHeaders[at], request.rawHeaders[at + 1]]);
      const [, kind, token] = /^\/([pl])\/([\w-]{36})/.exec(request.url) ?? [];
      const step = token && this.#steps.get(messageOf(token));
      if (step) this.requests.push({ step, asked: kind === 'p' ? 'image' : 'link', method: request.method, headers: pairs.filter(([name]) => !HOPS.has(name.toLowerCase())) });
      const headers = [...pairs.filter(([name]) => name.toLowerCase() !== 'x-forwarded-for'), ['X-Forwarded-For', HOME]].flat();
      const onward = http.request({ host: '127.0.0.1', port: this.port, method: request.method, path: request.url, headers, setHost: false }, (reply) => {
        answer.writeHead(reply.statusCode, reply.rawHeaders);
        reply.pipe(answer);
      });
      onward.on('error', () => answer.destroy());
      request.pipe(onward);
    });
    await new Promise((resolve) => server.listen(this.recorderPort, resolve));
    this.#closers.push(() => {
      server.closeAllConnections();
      server.close();
    });
  }

  async #createAccount() {
    const reply = await fetch(`http://127.0.0.1:${this.port}/v1/accounts`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
    return reply.json();
  }

  /**
   * A message of its own for one step of one program: its image, its link, its HTML and the whole of it
   * as it travels.
   */
  message(step) {
    const token = mint(KIND.image, this.account);
    const message = Buffer.from(messageOf(token), 'base64url');
    this.#steps.set(messageOf(token), step);
    const image = `${this.url}/p/${token}.gif`;
    const link = `${this.url}/l/${mint(KIND.link, this.account, { message, extra: TARGET })}?u=${encodeURIComponent(TARGET)}`;
    const html = `<!doctype html><html><body><div dir="ltr">Hello, <a href="${link}">the plan</a><br><img src="${image}" width="1" height="1" alt=""></div></body></html>`;
    const subject = `${step.program}: ${step.what}`;
    return { image, link, html, subject, mail: mailOf(subject, html) };
  }

  /** What the server said of each request, in the order in which they came. */
  async verdicts() {
    const reply = await get(this.port, '/v1/events?limit=1000', { authorization: `Bearer ${this.account.api_token}` });
    return JSON.parse(reply.body).events.map((event) => ({ step: this.#steps.get(event.message), event }));
  }

  /** The requests as rows of `crates/networks/tests/captured.jsonl`. */
  async rows() {
    const verdicts = await this.verdicts();
    return this.requests.map(({ step, asked, method, headers }, index) => {
      const place = verdicts.findIndex((verdict) => verdict.step === step);
      const [{ event }] = verdicts.splice(place, 1);
      const said = { claim: event.claim, reason: event.reason, client: event.source.client ?? null };
      return { id: `lab-${String(index + 1).padStart(3, '0')}`, ...step, asked, method, headers, said };
    });
  }

  /** Adds what has to be ended with the laboratory. */
  onClose(closer) {
    this.#closers.push(closer);
  }

  async close() {
    for (const closer of this.#closers.splice(0).reverse()) await closer();
  }
}

/** A message as Gmail writes it: both forms, and quoted-printable with soft breaks inside addresses. */
function mailOf(subject, html) {
  const quoted = html.replace(/[=\u0080-\uffff]/gu, (character) => [...Buffer.from(character)].map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''));
  return [
    'From: Sender <sender@example.com>', 'To: Reader <reader@example.org>', `Subject: ${subject}`, `Date: ${new Date().toUTCString()}`,
    `Message-ID: <${Math.random().toString(36).slice(2)}@example.com>`, 'MIME-Version: 1.0', 'Content-Type: multipart/alternative; boundary="both"', '',
    '--both', 'Content-Type: text/plain; charset="UTF-8"', '', 'Hello, the plan', '',
    '--both', 'Content-Type: text/html; charset="UTF-8"', 'Content-Transfer-Encoding: quoted-printable', '', softened(quoted), '', '--both--', '',
  ].join('\r\n');
}

/** The same in lines that end in a soft break, none of them inside an escaped byte. */
function softened(quoted) {
  return quoted.match(/(?:=[0-9A-F]{2}|[^=]){1,70}/gu).join('=\r\n');
}
