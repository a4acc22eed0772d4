# Builds the extension into dist/chrome, the server, and the zip for the store.

dist=dist/chrome
default_backend=http://127.0.0.1:8787
shared_inputs=(Cargo.toml Cargo.lock scripts/*.mjs scripts/lib/*.mjs scripts/lib/extension.sh crates/core crates/protocol crates/chrome crates/l10n crates/ui)

# Paths of this machine would otherwise end up in panic messages, and make each build different. The
# compact SHA-256 is a quarter of the size, and a token needs only a few blocks of it.
set_wasm_flags() {
  local registry="${CARGO_HOME:-$HOME/.cargo}/registry/src" folder
  [ -d "$registry" ] || need "Check the network and run this again." "fetch the crates" cargo fetch --locked
  local flags="--cfg sha2_backend_soft=\"compact\" --remap-path-prefix=$PWD=/kaifu"
  for folder in "$registry"/*/; do
    flags+=" --remap-path-prefix=${folder%/}=/crates"
  done
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS=$flags
}

# compile_wasm CRATE TARGET: one extension crate into target/pkg/CRATE, optimised and minified.
compile_wasm() {
  local crate=$1 target=$2 out="target/pkg/$1" name="kaifu_$1"
  rm -rf "$out"
  wasm-pack build "crates/$crate" --target "$target" --mode no-install --no-typescript --no-pack \
    --no-opt --profile "$wasm_profile" --out-dir "../../$out" --out-name "$name"
  if [ -z "$dev" ]; then
    node scripts/shrink.mjs "$out/${name}_bg.wasm" "$out/$name.js"
    # Which features are on is read from the module, as rustc wrote it. A function with one caller
    # stays a function: alike functions pack better than one that has swallowed them. The lowest kilobyte
    # is the far end of the stack, so no address wraps around into it.
    wasm-opt --low-memory-unused --one-caller-inline-max-function-size=14 -Oz --converge \
      --strip-producers --strip-target-features "$out/${name}_bg.wasm" -o "$out/optimised.wasm"
    mv "$out/optimised.wasm" "$out/${name}_bg.wasm"
  fi
  node scripts/glue.mjs "$target" "$out/$name.js"
}

# compile_fallback: the content script once more, as JavaScript, for pages that forbid WebAssembly.
# Also optimised in a --dev build: wasm2js takes minutes over what the compiler has not made small.
compile_fallback() {
  local out=target/pkg/fallback bare=target/pkg/fallback/bare.wasm
  # The standard library comes compiled with these, whatever the target CPU.
  local features=(--mvp-features --enable-mutable-globals --enable-sign-ext
    --enable-nontrapping-float-to-int --enable-bulk-memory --enable-bulk-memory-opt)
  rm -rf "$out"
  mkdir -p "$out"
  CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="$CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS -C target-cpu=mvp" \
    cargo build --locked --lib -p kaifu-gmail --profile wasm \
    --target wasm32-unknown-unknown --target-dir target/fallback
  # wasm-bindgen would use reference types, which JavaScript cannot stand in for, where it reads of them.
  wasm-opt -g "${features[@]}" --strip-target-features \
    "target/fallback/wasm32-unknown-unknown/wasm/kaifu_gmail.wasm" -o "$bare"
  wasm-bindgen --target no-modules --no-typescript --out-dir "$out" --out-name kaifu_gmail "$bare"
  node scripts/shrink.mjs "$out/kaifu_gmail_bg.wasm" "$out/kaifu_gmail.js"
  wasm-opt "${features[@]}" --signext-lowering --llvm-nontrapping-fptoint-lowering \
    --llvm-memory-copy-fill-lowering -Oz "$out/kaifu_gmail_bg.wasm" -o "$out/lowered.wasm"
  wasm2js -O "$out/lowered.wasm" -o "$out/asm.js"
  node scripts/fallback.mjs "$out/asm.js" "$out/kaifu_gmail.js" "$out/kaifu_gmail_js.js"
}

assemble() {
  local crate
  rm -rf "$dist"
  mkdir -p "$dist/wasm"
  cp -R extension/. "$dist/"
  cp target/pkg/gmail/kaifu_gmail.js target/pkg/gmail/kaifu_gmail_bg.wasm \
    target/pkg/fallback/kaifu_gmail_js.js "$dist/content/"
  for crate in background popup options; do
    cp "target/pkg/$crate/kaifu_$crate.js" "target/pkg/$crate/kaifu_${crate}_bg.wasm" "$dist/wasm/"
  done
  node scripts/minify.mjs "$dist"/content/page.js "$dist"/content/boot.js "$dist"/content/toggle.css
  node scripts/manifest.mjs manifest.json "$backend" "$dist/manifest.json"
}

build_extension() {
  set_wasm_flags
  backend=${KAIFU_BACKEND:-$default_backend}
  export KAIFU_BACKEND=$backend
  wasm_profile=wasm
  [ -z "$dev" ] || wasm_profile=dev
  local common crate inputs all="" hint="The lines above say what is wrong in the source."
  common=$(hash "${shared_inputs[@]}" package.json "$backend" "$wasm_profile" "$(rustc --version)")
  for crate in gmail background popup options; do
    local target=web
    [ "$crate" != gmail ] || target=no-modules
    inputs=$(hash "crates/$crate" "$common")
    all+=$inputs
    if ! is_done "pkg-$crate" "$inputs"; then
      need "$hint" "compile the $crate crate to WebAssembly" compile_wasm "$crate" "$target"
      mark_done "pkg-$crate" "$inputs"
    fi
    if [ "$crate" = gmail ] && ! is_done pkg-fallback "$inputs"; then
      need "$hint" "compile the gmail crate to JavaScript" compile_fallback
      mark_done pkg-fallback "$inputs"
    fi
  done
  inputs=$(hash extension manifest.json scripts "$all")
  if [ ! -d "$dist" ] || ! is_done dist "$inputs"; then
    need "A file that the extension needs is missing." "assemble $dist" assemble
    mark_done dist "$inputs"
  fi
}

build_server() {
  local profile=(--release)
  server=target/release/kaifu-server
  [ -z "$dev" ] || { profile=() && server=target/debug/kaifu-server; }
  need "The lines above say what is wrong in the source." "build kaifu-server" \
    cargo build --locked ${profile[@]+"${profile[@]}"} -p kaifu-server
}

print_sizes() { node scripts/sizes.mjs "$dist"; }

package_extension() {
  local version
  version=$(node --print 'JSON.parse(require("fs").readFileSync("manifest.json")).version')
  need "Nothing else may write to $dist meanwhile." "pack dist/kaifu-$version-chrome.zip" \
    node scripts/package.mjs "$dist" "dist/kaifu-$version-chrome.zip"
  print_sizes
  sha256sum "dist/kaifu-$version-chrome.zip"
}
