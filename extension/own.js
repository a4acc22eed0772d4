import init, { start_texts } from "./wasm/kaifu_options.js";

init().then(start_texts);
