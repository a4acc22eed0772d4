// Stands in for scripts/shrink.mjs, which takes only what the compiler wrote.
