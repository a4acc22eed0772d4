import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fallbackModule, minify, replaceOnce, withOneWayToLoad, withoutInitSync } from '../../scripts/lib/javascript.mjs';

// A program that grows its memory, and glue of wasm-bindgen's shape that keeps a view until its
// buffer is detached.
const PROGRAM = `(module
  (import "./program_bg.js" "first" (func $first (result i32)))
  (memory (export "memory") 1)
  (func (export "grow") (result i32) (memory.grow (i32.const 4)))
  (func (export "put") (param i32) (i32.store8 (local.get 0) (call $first))))`;
const GLUE = `let wasm_bindgen = (function (exports) {
  let wasm, view;
  const bytes = () => (view?.byteLength ? view : (view = new Uint8Array(wasm.memory.buffer)));
  exports.start = () => {
    wasm.put(7);
    const before = bytes()[7];
    const pages = wasm.grow();
    wasm.put(200000);
    return { before, pages, kept: bytes()[7], length: bytes().length, grown: bytes()[200000] };
  };
  function initSync(module) {
    ({ module } = module);
    if (!(module instanceof WebAssembly.Module)) throw new Error("not a module");
    wasm = new WebAssembly.Instance(module, { "./program_bg.js": { first: () => 42 } }).exports;
  }
  return Object.assign(() => {}, { initSync }, exports);
})({});
`;

// Node 20 has no ArrayBuffer.prototype.transfer; every supported browser has.
ArrayBuffer.prototype.transfer ??= function transfer(length) {
  const result = new Uint8Array(length);
  result.set(new Uint8Array(this).subarray(0, length));
  structuredClone(this, { transfer: [this] });
  return result.buffer;
};

let folder;
let asm;
const run = async (source) => {
  const file = path.join(folder, `${Math.random().toString(36).slice(2)}.mjs`);
  writeFileSync(file, source);
  return (await import(file)).start();
};

before(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'kaifu-fallback-'));
  const file = (name) => path.join(folder, name);
  const bin = path.resolve(import.meta.dirname, '../../node_modules/.bin');
  writeFileSync(file('program.wat'), PROGRAM);
  execFileSync(path.join(bin, 'wasm-as'), [file('program.wat'), '-o', file('program.wasm')]);
  execFileSync(path.join(bin, 'wasm2js'), ['-O', file('program.wasm'), '-o', file('program.js')]);
  asm = readFileSync(file('program.js'), 'utf8');
});
after(() => rmSync(folder, { recursive: true }));

const EXPECTED = { before: 42, pages: 1, kept: 42, length: 5 * 65536, grown: 42 };

test('the fallback keeps its memory and renews its views when it grows', async () => {
  assert.deepEqual(await run(fallbackModule(asm, GLUE, 'start')), EXPECTED);
});

test('the fallback does the same when minified', async () => {
  assert.deepEqual(await run(await minify(fallbackModule(asm, GLUE, 'start'), { format: 'esm' })), EXPECTED);
});

test('without detaching, the views would go stale', async () => {
  const attached = fallbackModule(asm, GLUE, 'start').replace(
    'var newBuffer = buffer.transfer(newPages << 16);',
    'var newBuffer = new ArrayBuffer(newPages << 16); new Int8Array(newBuffer).set(HEAP8);',
  );
  assert.notDeepEqual(await run(attached), EXPECTED);
});

test('other output of wasm2js than expected fails the build', () => {
  const changed = asm.replace('new ArrayBuffer(newPages << 16)', 'new ArrayBuffer(newPages * 65536)');
  assert.throws(() => fallbackModule(changed, GLUE, 'start'), /0 places match/);
  assert.throws(() => replaceOnce('aa', /a/, 'b'), /2 places/);
});

test('the glue loads its module in one way, and one that looks otherwise fails the build', () => {
  const glue = [
    '    async function __wbg_load(module, imports) {', '        if (other) {', '            return 1;', '        }', '    }',
    '    async function __wbg_init(module_or_path) {', '        if (old) {',
    "            console.warn('using deprecated parameters for the initialization function; pass a single object instead')", '        }', '    }', '',
  ].join('\n');
  const one = withOneWayToLoad(glue);
  assert.match(one, /^async function __wbg_load\(module, imports\) \{\n {2}return WebAssembly\.instantiateStreaming\(module, imports\);\n\}\n {4}async function __wbg_init/);
  assert.doesNotMatch(one, /other|warn/);
  assert.throws(() => withOneWayToLoad(glue.replace('__wbg_load(module', '__wbg_load(source')), /0 places match/);
});

test('the glue loses its synchronous start', () => {
  const bare = withoutInitSync(GLUE);
  assert.doesNotMatch(bare, /initSync/);
  assert.match(bare, /return Object\.assign\(\(\) => \{\}, exports\);/);
  const web = 'function initSync(module) {\n    return 1;\n}\n\nexport { initSync, __wbg_init as default };\n';
  assert.equal(withoutInitSync(web), '\nexport { __wbg_init as default };\n');
});
