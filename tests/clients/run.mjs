// Shows real programs a tracked message and writes down what they sent and what the server said of it.
// By hand, not in any test run: README.md beside it says how.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { Lab } from './lab.mjs';
import { serveMailbox } from './mailbox.mjs';
import { PROGRAMS, prepare } from './programs.mjs';
import { PROXIES, through } from './proxies.mjs';

const { values } = parseArgs({
  options: { server: { type: 'string', default: 'target/release/kaifu-server' }, out: { type: 'string' }, only: { type: 'string' }, mailbox: { type: 'boolean' }, list: { type: 'boolean' } },
});
const has = (programs) => programs.split(' ').every((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0);
const wanted = (name) => !values.only || name.toLowerCase().includes(values.only.toLowerCase());

/** Makes every program that is here do what it does. */
async function programs(lab) {
  if (has('certutil')) await prepare(lab);
  for (const { program, needs, who, hides, steps } of PROGRAMS.filter(({ program }) => wanted(program))) {
    if (!has(needs)) {
      console.log(`${program}: not here (${needs})`);
      continue;
    }
    for (const [what, act] of steps) {
      const step = { program, what, who, ...(hides && { hides }) };
      await act(lab, lab.message(step));
      const count = lab.requests.filter((request) => request.step === step).length;
      console.log(`${program}, ${what}: ${count} request${count === 1 ? '' : 's'}`);
    }
  }
}

async function proxies(lab) {
  for (const [name, proxy] of Object.entries(PROXIES).filter(([name]) => wanted(name))) {
    if (!has(proxy.needs)) console.log(`${name}: not here (${proxy.needs})`);
    else {
      const { opens, head } = await through(lab, name, proxy);
      console.log(`${name}: two opens were ${opens.join(', ') || 'not seen'}; HEAD was ${head.join(', ') || 'not seen'}`);
    }
  }
}

/** Serves a mailbox until Enter is pressed, for programs that need a hand. */
async function mailbox(lab) {
  const steps = ['first', 'second', 'third'].map((what) => ({ program: values.only ?? 'by hand', what, who: 'person' }));
  const port = await serveMailbox(lab, steps.map((step) => lab.message(step)));
  console.log(`IMAP on 127.0.0.1:${port}, no encryption, any user and password; the certificate to trust is ${lab.tls.authority}`);
  const input = createInterface({ input: process.stdin, output: process.stdout });
  await input.question('Show the messages in the program, then press Enter. ');
  input.close();
}

if (values.list) {
  for (const { program, needs } of PROGRAMS) console.log(`${program} (${needs}${has(needs) ? '' : ', not here'})`);
} else {
  const lab = await Lab.start(values.server);
  try {
    if (values.mailbox) await mailbox(lab);
    else {
      await programs(lab);
      await proxies(lab);
    }
    const rows = await lab.rows();
    for (const { program, what, who, hides, said } of rows) console.log(`${program}, ${what}: ${said.claim}, ${said.reason}${said.client ? ` (${said.client})` : ''}; it was ${who}${hides ? ' that hides' : ''}`);
    if (values.out) fs.writeFileSync(values.out, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const wrong = rows.filter(({ who, hides, said }) => (who === 'person' && said.claim === 'no') || (who !== 'person' && !hides && said.claim === 'likely'));
    process.exitCode = wrong.length > 0 ? 1 : 0;
  } finally {
    await lab.close();
  }
}
