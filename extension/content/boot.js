// Starts the content script, and leaves the page untouched where it cannot run.
(() => {
  const url = (file) => chrome.runtime.getURL(`content/${file}`);
  const panel = (name) => (...shown) => import(url(`${name}.js`))
    .then((it) => it.default({ module_or_path: url(`${name}_bg.wasm`) }).then(() => it.show(...shown)));
  wasm_bindgen({ module_or_path: url("kaifu_gmail_bg.wasm") })
    .then(() => wasm_bindgen.start("wasm", panel("kaifu_panel")))
    .catch((error) => {
      // The page's policy forbids WebAssembly: the same programs run as JavaScript.
      if (!(error instanceof WebAssembly.CompileError)) throw error;
      return import(url("kaifu_gmail_js.js")).then(({ start }) => start("js", panel("kaifu_panel_js")));
    })
    .catch((error) => console.warn("Kaifu could not start on this page:", error));
})();
