import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { selfSigned } from './certificate.mjs';
import { frontOf } from './front.mjs';
import { GIF, ImageProxy, fetchImage, imagesOf } from './images.mjs';
import { ACCOUNTS, Mailbox } from './mailbox.mjs';
import { mailPage, policy } from './pages.mjs';
import { PROGRAMS } from './recipients.mjs';
import { readRequest, writeResponse } from './wire.mjs';

const CLIENT = path.join(path.dirname(fileURLToPath(import.meta.url)), 'client');
const DEFAULTS = {
  csp: 'eval', lang: 'en', dark: false, recipients: 'peoplekit', editor: 'dom', undo: 10, archive: false, rebuild: false,
  hold: null, autosave: 300, alias: '', guide: false, failSends: 0, wire: 'current', quiet: false, layout: 'plain', rows: 0,
};
const TOUCHED_MS = 10_000;
/** How much of a mail Gmail shows until its reader asks for the rest, in bytes. */
const CUT = 102 * 1024;
/** The programs of {@link PROGRAMS} that are Gmail's. */
const GMAIL = new Set(['gmail', 'prefetch']);

/** What Gmail shows of a mail at once. */
const beforeCut = (html) => Buffer.from(html).subarray(0, CUT).toString();

/** The account of that address, the first one where there is none. */
const named = (email) => ACCOUNTS.find((account) => account.email === email) ?? ACCOUNTS[0];

/** The query's values where it names an option, in the option's own type. */
function pageOptions(defaults, query) {
  const options = { ...defaults };
  for (const [name, value] of query) {
    if (!(name in options)) continue;
    const kind = typeof options[name];
    options[name] = kind === 'boolean' ? value !== '0' && value !== 'false' : kind === 'number' ? Number(value) : value;
  }
  return options;
}

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** One stage: Gmail's hosts on a port of this machine, over a backend. Make it with {@link startStage}. */
export class Stage {
  /** Every request that reached the stage or passed to the backend: `{from, host, path, time, ua}`. */
  hits = [];
  /** Resolves once a page has reported the extension's toggle in an opened compose. */
  ready = new Promise((resolve) => (this.reportReady = resolve));
  /** What answers to sends wait for, once the emails have left. */
  mayAnswerSends = Promise.resolve();
  #proxy = new ImageProxy();
  /** When each mail that left reaches its recipients, by its sync id. */
  #deliveries = new Map();
  #version = 1000;

  constructor(options, backend, snapshots) {
    this.options = { ...DEFAULTS, ...options };
    this.backend = backend;
    this.snapshots = snapshots;
    this.mailboxes = ACCOUNTS.map((account) => new Mailbox(account));
  }

  /** Every mail that left (drafts and mails taken back are none), oldest first. */
  mails() {
    return this.mailboxes.flatMap((mailbox, account) => mailbox.labelled('^pfg').map((mail) => describe(mail, account)));
  }

  /** Every draft, oldest first. */
  drafts() {
    return this.mailboxes.flatMap((mailbox, account) => mailbox.labelled('^r').map((mail) => describe(mail, account)));
  }

  /** Every mail that waits for its time, oldest first. */
  scheduled() {
    return this.mailboxes.flatMap((mailbox, account) => mailbox.labelled('^scheduled').map((mail) => describe(mail, account)));
  }

  /**
   * Fetches every image of a mail that left, as the recipient's program would once it has the mail.
   * @param {string} id the mail's sync id
   * @param {keyof typeof PROGRAMS} program
   * @returns {Promise<{url: string, status: number}[]>}
   */
  async open(id, program) {
    const mail = this.mails().find((other) => other.id === id);
    const headers = PROGRAMS[program];
    if (!mail || !headers) throw new RangeError(`no mail ${id} or no program ${program}`);
    await this.#deliveries.get(id);
    const shown = GMAIL.has(program) ? beforeCut(mail.html) : mail.html;
    return Promise.all(imagesOf(shown).map(async (url) => {
      this.record('recipient', new URL(url).host, new URL(url).pathname, headers['user-agent']);
      return { url, status: (await fetchImage(url, headers, this.backend)).status };
    }));
  }

  /** Notes a request. */
  record(from, host, requestPath, ua) {
    this.hits.push({ from, host, path: requestPath, time: Date.now(), ua: ua ?? '' });
  }

  /** Answers any request to any host. */
  async handle(request, answer) {
    const host = (request.headers.host ?? '').split(':')[0];
    this.record('browser', host, request.url, request.headers['user-agent']);
    const send = (status, type, content, headers = {}) => {
      answer.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', ...headers });
      answer.end(content);
    };
    const json = (value, status = 200) => send(status, 'application/json; charset=utf-8', JSON.stringify(value));
    try {
      if (host === 'mail.google.com') await this.#gmail(request, send, json);
      else if (host.endsWith('.googleusercontent.com')) await this.#image(request, send);
      else send(200, 'image/gif', GIF);
    } catch (error) {
      json({ error: String(error) }, 400);
    }
  }

  async #image(request, send) {
    const original = this.#proxy.original(request.url);
    if (!original) return send(404, 'text/plain', '');
    const url = new URL(original);
    this.record('proxy', url.host, url.pathname, PROGRAMS.gmail['user-agent']);
    const image = await fetchImage(original, PROGRAMS.gmail, this.backend);
    return send(image.status, image.type, image.body);
  }

  async #gmail(request, send, json) {
    const url = new URL(request.url, 'https://mail.google.com');
    if (url.pathname === '/mail/u/') return send(302, 'text/plain', '', { location: `/mail/${named(url.searchParams.get('authuser')).path}/` });
    const [, base, own, place] = /^(\/mail|\/sync)\/(u\/\d+(?:\/d\/[\w-]+)?)(\/.*)$/.exec(url.pathname) ?? [];
    const index = own ? ACCOUNTS.findIndex(({ path }) => path === own) : Number(url.searchParams.get('account') ?? 0);
    // A delegation that is over, or whose token has changed, leads to the account's own mailbox.
    if (!ACCOUNTS[index] && own?.includes('/d/')) return send(302, 'text/plain', '', { location: `/mail/${own.split('/d/')[0]}/` });
    if (!ACCOUNTS[index]) return send(404, 'text/plain', 'no such account');
    if (url.pathname.endsWith('.gif')) return send(200, 'image/gif', GIF);
    if (url.pathname === '/sync/i/s' || (base === '/sync' && place === '/i/s')) return this.#sync(request, index, json);
    if (base === '/mail' && /^\/(popout)?$/.test(place)) return this.#page(url, index, send);
    if (url.pathname === '/mail/' || url.pathname === '/') return send(302, 'text/plain', '', { location: `/mail/u/0/${url.search}` });
    const [, file, extension] = /^\/stage\/client\/([\w-]+\.(js|css))$/.exec(url.pathname) ?? [];
    if (file) return send(200, `text/${extension === 'js' ? 'javascript' : 'css'}; charset=utf-8`, fs.readFileSync(path.join(CLIENT, file)));
    return this.#inspect(request, url, index, send, json);
  }

  async #inspect(request, url, index, send, json) {
    switch (`${request.method} ${url.pathname}`) {
      case 'GET /stage/mailbox': return json(this.#shown(index));
      case 'GET /stage/mails': return json(this.mails());
      case 'GET /stage/drafts': return json(this.drafts());
      case 'GET /stage/scheduled': return json(this.scheduled());
      case 'GET /stage/hits': return json(this.hits);
      case 'POST /stage/open': return json(await this.open(url.searchParams.get('message'), url.searchParams.get('as')));
      case 'POST /stage/ready': return json(this.reportReady(true) ?? {});
      case 'POST /stage/options': return json(Object.assign(this.options, JSON.parse(await bodyOf(request))));
      default: return send(404, 'text/plain', 'not on this stage');
    }
  }

  #page(url, index, send) {
    const options = pageOptions(this.options, url.searchParams);
    const snapshot = url.searchParams.get('snapshot');
    const { html, nonce } = mailPage({ ...options, index }, ACCOUNTS[index]);
    const content = snapshot ? fs.readFileSync(path.join(this.snapshots, path.basename(snapshot))) : html;
    return send(200, 'text/html; charset=utf-8', content, { 'content-security-policy': policy(options.csp, nonce) });
  }

  async #sync(request, index, json) {
    const text = await bodyOf(request);
    const exchange = JSON.parse(text);
    const isCurrent = Array.isArray(exchange);
    const operations = readRequest(isCurrent ? exchange : exchange[1]);
    const mailbox = this.mailboxes[index];
    const sends = operations.some((operation) => operation.message?.labels.includes('^pfg'));
    if (this.options.failSends > 0 && sends) {
      this.options.failSends -= 1;
      return json([], 500);
    }
    for (const { thread, message, labels } of operations) {
      if (message) this.#deliver(message);
      if (message) mailbox.save(thread, message);
      else mailbox.label(thread, labels.add, labels.remove, labels.ids);
    }
    // Gmail answers with whatever changed lately, not only with what was asked about.
    const touched = [...mailbox.threads.values()].filter((thread) => Date.now() - thread.touched < TOUCHED_MS);
    if (sends) await this.mayAnswerSends;
    const answer = writeResponse(operations.map((operation) => operation.number), touched, (this.#version += 3));
    return json(isCurrent ? answer : { 1: answer });
  }

  /**
   * Delivers a mail that is sent once its sender can undo that no longer: after the undo time, as Gmail
   * does, or after `hold` seconds where that option is set.
   */
  #deliver(message) {
    const { id, labels } = message;
    if (!labels.includes('^pfg') || this.#deliveries.has(id)) return;
    const seconds = this.options.hold ?? this.options.undo;
    if (seconds === 0) {
      this.#deliveries.set(id, Promise.resolve());
      return this.#receive(message);
    }
    const arrival = pause(seconds * 1000, undefined, { ref: false }).then(() => {
      if (this.mails().some((mail) => mail.id === id)) this.#receive(message);
      else this.#deliveries.delete(id);
    });
    this.#deliveries.set(id, arrival);
  }

  /** Brings a mail to the accounts of this browser that it goes to. */
  #receive({ subject, parts, from, to, cc, bcc }) {
    const html = parts.map((part) => part[1]).join('');
    const addresses = [...to, ...cc, ...bcc].map(({ email }) => email);
    for (const mailbox of this.mailboxes.filter(({ owner }) => addresses.includes(owner.email))) mailbox.receive({ subject, html, from });
  }

  #shown(index) {
    return [...this.mailboxes[index].threads.values()].map((thread) => ({
      ...thread,
      messages: thread.messages
        .filter((message) => !message.labels.includes('^k'))
        .map((message) => {
          const html = message.parts.map((part) => part[1]).join('');
          // An answer quotes all of it, whatever its reader has been shown.
          const clipped = Buffer.byteLength(html) > CUT ? this.#proxy.rewrite(beforeCut(html)) : null;
          return { ...message, shown: this.#proxy.rewrite(html), clipped };
        }),
    })).filter((thread) => thread.messages.length > 0);
  }
}

function describe(mail, account) {
  return { ...mail, account, html: mail.parts.map((part) => part[1]).join('') };
}

const listen = (server) => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));

/**
 * Starts a stage on ports of its own.
 * @param {object} settings
 * @param {object} [settings.options] the options of its pages, such as `csp: 'strict'` or `lang: 'ar'`
 * @param {{public: string, port: number}} [settings.backend] the backend's public origin and real port
 * @param {string} [settings.snapshots] a folder of pages to serve as `/mail/u/0/?snapshot=NAME`
 * @returns {Promise<{stage: Stage, url: string, resolverRules: string, close: () => void}>}
 *   `resolverRules` is the value of Chromium's `--host-resolver-rules` that leads to it
 */
export async function startStage({ options = {}, backend = { public: 'http://127.0.0.1:8787', port: 9 }, snapshots = '' } = {}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kaifu-stage-'));
  const certificate = selfSigned(folder);
  fs.rmSync(folder, { recursive: true });
  const stage = new Stage(options, backend, snapshots);
  const handle = (request, answer) => stage.handle(request, answer);
  const secure = https.createServer(certificate, handle);
  const insecure = http.createServer(handle);
  const sockets = new Set();
  // One port for both, as the browser's rules send every host and port here: a TLS record begins with 22.
  const door = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    socket.once('data', (first) => {
      socket.pause();
      socket.unshift(first);
      (first[0] === 22 ? secure : insecure).emit('connection', socket);
      process.nextTick(() => socket.resume());
    });
  });
  const front = frontOf(backend.port, (request) => stage.record('browser', request.headers.host, request.url, request.headers['user-agent']));
  const [port, frontPort] = [await listen(door), await listen(front)];
  const close = () => {
    for (const socket of sockets) socket.destroy();
    door.close();
    front.closeAllConnections();
    front.close();
  };
  // By the name `localhost`, tests reach servers of their own.
  const resolverRules = `MAP ${new URL(backend.public).host} 127.0.0.1:${frontPort},MAP * 127.0.0.1:${port},EXCLUDE localhost`;
  return { stage, url: 'https://mail.google.com/mail/u/0/', resolverRules, close };
}
