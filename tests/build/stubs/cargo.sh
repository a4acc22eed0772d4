#!/usr/bin/env bash
# Stands in for cargo: a module is the text of its crate, with the flags that it was compiled with.
set -euo pipefail
printf 'cargo %s | flags %s | toolchain %s\n' "$*" "${CARGO_ENCODED_RUSTFLAGS-}" "${RUSTUP_TOOLCHAIN-}" >>"$SCRATCH/calls"

# Waits while a test holds this stand-in.
wait_for_test() {
  while [ -e "$SCRATCH/holds/$1" ]; do
    : >"$SCRATCH/holds/$1.waits"
    sleep 0.02
  done
}

command=$1
crate= root= target= profile=debug
while [ $# != 0 ]; do
  case $1 in
    -p) crate=$2 ;;
    --root) root=$2 ;;
    --target) target=$2 ;;
    --target-dir) CARGO_TARGET_DIR=$2 ;;
    --profile) profile=$2 ;;
    --release) profile=release ;;
  esac
  shift
done

out="${CARGO_TARGET_DIR:-$PWD/target}/${target:+$target/}$profile"
case $command in
  fetch) mkdir -p "$CARGO_HOME/registry/src/index" ;;
  install)
    mkdir -p "$root/bin"
    for tool in wasm-bindgen wasm-bindgen-test-runner wasm-pack; do
      cp "$CARGO_HOME/bin/pack-module" "$root/bin/kaifu-$tool"
    done
    ;;
  build)
    mkdir -p "$out"
    if [ "$crate" = kaifu-server ]; then
      printf '#!/bin/sh\n' >"$out/kaifu-server"
      printf '{"reason":"compiler-artifact","target":{"name":"kaifu-server"},"executable":"%s"}\n' "$out/kaifu-server"
      exit
    fi
    name=${crate//-/_}
    source=$(cat "crates/${crate#kaifu-}/src/lib.rs")
    wait_for_test cargo
    printf '%s\nbackend %s\nrustflags %s\n' "$source" "${KAIFU_BACKEND-}" "${CARGO_ENCODED_RUSTFLAGS-${RUSTFLAGS-}}" >"$out/$name.wasm"
    printf '{"reason":"compiler-artifact","target":{"name":"%s"},"filenames":["%s"],"executable":null}\n' "$name" "$out/$name.wasm"
    ;;
esac
