// Starts the content script, and leaves the page untouched where it cannot run.
(() => {
  const url = (file) => chrome.runtime.getURL(`content/${file}`);
  wasm_bindgen({ module_or_path: url("kaifu_gmail_bg.wasm") })
    .then(() => [wasm_bindgen.start, "wasm"])
    .catch((error) => {
      // The page's policy forbids WebAssembly: the same program runs as JavaScript.
      if (!(error instanceof WebAssembly.CompileError)) throw error;
      return import(url("kaifu_gmail_js.js")).then(({ start }) => [start, "js"]);
    })
    .then(([start, runtime]) => start(runtime))
    .catch((error) => console.warn("Kaifu could not start on this page:", error));
})();
