// Stands in for scripts/glue.mjs, which takes only what wasm-bindgen wrote.
