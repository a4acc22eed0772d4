import init, { start_first } from "./wasm/kaifu_options.js";

init().then(start_first);
