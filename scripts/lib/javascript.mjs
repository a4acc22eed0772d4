// Edits of generated JavaScript. Each one insists on the text it expects: a tool that changed its
// output must fail the build, not ship something else.
import { transform } from 'esbuild';

/** Replaces the one place that matches, or throws. */
export function replaceOnce(source, pattern, replacement) {
  const found = source.match(new RegExp(pattern.source, `${pattern.flags.replace('g', '')}g`)) ?? [];
  if (found.length !== 1) throw new Error(`${found.length} places match ${pattern}, expected 1`);
  return source.replace(pattern, () => replacement);
}

/** Minifies a script, a module where the format is "esm", or what else the loader says; top-level names of a script stay. */
export async function minify(source, { format, loader } = {}) {
  const { code } = await transform(source, { minify: true, format, loader, target: 'chrome140', legalComments: 'none' });
  return code;
}

/** wasm-bindgen's glue without `initSync`. */
export function withoutInitSync(source) {
  const bare = replaceOnce(source, /^( *)function initSync\(module\) \{\n[\s\S]*?\n\1\}\n/m, '');
  return replaceOnce(bare, /\{ initSync \}, |\binitSync, /, '');
}

/**
 * wasm-bindgen's glue that loads its module in one way: out of the answer to a request for one of the extension's
 * own files, which the browser calls WebAssembly. What it has for all else, and the words of it, weigh in each page.
 */
export function withOneWayToLoad(source) {
  const load = 'async function __wbg_load(module, imports) {\n  return WebAssembly.instantiateStreaming(module, imports);\n}\n';
  const bare = replaceOnce(source, /^( *)async function __wbg_load\(module, imports\) \{\n[\s\S]*?\n\1\}\n/m, load);
  return replaceOnce(bare, /\n *console\.warn\('using deprecated parameters for the initialization function; [^'\n]*'\);?/, '');
}

/**
 * The body of wasm2js's module: what declares `asmFunc`, without the import and exports around it.
 *
 * A grown WebAssembly memory detaches its old buffer, and wasm-bindgen's glue knows by that when to
 * make new views; wasm2js leaves the old buffer attached, so `transfer` takes the copy's place.
 */
export function asmFunction(source) {
  let body = replaceOnce(source, /^import \* as \S+ from '\.\/\w+\.js';\n/m, '');
  body = replaceOnce(body, /^var retasmFunc = asmFunc\(\{[\s\S]*$/m, '');
  if (/^(?:import|export)\b/m.test(body)) throw new Error('wasm2js wrote more imports or exports than expected');
  return replaceOnce(
    body,
    /var newBuffer = new ArrayBuffer\(newPages << 16\);\s*var newHEAP8 = new Int8Array\(newBuffer\);\s*newHEAP8\.set\(HEAP8\);/,
    'var newBuffer = buffer.transfer(newPages << 16);',
  );
}

/**
 * One ES module that runs the program behind wasm-bindgen's glue without WebAssembly:
 * a `WebAssembly` of its own, in the module's scope, whose instances run wasm2js's code. It exports the
 * program's `entry`, and as its default a function that has nothing left to start.
 */
export function fallbackModule(asm, glue, entry) {
  return `const WebAssembly = (() => {
${asmFunction(asm)}
class Module {}
class Instance {
  constructor(module, imports) {
    this.exports = asmFunc(imports);
  }
}
return { Module, Instance };
})();
${glue}
wasm_bindgen.initSync({ module: new WebAssembly.Module() });
export const { ${entry} } = wasm_bindgen;
export default async () => {};
`;
}
