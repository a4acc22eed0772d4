import init, { start } from "./wasm/kaifu_options.js";

init().then(start);
