import init, { start } from "./wasm/kaifu_popup.js";

init().then(start);
