// A browser that does not start ends whatever wanted it, with an error and nothing left running.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { ROOT } from './harness.mjs';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kaifu-broken-'));
after(() => fs.rmSync(folder, { recursive: true }));
const broken = path.join(folder, 'chromium');
fs.writeFileSync(broken, '#!/bin/sh\necho "no display for $*" >&2\nexit 3\n', { mode: 0o755 });

/** Runs node to its end, which is when nothing keeps it alive any more. */
async function run(args) {
  const child = spawn(process.execPath, args, { cwd: ROOT, env: { ...process.env, KAIFU_CHROME: broken }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  const status = await new Promise((resolve) => child.once('close', resolve));
  return { status, output };
}

for (const flags of [[], ['--headless']]) {
  test(`the demo ${flags} ends with what the browser said, and asked it for a window unless told otherwise`, { timeout: 60_000 }, async () => {
    const { status, output } = await run(['tests/stage/run.mjs', '--demo', ...flags]);
    assert.equal(status, 1, output);
    assert.match(output, /chromium ended:\s+no display/);
    assert.equal(output.includes('--headless=new'), flags.length > 0, output);
  });
}

test('a test ends, and its server with it', { timeout: 60_000 }, async () => {
  const { status, output } = await run(['--input-type=module', '--eval', "const { start } = await import('./tests/e2e/harness.mjs'); await start();"]);
  assert.equal(status, 1, output);
  assert.match(output, /no display/);
});
