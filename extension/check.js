import init, { start_check } from "./wasm/kaifu_options.js";

init().then(start_check);
