// Schemathesis reads the API's description from the running server, asks what it allows and what it
// does not, and compares the answers with what it promises.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { ask, has, startServer } from '../bench/lib/service.mjs';
import { KIND, mint } from '../lib/token.mjs';

const skip = !has('st') && 'Schemathesis is not installed (it needs Python 3 with venv)';
const TARGET = 'https://example.org/?a=1';

async function createAccount(url) {
  const reply = await ask(`${url}/v1/accounts`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
  return JSON.parse(reply.body);
}

test('the server keeps every promise of its OpenAPI document', { skip, timeout: 300_000 }, async (context) => {
  const dir = mkdtempSync(join(tmpdir(), 'kaifu-api-'));
  const server = await startServer(join(dir, 'data'), ['--links=redirect']);
  try {
    const [account, doomed] = [await createAccount(server.url), await createAccount(server.url)];
    const bearer = ({ api_token: token }) => ['-H', `Authorization: Bearer ${token}`];
    // With an event to tell of, no question has to wait for one.
    await ask(`${server.url}/p/${mint(KIND.image, account)}.gif`);

    const run = (config, args) => {
      const path = join(dir, 'schemathesis.toml');
      writeFileSync(path, config);
      const options = ['--seed=1', '--max-examples=50', '--phases=examples,coverage,fuzzing', '--no-color'];
      const command = ['--config-file', path, 'run', `${server.url}/v1/openapi.json`, ...options, ...args];
      const { status, stdout, stderr } = spawnSync('st', command, { cwd: dir, encoding: 'utf8' });
      assert.equal(status, 0, `${stdout}\n${stderr}`);
      assert.match(stdout, /Test cases:\s+\d+ generated, \d+ passed/u);
    };

    await context.test('asked by a stranger to every token', () => {
      // What is too large is no wrong answer to something that is well-formed.
      const config = `[checks.negative_data_rejection]
        expected-statuses = [400, 401, 403, 404, 405, 406, 409, 413, 414, 415, 422, 428, 429, 431]
        [[operations]]
        include-name = "POST /v1/accounts"
        [operations.checks]
        positive_data_acceptance.expected-statuses = ["2xx", 413]
        [[operations]]
        include-name = "GET /v1/events"
        [operations.parameters]
        after = 0`;
      run(config, [...bearer(account), '--exclude-method=DELETE']);
    });
    await context.test('asked by whoever has good tokens', () => {
      const link = mint(KIND.link, account, { extra: TARGET });
      const config = `[[operations]]
        include-path-regex = "^/p/"
        parameters = { token = "${mint(KIND.image, account)}" }
        [[operations]]
        include-path-regex = "^/l/"
        parameters = { token = "${link}", u = "${TARGET}" }
        [[operations]]
        include-path-regex = "^/r/"
        parameters = { token = "${mint(KIND.imagePage, account)}" }
        [operations.checks]
        # What is said to be done is a notice on the page, which shows without it as well.
        negative_data_rejection.enabled = false
        # A form may have more in it than is read, and too much of that.
        positive_data_acceptance.expected-statuses = ["2xx", "3xx", 404, 409, 413, 429]`;
      run(config, ['--include-path-regex=^/[plr]/', '--max-redirects=0']);
    });
    await context.test('asked to forget an account', () => {
      run('', [...bearer(doomed), '--include-method=DELETE']);
    });
    assert.equal((await ask(`${server.url}/readyz`)).status, 200);
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true });
  }
});
