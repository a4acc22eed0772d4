// What ./build.sh does in the situations that builds get into.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { unzipSync } from 'fflate';
import { Scratch } from './scratch.mjs';

/** A scratch copy for one test, which is removed after it. */
function scratch(t, settings) {
  const made = new Scratch(settings);
  t.after(() => made.close());
  return made;
}

async function succeeds(copy, args, environment) {
  const { status, output } = await copy.build(args, environment);
  assert.equal(status, 0, output);
  return output;
}

const SEPARATOR = '\x1f';

test('a folder with a space in its name builds, without a home', async (t) => {
  const copy = scratch(t, { name: 'a folder' });
  await succeeds(copy, [], { HOME: null });
  const built = copy.built();
  assert.ok(built['content/kaifu_gmail_bg.wasm'].includes(`--remap-path-prefix=${fs.realpathSync(copy.top)}=/kaifu${SEPARATOR}`));
  assert.deepEqual(Object.keys(built).filter((name) => /\.new|stub/.test(name)), []);
  await succeeds(copy, ['help'], { HOME: null });
});

test("the user's own flags and target folder change nothing of what is packed", async (t) => {
  const copy = scratch(t);
  await succeeds(copy);
  const plain = copy.built();
  fs.rmSync(copy.file('target'), { recursive: true });
  const elsewhere = path.join(copy.home, 'elsewhere');
  await succeeds(copy, [], {
    RUSTFLAGS: '-C target-cpu=native', CARGO_ENCODED_RUSTFLAGS: '-Cdebuginfo=2', CARGO_TARGET_DIR: elsewhere,
    CARGO_PROFILE_WASM_OPT_LEVEL: '0', CARGO_BUILD_TARGET: 'wasm32-wasip1',
  });
  assert.deepEqual(copy.built(), plain);
  assert.ok(fs.existsSync(copy.file('target/release/kaifu-server')));
  assert.ok(fs.existsSync(path.join(elsewhere, 'release/kaifu-server')));
});

test('the pinned compiler is not fetched where rustup has it under another name', async (t) => {
  const copy = scratch(t);
  copy.addProgram('rustup', `#!/bin/sh
case "$*" in
  'toolchain list') printf 'nightly-host\\nstable-host (default)\\n' ;;
  'run nightly-host rustc --version') printf 'rustc 1.99.0-nightly\\n' ;;
  'run stable-host rustc --version') printf 'rustc %s (a stand-in)\\n' "$(sed -n 's/^channel = "\\(.*\\)"$/\\1/p' rust-toolchain.toml)" ;;
  *) exit 1 ;;
esac
`);
  await succeeds(copy);
  const compiled = fs.readFileSync(copy.calls, 'utf8').split('\n').filter((call) => call.startsWith('cargo build'));
  assert.ok(compiled.length > 0);
  for (const call of compiled) assert.match(call, / toolchain stable-host$/);
});

/** The stand-in compiler's calls that match, each by whether it has the word. */
const calls = (copy, pattern, word) => copy.called.filter((call) => pattern.test(call)).map((call) => call.includes(word));

test('the demo takes the server that there is, and else the one that compiles sooner', async (t) => {
  const copy = scratch(t);
  copy.addProgram('chromium', '#!/bin/sh\nexit 1\n');
  const demo = async () => {
    const { status, output } = await copy.build(['run', '--demo', '--headless']);
    // The stand-in for the server ends at once, and the run with it.
    assert.equal(status, 1, output);
    assert.match(output, /✓ build kaifu-server/);
  };
  await demo();
  await succeeds(copy);
  await demo();
  assert.match((await copy.build(['run', '--demo', '--no-browser'])).output, /--no-browser does not go with --demo/);
  assert.deepEqual(calls(copy, /^cargo build .*-p kaifu-server/, '--release'), [false, true, true]);
});

test('what runs tests in a browser is compiled for them alone', async (t) => {
  const copy = scratch(t);
  for (const program of ['chromium', 'chromedriver']) copy.addProgram(program, '#!/bin/sh\n');
  await succeeds(copy);
  for (let run = 0; run < 2; run += 1) await succeeds(copy, ['test', 'wasm']);
  assert.deepEqual(calls(copy, /^cargo install/, '--features test-runner'), [false, true]);
});

test('only files that git knows are packed, and the others are named', async (t) => {
  const copy = scratch(t);
  for (const name of ['.DS_Store', 'content/notes.txt']) fs.writeFileSync(copy.file(`extension/${name}`), 'mine');
  const output = await succeeds(copy, ['package']);
  assert.match(output, /extension\/\.DS_Store is left out/);
  const [zip] = fs.readdirSync(copy.file('dist')).filter((name) => name.endsWith('.zip'));
  const packed = Object.keys(unzipSync(fs.readFileSync(copy.file(`dist/${zip}`))));
  assert.deepEqual(packed.filter((name) => /DS_Store|notes/.test(name)), []);
  const known = spawnSync('git', ['ls-files', 'extension'], { cwd: copy.top, encoding: 'utf8' }).stdout.trim().split('\n');
  for (const file of known) assert.ok(packed.includes(file.replace('extension/', '')), file);
});

test("the server's address is built in in its one form, and no other text is", async (t) => {
  const copy = scratch(t);
  await succeeds(copy, [], { KAIFU_BACKEND: 'https://Kaifu.example.org:443/' });
  const built = copy.built();
  assert.ok(JSON.parse(built['manifest.json']).host_permissions.includes('https://kaifu.example.org/*'));
  assert.match(built['wasm/kaifu_background_bg.wasm'], /^backend https:\/\/kaifu\.example\.org$/m);
  const { status, output } = await copy.build([], { KAIFU_BACKEND: 'https://kaifu.example.org/path' });
  assert.equal(status, 1);
  assert.match(output, /ends after host and port/);
});

describe('a build that is interrupted', () => {
  for (const signal of ['SIGTERM', 'SIGKILL']) {
    for (const step of ['cargo', 'pack-module', 'cp']) {
      test(`by ${signal} in ${step} leaves nothing behind that passes for a build`, async (t) => {
        const copy = scratch(t);
        await succeeds(copy);
        const first = copy.built();
        const source = copy.file('crates/popup/src/lib.rs');
        const original = fs.readFileSync(source);
        fs.appendFileSync(source, '// Another one.\n');
        copy.hold(step);
        const build = copy.start();
        await copy.held(step, build);
        build.child.kill(signal);
        assert.notEqual(await Promise.race([build.ended, new Promise((resolve) => build.child.once('exit', (code, by) => resolve(code ?? by)))]), 0);
        copy.release(step);
        fs.writeFileSync(source, original);
        // A changed file of the extension has it put together anew.
        fs.appendFileSync(copy.file('extension/popup.css'), '/* More. */\n');
        await succeeds(copy, ['package']);
        const expected = { ...first, 'popup.css': `${first['popup.css']}/* More. */\n` };
        assert.deepEqual(copy.built(), expected);
      });
    }
  }
});

test('what was taken out of the built extension is put back', async (t) => {
  const copy = scratch(t);
  await succeeds(copy);
  const first = copy.built();
  fs.rmSync(copy.file('dist/chrome/popup.html'));
  fs.writeFileSync(copy.file('target/pkg/popup/kaifu_popup.js'), 'something else');
  await succeeds(copy);
  assert.deepEqual(copy.built(), first);
});

test('a source that changes while it is built is not taken for built', async (t) => {
  const copy = scratch(t);
  const source = copy.file('crates/popup/src/lib.rs');
  copy.hold('pack-module');
  const build = copy.start(['package']);
  await copy.held('pack-module', build);
  fs.appendFileSync(source, '// Changed meanwhile.\n');
  copy.release('pack-module');
  assert.equal(await build.ended, 1);
  assert.match(build.output(), /popup changed while it was being built/);
  await succeeds(copy);
  assert.match(copy.built()['wasm/kaifu_popup_bg.wasm'], /Changed meanwhile/);
});

for (const [what, leftOut] of [['flock', /^$/], ['Perl, as on macOS', /^(?:flock|sha256sum)$/]]) {
  test(`two builds at once wait for each other, by ${what}`, async (t) => {
    const copy = scratch(t, { leftOut });
    copy.hold('cargo');
    const one = copy.start();
    await copy.held('cargo', one);
    const other = copy.start();
    while (!other.output().includes('Another build is running')) {
      assert.equal(other.child.exitCode, null, other.output());
      await new Promise((resolve) => other.child.stdout.once('data', resolve));
    }
    copy.release('cargo');
    assert.deepEqual(await Promise.all([one.ended, other.ended]), [0, 0], one.output() + other.output());
    assert.ok(copy.built()['manifest.json']);
  });
}

test('sudo asks for its password where it can be typed', { skip: spawnSync('script', ['--version']).status !== 0 && 'needs util-linux script' }, async (t) => {
  const copy = scratch(t, { leftOut: /^(?:chrom.*|google-chrome.*)$/ });
  copy.addProgram('id', '#!/bin/sh\necho 1000\n');
  copy.addProgram('apt-get', '#!/bin/sh\necho "apt-get $*" >>"$SCRATCH/calls"\n');
  copy.addProgram('sudo', `#!/bin/bash
case $1 in
  -n) [ -e "$SCRATCH/allowed" ] && shift && exec "$@" ;;
  -v) printf 'Password: ' >/dev/tty; read -r word </dev/tty && [ "$word" = secret ] && touch "$SCRATCH/allowed" ;;
esac
`);
  const child = spawn('script', ['--quiet', '--return', '--command', './build.sh run --demo --headless', '/dev/null'], {
    cwd: copy.top, env: copy.environment, stdio: ['pipe', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
    if (text.includes('Password:')) child.stdin.write('secret\n');
  });
  const status = await new Promise((resolve) => child.once('close', resolve));
  assert.ok(copy.called.some((line) => /^apt-get install .*chromium/.test(line)), text);
  // The stand-in installed no browser, and the run says so.
  assert.notEqual(status, 0);
  assert.match(text, /no Chromium or Chrome was found/);
});
