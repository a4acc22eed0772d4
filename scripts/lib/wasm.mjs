// Edits of WebAssembly modules, for what the optimiser cannot know: that nobody reads why a program
// ended, and that the names of imports may be any.
import binaryen from 'binaryen';
import { replaceOnce } from './javascript.mjs';

/** The standard library's functions that end the program, by their beginnings; `[hash]`es are left out. */
const ENDS = [
  'core::panicking::', 'core::option::expect_failed', 'core::option::unwrap_failed', 'core::result::unwrap_failed',
  'core::str::slice_error_fail', 'core::slice::index::slice_index_fail', 'core::slice::copy_from_slice_impl::len_mismatch_fail',
  'core::cell::panic_already', 'alloc::raw_vec::capacity_overflow', 'alloc::alloc::handle_alloc_error',
  'std::thread::local::panic_access_error',
  // What only the messages of those call: nothing that ships shows a value as {:?} does.
  '<std::panicking::panic_handler::', '<std::thread::local::AccessError as', '<char as core::fmt::Debug>',
  '<core::ops::range::Range<usize> as core::fmt::Debug>',
];

/**
 * A module whose panics end the program without a message first. Where nobody listens for messages,
 * as here, it is the same: but putting them together takes a good part of the program.
 * @param {Uint8Array} bytes with names
 */
export function withoutPanicMessages(bytes) {
  const module = binaryen.readBinary(bytes);
  const found = new Set();
  for (let place = 0; place < module.getNumFunctions(); place += 1) {
    const pointer = module.getFunctionByIndex(place);
    const { name, base } = binaryen.getFunctionInfo(pointer);
    const plain = name.replaceAll(/\[[0-9a-f]+\]/g, '');
    const end = base ? null : ENDS.find((start) => plain.startsWith(start));
    if (!end) continue;
    found.add(end);
    binaryen.Function.setBody(pointer, module.unreachable());
  }
  if (!found.has(ENDS[0])) throw new Error('no function that panics was found: have their names changed?');
  const result = module.emitBinary();
  module.dispose();
  return result;
}

/** What the standard library and wasm-bindgen say where they end the program, in these words and no others. */
const LAST_WORDS = [
  'called `Option::unwrap()` on a `None` value', 'called `Option::unwrap_throw()` on a `None` value',
  'called `Result::unwrap_throw()` on an `Err` value', 'internal error: entered unreachable code',
  'LazyCell instance has previously been poisoned', 'RefCell already borrowed', 'RefCell already mutably borrowed',
  'FnOnce called more than once', 'closure invoked recursively or after being dropped', '`async fn` resumed after completion',
  'a Display implementation returned an error unexpectedly', 'attempt to divide by zero',
  'a formatting trait implementation returned an error when the underlying stream did not',
  'attempt to join into collection with len > usize::MAX', 'Tried to shrink to a larger capacity',
  'cannot access a Thread Local Storage value during or after destruction: ',
  'Attempted to initialize thread-local while it is being dropped', ' is not a char boundary; it is inside ',
  'to_digit: invalid radix -- radix must be in the range 2 to 36 inclusive',
  'copy_from_slice: source slice length (', ') does not match destination slice length (',
  'index out of bounds: the len is ', ' but the index is ', 'range start index ', 'range end index ',
  ' out of range for slice of length ', 'slice index starts at ', ' but ends at ', 'start byte index ',
  'end byte index ', ' is out of bounds of `', 'begin > end (', ') when slicing `', 'mid > len', 'explicit panic',
  'insertion index (is ', ') should be <= len (is ', 'removal index (is ', ') should be < len (is ', 'capacity overflow',
  'assertion failed: slot.is_none()', 'finish: callbacks should be Some', 'finish: result should be None',
];

/** Reads what a module is made of: numbers and texts, from a place that moves on. */
class Reader {
  constructor(bytes, place = 0) {
    this.bytes = bytes;
    this.place = place;
  }

  number() {
    let [value, shift, byte] = [0, 0, 0];
    do {
      byte = this.bytes[this.place++];
      value += (byte & 0x7f) * 2 ** shift;
      shift += 7;
    } while (byte & 0x80);
    return value;
  }

  text() {
    const length = this.number();
    this.place += length;
    return Buffer.from(this.bytes.subarray(this.place - length, this.place)).toString();
  }
}

function number(value) {
  const bytes = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 0x80);
  }
}

const text = (value) => [...number(Buffer.byteLength(value)), ...Buffer.from(value)];

const IMPORTS = 2;
const DATA = 11;
const FUNCTION = 0;

/** Gives a reader that stands at the content of the section of this kind, and where the section starts and ends. */
function section(bytes, wanted) {
  const reader = new Reader(bytes, 8);
  while (reader.place < bytes.length) {
    const start = reader.place;
    const [kind, length] = [reader.number(), reader.number()];
    const end = reader.place + length;
    if (kind === wanted) return { reader, start, end };
    reader.place = end;
  }
  throw new Error(`the module has no section of kind ${wanted}`);
}

/**
 * A module and its glue with short names for what the one imports from the other.
 * @param {Uint8Array} bytes
 * @param {string} glue as wasm-bindgen writes it
 * @returns {{ bytes: Uint8Array, glue: string }}
 */
export function withShortImports(bytes, glue) {
  const { reader, start, end } = section(bytes, IMPORTS);
  const count = reader.number();
  const entries = number(count);
  let renamed = glue;
  for (let place = 0; place < count; place += 1) {
    const [from, name] = [reader.text(), reader.text()];
    if (reader.number() !== FUNCTION) throw new Error(`${name}: only functions are expected to be imported`);
    const short = `i${place.toString(36)}`;
    renamed = replaceOnce(renamed, new RegExp(`^( *)${name}: function\\(`, 'm'), `${short}: function(`);
    entries.push(...text(from), ...text(short), FUNCTION, ...number(reader.number()));
  }
  const rewritten = Buffer.from([IMPORTS, ...number(entries.length), ...entries]);
  return { bytes: Buffer.concat([bytes.subarray(0, start), rewritten, bytes.subarray(end)]), glue: renamed };
}

/** The paths of source files, as Cargo, `--remap-path-prefix` and the standard library have them. */
const SOURCE = /\/(?:kaifu|crates|rustc|rust)\/[\w./-]+?\.rs|(?:crates|library)\/[\w./-]+?\.rs/g;

/**
 * A module with zeros for the places in source files that panics name: path, line and column. Only
 * for one whose panics have no message.
 * @param {Uint8Array} bytes
 */
export function withoutPanicPlaces(bytes) {
  const result = Buffer.from(bytes);
  const { reader } = section(result, DATA);
  const segments = [];
  const lengths = new Map();
  for (let left = reader.number(); left > 0; left -= 1) {
    const [kind, constant] = [reader.number(), reader.number()];
    const address = reader.number();
    if (kind !== 0 || constant !== 0x41 || reader.number() !== 0x0b) throw new Error('a data segment of an unexpected kind');
    const size = reader.number();
    const data = result.subarray(reader.place, (reader.place += size));
    segments.push({ address, data });
    for (const { 0: path, index } of data.toString('latin1').matchAll(SOURCE)) lengths.set(address + index, path.length);
  }
  if (lengths.size === 0) throw new Error('no path of a source file was found: is the build another one?');
  // The places first: a place is its path's address and length, the line and the column.
  for (const { address, data } of segments) {
    for (let at = (4 - (address % 4)) % 4; at + 16 <= data.length; at += 4) {
      if (lengths.has(data.readUInt32LE(at)) && lengths.get(data.readUInt32LE(at)) === data.readUInt32LE(at + 4)) data.fill(0, at, at + 16);
    }
  }
  for (const { address, data } of segments) {
    for (const [path, length] of lengths) {
      if (path >= address && path < address + data.length) data.fill(0, path - address, path - address + length);
    }
  }
  return result;
}

/**
 * A module with zeros for the words of panics. Only for one whose panics have no message.
 * @param {Uint8Array} bytes
 */
export function withoutPanicWords(bytes) {
  const result = Buffer.from(bytes);
  const { start, end } = section(result, DATA);
  const data = result.subarray(start, end);
  let found = 0;
  for (const words of LAST_WORDS) {
    for (let place = data.indexOf(words); place !== -1; place = data.indexOf(words, place)) {
      data.fill(0, place, place + words.length);
      found += 1;
    }
  }
  if (found === 0) throw new Error('no words of a panic were found: have they changed?');
  return result;
}
