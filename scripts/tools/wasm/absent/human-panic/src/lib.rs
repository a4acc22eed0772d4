//! Stands in for `human-panic`, which only wasm-pack's own command uses, not the library that we build.
