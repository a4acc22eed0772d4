#!/usr/bin/env bash
# Stands in for npm: links to the packages that are installed already, but for what works on modules.
set -euo pipefail
mkdir -p node_modules/.bin
for package in "$SCRATCH_MODULES"/*; do
  ln -sfn "$package" "node_modules/${package##*/}"
done
for program in wasm-opt wasm2js; do
  cp "$CARGO_HOME/bin/pack-module" "node_modules/.bin/$program"
done
