import init, { start } from "./wasm/kaifu_report.js";

init().then(start);
