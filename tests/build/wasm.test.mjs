import assert from 'node:assert/strict';
import { test } from 'node:test';
import binaryen from 'binaryen';
import { withShortImports, withoutPanicMessages, withoutPanicPlaces, withoutPanicWords } from '../../scripts/lib/wasm.mjs';

const PATH = '/crates/some-crate-1.0.0/src/lib.rs';
const OWN_PATH = 'crates/gmail/src/app.rs';
const KEPT = 'said by the program, /crates and lib.rs as well';
const WORDS = 'RefCell already borrowed';
const word = (value) => [...Buffer.from(new Uint32Array([value]).buffer)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');

// The address of PATH is 1024; at 1200 stands a place in it, at 1216 something that only looks alike.
const PROGRAM = `(module
  (import "./program_bg.js" "__wbg_first_0123456789abcdef" (func $first (result i32)))
  (import "./program_bg.js" "__wbg_second_0123456789abcdef" (func $second (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 1024) "${PATH}${KEPT}")
  (data (i32.const 1600) "${OWN_PATH}${KEPT}")
  (data (i32.const 1720) "${word(1600)}${word(OWN_PATH.length)}${word(7)}${word(1)}")
  (data (i32.const 1300) "${KEPT}${WORDS}${KEPT}${WORDS}")
  (data (i32.const 1200) "${word(1024)}${word(PATH.length)}${word(12)}${word(3)}${word(1024)}${word(PATH.length - 1)}${word(12)}${word(3)}")
  (func $"core[c5930c85a12de822]::panicking::panic_fmt" (param i32) (call $second (local.get 0)) (unreachable))
  (func $"kaifu::panicking_dog" (result i32) (call $first))
  (func (export "fail") (call $"core[c5930c85a12de822]::panicking::panic_fmt" (i32.const 1200)))
  (func (export "read") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "first") (result i32) (call $"kaifu::panicking_dog")))`;
const GLUE = `const imports = {
    __wbg_first_0123456789abcdef: function() { return 42; },
    __wbg_second_0123456789abcdef: function(place) { said.push(place); },
};`;

function program() {
  const module = binaryen.parseText(PROGRAM);
  binaryen.setDebugInfo(true);
  const bytes = module.emitBinary();
  binaryen.setDebugInfo(false);
  module.dispose();
  return bytes;
}

/** Runs a module behind its glue. */
function run(bytes, glue = GLUE) {
  const said = [];
  const imports = new Function('said', `${glue}; return imports;`)(said);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { './program_bg.js': imports });
  return { ...exports, said };
}

const read = ({ memory }, address, length) => Buffer.from(memory.buffer, address, length).toString('latin1');

test('a panic ends the program as before, without a message', () => {
  const before = run(program());
  assert.throws(before.fail, WebAssembly.RuntimeError);
  assert.deepEqual(before.said, [1200]);
  const after = run(withoutPanicMessages(program()));
  assert.throws(after.fail, WebAssembly.RuntimeError);
  assert.deepEqual(after.said, []);
  assert.equal(after.first(), 42);
});

test('a module in which nothing panics is not what is expected', () => {
  const module = binaryen.parseText('(module (func (export "a")))');
  assert.throws(() => withoutPanicMessages(module.emitBinary()), /no function that panics/);
});

test('places of panics become zeros, and nothing else does', () => {
  const before = run(program());
  assert.equal(read(before, 1024, PATH.length), PATH);
  const after = run(withoutPanicPlaces(program()));
  assert.equal(read(after, 1024, PATH.length), '\0'.repeat(PATH.length));
  assert.equal(read(after, 1024 + PATH.length, KEPT.length), KEPT);
  assert.equal(read(after, 1200, 16), '\0'.repeat(16));
  assert.equal(read(after, 1216, 16), read(before, 1216, 16));
  assert.equal(read(after, 1600, OWN_PATH.length + KEPT.length), `${'\0'.repeat(OWN_PATH.length)}${KEPT}`);
  assert.equal(read(after, 1720, 16), '\0'.repeat(16));
  assert.equal(after.first(), 42);
});

test('the words of panics become zeros, and nothing else does', () => {
  const after = run(withoutPanicWords(program()));
  const expected = `${KEPT}${'\0'.repeat(WORDS.length)}`;
  assert.equal(read(after, 1300, 2 * expected.length), expected.repeat(2));
  assert.equal(read(after, 1024, PATH.length), PATH);
  assert.throws(() => withoutPanicWords(withoutPanicWords(program())), /no words of a panic/);
});

test('imports get short names in the module and in its glue', () => {
  const { bytes, glue } = withShortImports(program(), GLUE);
  assert.doesNotMatch(glue + Buffer.from(bytes).toString('latin1'), /0123456789abcdef: |__wbg_first_0123/);
  const after = run(bytes, glue);
  assert.equal(after.first(), 42);
  assert.throws(after.fail, WebAssembly.RuntimeError);
  assert.deepEqual(after.said, [1200]);
});

test('glue without one of the imports fails the build', () => {
  assert.throws(() => withShortImports(program(), GLUE.replace('__wbg_second', '__wbg_other')), /0 places match/);
});
