#!/usr/bin/env bash
# Stands in for wasm-pack, wasm-bindgen, wasm-opt and wasm2js: hands its input on, or what was compiled.
set -euo pipefail
while [ -e "$SCRATCH/holds/pack-module" ]; do
  : >"$SCRATCH/holds/pack-module.waits"
  sleep 0.02
done
folder= name= out= input= profile=
while [ $# != 0 ]; do
  case $1 in
    --out-dir) folder=$2 && shift ;;
    --out-name) name=$2 && shift ;;
    --target | --mode) shift ;;
    --profile) profile=$2 && shift ;;
    -o) out=$2 && shift ;;
    -*) ;;
    *) input=$1 ;;
  esac
  shift
done
if [ -n "$out" ]; then
  cat "$input" >"$out"
else
  # wasm-pack is given a crate, and has cargo compile it.
  [ -z "$profile" ] || input="${CARGO_TARGET_DIR:-$PWD/target}/wasm32-unknown-unknown/$profile/$name.wasm"
  cat "$input" >"$folder/${name}_bg.wasm"
  printf '// The glue of %s.\n' "$name" >"$folder/$name.js"
fi
