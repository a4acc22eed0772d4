// A scratch copy of the checkout in which the real scripts run with stand-ins for the compiler and
// what packs its modules, as these take minutes; everything else is real.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const STUBS = path.join(ROOT, 'tests/build/stubs');

/** What only the compiler's output has, so that a stand-in's output cannot pass through it. */
const COMPILER_STEPS = ['shrink', 'glue', 'fallback'];

function run(program, args, options = {}) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', ...options });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** Links to every program of this machine but those that `leftOut` names. */
function linkPrograms(folder, leftOut) {
  fs.mkdirSync(folder);
  for (const place of (process.env.PATH ?? '').split(path.delimiter).filter((it) => it && fs.existsSync(it))) {
    for (const name of fs.readdirSync(place)) {
      const link = path.join(folder, name);
      if (!leftOut.test(name) && !fs.lstatSync(link, { throwIfNoEntry: false })) fs.symlinkSync(path.join(place, name), link);
    }
  }
}

export class Scratch {
  /**
   * @param {object} [settings]
   * @param {string} [settings.name] of the copy's folder
   * @param {RegExp} [settings.leftOut] programs that this machine is to lack
   */
  constructor({ name = 'kaifu', leftOut = /^$/ } = {}) {
    this.home = fs.mkdtempSync(path.join(os.tmpdir(), 'kaifu-scratch-'));
    this.top = path.join(this.home, name);
    this.holds = path.join(this.home, 'holds');
    this.calls = path.join(this.home, 'calls');
    for (const folder of [this.top, this.holds]) fs.mkdirSync(folder);
    fs.writeFileSync(this.calls, '');
    for (const file of run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT }).split('\0')) {
      const wanted = /^(?:extension|scripts|build\.sh|manifest\.json|rust-toolchain\.toml|Cargo\.|package|\.gitignore)|^crates\/[^/]+\/(?:Cargo\.toml|src\/lib\.rs)|^tests\/stage/;
      if (!wanted.test(file) || !fs.existsSync(path.join(ROOT, file))) continue;
      fs.mkdirSync(path.dirname(this.file(file)), { recursive: true });
      fs.copyFileSync(path.join(ROOT, file), this.file(file));
    }
    for (const step of COMPILER_STEPS) fs.copyFileSync(path.join(STUBS, `${step}.mjs`), this.file(`scripts/${step}.mjs`));
    fs.chmodSync(this.file('build.sh'), 0o755);
    run('git', ['init', '--quiet'], { cwd: this.top });
    run('git', ['add', '.'], { cwd: this.top });
    this.programs = path.join(this.home, 'programs');
    linkPrograms(this.programs, new RegExp(`^(?:rustup|cargo.*|rustc|wasm.*)$|${leftOut.source}`));
    // Cargo's own folder of programs comes before all others on the scripts' search path.
    this.stubs = path.join(this.home, 'cargo/bin');
    fs.mkdirSync(this.stubs, { recursive: true });
    for (const stub of fs.readdirSync(STUBS).filter((it) => it.endsWith('.sh'))) {
      this.addProgram(path.basename(stub, '.sh'), fs.readFileSync(path.join(STUBS, stub), 'utf8'));
    }
    fs.mkdirSync(path.join(this.home, 'sysroot/lib/rustlib/wasm32-unknown-unknown/lib'), { recursive: true });
    fs.writeFileSync(path.join(this.home, 'sysroot/lib/rustlib/wasm32-unknown-unknown/lib/libcore-1.rlib'), '');
    this.environment = {
      PATH: this.programs, HOME: path.join(this.home, 'home'), CARGO_HOME: path.join(this.home, 'cargo'),
      KAIFU_TOOLS: path.join(this.home, 'tools'), LC_ALL: process.env.LC_ALL ?? 'C.UTF-8',
      SCRATCH: this.home, SCRATCH_MODULES: path.join(ROOT, 'node_modules'),
    };
    fs.mkdirSync(this.environment.HOME);
  }

  /** The path of one of the copy's files. */
  file(name) {
    return path.join(this.top, name);
  }

  read(name) {
    return fs.readFileSync(this.file(name), 'utf8');
  }

  /** Puts a program of the given text before all others. */
  addProgram(name, text) {
    fs.writeFileSync(path.join(this.stubs, name), text, { mode: 0o755 });
  }

  /** What the stand-ins were called with, a line each. */
  get called() {
    return fs.readFileSync(this.calls, 'utf8').split('\n');
  }

  /**
   * Starts `./build.sh`.
   * @returns {{ child: import('node:child_process').ChildProcess, output: () => string, ended: Promise<number | string> }}
   */
  start(args = [], environment = {}) {
    const env = { ...this.environment, ...environment };
    for (const [name, value] of Object.entries(env)) if (value === null) delete env[name];
    const child = spawn('./build.sh', args, { cwd: this.top, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
    const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve(code ?? signal)));
    return { child, output: () => text, ended };
  }

  /** Runs `./build.sh` to its end. */
  async build(args, environment) {
    const { ended, output } = this.start(args, environment);
    const status = await ended;
    return { status, output: output() };
  }

  /** Makes every call of a stand-in wait from now on, until `release`. */
  hold(name) {
    fs.writeFileSync(path.join(this.holds, name), '');
  }

  release(name) {
    fs.rmSync(path.join(this.holds, name));
  }

  /** Resolves when a stand-in waits, or a program has ended. */
  async held(name, build) {
    let ended = false;
    void build.ended.then(() => (ended = true));
    while (!fs.existsSync(path.join(this.holds, `${name}.waits`))) {
      if (ended) throw new Error(`nothing waited in ${name}:\n${build.output()}`);
      await pause(20);
    }
    fs.rmSync(path.join(this.holds, `${name}.waits`));
  }

  /** The built extension: each file's content by its name. */
  built() {
    const dist = this.file('dist/chrome');
    const files = fs.readdirSync(dist, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const named = files.map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
    return Object.fromEntries(named.map((file) => [path.relative(dist, file), fs.readFileSync(file, 'latin1')]).sort());
  }

  close() {
    fs.rmSync(this.home, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}
