// The programs that can be driven without a hand: what each needs, and what it is made to do.

import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);
const LIMIT_MS = 60_000;

/** Runs a program with the laboratory's certificate trusted. What it answers does not matter. */
async function run(lab, program, args, env = {}) {
  const trust = { SSL_CERT_FILE: lab.tls.authority, REQUESTS_CA_BUNDLE: lab.tls.authority, NODE_EXTRA_CA_CERTS: lab.tls.authority };
  await exec(program, args, { env: { ...process.env, ...trust, ...env }, timeout: LIMIT_MS, cwd: lab.folder }).catch(() => undefined);
}

const curl = (lab, args) => run(lab, 'curl', ['--cacert', lab.tls.authority, ...args]);
const python = (code) => (lab, { image }) => run(lab, 'python3', ['-c', code, image]);
const node = (code) => (lab, { image }) => run(lab, 'node', ['-e', code, image]);

/** Writes a message's HTML to a file for a browser. */
function page(lab, { html }) {
  const file = path.join(lab.folder, `message-${fs.readdirSync(lab.folder).length}.html`);
  fs.writeFileSync(file, html);
  return file;
}

const CHROMIUM = ['--headless=new', '--no-sandbox', '--disable-gpu', '--ignore-certificate-errors', '--virtual-time-budget=5000', '--dump-dom'];
const CHROME_NAME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
const FIREFOX_NAME = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

/** `{program, needs, who, steps: [what, act]}`; `who` is a person, a machine, or either. */
export const PROGRAMS = [
  { program: 'curl', needs: 'curl', who: 'machine', steps: [
    ['plain request', (lab, { image }) => curl(lab, ['-s', image])],
    ['-I', (lab, { image }) => curl(lab, ['-sI', image])],
    ["under Firefox's name", (lab, { image }) => curl(lab, ['-s', '-A', FIREFOX_NAME, image])],
    ["under Firefox's name, the link", (lab, { link }) => curl(lab, ['-s', '-A', FIREFOX_NAME, link])],
  ] },
  { program: 'Wget', needs: 'wget', who: 'machine', steps: [
    ['plain request', (lab, { image }) => run(lab, 'wget', ['-q', `--ca-certificate=${lab.tls.authority}`, '-O', '/dev/null', image])],
    ['--spider', (lab, { image }) => run(lab, 'wget', ['-q', `--ca-certificate=${lab.tls.authority}`, '--spider', image])],
  ] },
  { program: 'urllib (Python)', needs: 'python3', who: 'machine', steps: [['plain request', python('import sys, urllib.request as r; r.urlopen(sys.argv[1])')]] },
  { program: 'requests (Python)', needs: 'python3', who: 'machine', steps: [['plain request', python('import sys, requests; requests.get(sys.argv[1])')]] },
  { program: 'fetch of Node.js', needs: 'node', who: 'machine', steps: [['plain request', node('fetch(process.argv[1])')]] },
  { program: 'https.get of Node.js', needs: 'node', who: 'machine', steps: [['plain request', node('require("https").get(process.argv[1], (r) => r.resume())')]] },
  { program: 'PHP', needs: 'php', who: 'machine', steps: [['file_get_contents', (lab, { image }) => run(lab, 'php', ['-r', 'file_get_contents($argv[1]);', image])]] },
  { program: 'Lynx', needs: 'lynx', who: 'either', steps: [["the image's address opened", (lab, { image }) => run(lab, 'lynx', ['-dump', image])]] },
  { program: 'w3m', needs: 'w3m', who: 'either', steps: [["the image's address opened", (lab, { image }) => run(lab, 'w3m', ['-o', `ssl_ca_file=${lab.tls.authority}`, '-dump', image])]] },
  { program: 'ELinks', needs: 'elinks', who: 'either', steps: [["the image's address opened", (lab, { image }) => run(lab, 'elinks', ['-eval', 'set connection.ssl.cert_verify = 0', '-dump', image])]] },
  { program: 'headless Chromium', needs: 'chromium', who: 'machine', steps: [
    ["the message's HTML shown", (lab, message) => run(lab, 'chromium', [...CHROMIUM, `--user-data-dir=${path.join(lab.folder, 'chromium')}`, page(lab, message)])],
    ["the image's address opened", (lab, { image }) => run(lab, 'chromium', [...CHROMIUM, `--user-data-dir=${path.join(lab.folder, 'chromium')}`, image])],
  ] },
  { program: "headless Chromium under a browser's name", needs: 'chromium', who: 'machine', hides: true, steps: [
    ["the message's HTML shown", (lab, message) => run(lab, 'chromium', [...CHROMIUM, `--user-agent=${CHROME_NAME}`, `--user-data-dir=${path.join(lab.folder, 'chromium')}`, page(lab, message)])],
  ] },
  { program: 'headless Firefox', needs: 'firefox', who: 'machine', hides: true, steps: [
    ['a picture taken of the message', (lab, message) => run(lab, 'firefox', ['--headless', '--profile', firefoxProfile(lab), '--screenshot', path.join(lab.folder, 'shot.png'), `file://${page(lab, message)}`])],
  ] },
  { program: 'Thunderbird', needs: 'thunderbird xvfb-run', who: 'person', steps: [
    ['remote content allowed, message opened', (lab, message) => show(lab, 'thunderbird', ['--profile', thunderbirdProfile(lab), mailFile(lab, message)])],
  ] },
  { program: 'SpamAssassin', needs: 'spamassassin', who: 'machine', steps: [['the message checked', (lab, message) => run(lab, 'spamassassin', ['-L', '-t', mailFile(lab, message)])]] },
  { program: 'rspamd', needs: 'rspamc', who: 'machine', steps: [['the message checked', (lab, message) => run(lab, 'rspamc', [mailFile(lab, message)])]] },
];

/** Writes a message as a file for a mail program. */
function mailFile(lab, { mail }) {
  const file = path.join(lab.folder, `message-${fs.readdirSync(lab.folder).length}.eml`);
  fs.writeFileSync(file, mail);
  return file;
}

/** A profile that trusts the laboratory's certificate, as far as preferences can say so. */
function profile(lab, name, preferences) {
  const folder = path.join(lab.folder, name);
  fs.mkdirSync(folder, { recursive: true });
  const database = ['-d', `sql:${folder}`];
  fs.writeFileSync(path.join(folder, 'user.js'), Object.entries(preferences).map(([key, value]) => `user_pref(${JSON.stringify(key)}, ${JSON.stringify(value)});\n`).join(''));
  // NSS keeps what it trusts in the profile; certutil comes with libnss3-tools.
  return exec('certutil', ['-N', ...database, '--empty-password'])
    .then(() => exec('certutil', ['-A', ...database, '-n', 'lab', '-t', 'CT,,', '-i', lab.tls.authority]))
    .then(() => folder);
}

const firefoxProfile = (lab) => path.join(lab.folder, 'firefox');
const thunderbirdProfile = (lab) => path.join(lab.folder, 'thunderbird');

/** Prepares what the programs with profiles need. */
export async function prepare(lab) {
  await profile(lab, 'firefox', {});
  await profile(lab, 'thunderbird', {
    'mailnews.message_display.disable_remote_image': false,
    // Without an account it asks for one and shows nothing.
    'mail.accountmanager.accounts': 'account1',
    'mail.accountmanager.defaultaccount': 'account1',
    'mail.accountmanager.localfoldersserver': 'server1',
    'mail.account.account1.server': 'server1',
    'mail.server.server1.type': 'none',
    'mail.server.server1.hostname': 'Local Folders',
    'mail.server.server1.name': 'Local Folders',
    'mail.server.server1.userName': 'nobody',
    'mail.provider.suppress_dialog_on_startup': true,
    'datareporting.policy.dataSubmissionEnabled': false,
  });
}

/** Shows a window for half a minute on a screen of its own, then ends it. */
async function show(lab, program, args) {
  const env = { ...process.env, HOME: lab.folder };
  await exec('timeout', ['30', 'xvfb-run', '-a', program, ...args], { timeout: LIMIT_MS, cwd: lab.folder, env }).catch(() => undefined);
}
