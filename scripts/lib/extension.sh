# Builds the extension into dist/chrome, the server, and the zip for the store.

dist=dist/chrome
default_backend=http://127.0.0.1:8787
source_hint="The lines above say what is wrong in the source."

# wasm_crates: the crates that become programs of the extension.
wasm_crates() {
  local manifest
  for manifest in crates/*/Cargo.toml; do
    ! grep -q '"cdylib"' "$manifest" || basename "$(dirname "$manifest")"
  done
}

# The crates that run in Gmail's page: they lie in content/, and there once more as JavaScript.
gmail_crates="gmail panel"

# inputs_of CRATE: the folders of a crate and of what it is built from among ours.
inputs_of() {
  local waiting=("$1") seen=" " crate
  while [ "${#waiting[@]}" != 0 ]; do
    crate=${waiting[0]}
    waiting=(${waiting[@]+"${waiting[@]:1}"})
    case $seen in *" $crate "*) continue ;; esac
    seen+="$crate "
    printf 'crates/%s\n' "$crate"
    while IFS= read -r crate; do waiting+=("$crate"); done \
      < <(sed -n 's/^kaifu-\([a-z0-9-]*\)[ .=].*/\1/p' "crates/$crate/Cargo.toml")
  done
}

# crate_inputs CRATE TEXT...: one hash over all that a module is made of.
crate_inputs() {
  local folders=() folder
  while IFS= read -r folder; do folders+=("$folder"); done < <(inputs_of "$1" | LC_ALL=C sort)
  shift
  hash "${folders[@]}" Cargo.toml Cargo.lock package-lock.json scripts/*.mjs scripts/lib/*.mjs \
    scripts/lib/extension.sh scripts/tools "$@" "$(rustc --version)"
}

# use_wasm_flags [FLAG...]: the compiler's flags for what ships, instead of all that the user may have set.
# Paths of this machine would otherwise end up in panic messages, and make each build different. The
# compact SHA-256 is a quarter of the size, and a token needs only a few blocks of it.
use_wasm_flags() {
  local flag folder separator=$'\x1f' flags
  flags="--cfg${separator}sha2_backend_soft=\"compact\"${separator}--remap-path-prefix=$PWD=/kaifu"
  for folder in "$cargo_home"/registry/src/*/; do
    flags+="$separator--remap-path-prefix=${folder%/}=/crates"
  done
  for flag in "$@"; do flags+="$separator$flag"; done
  # Cargo splits these at the separator, so a folder may have a space in its name.
  export CARGO_ENCODED_RUSTFLAGS=$flags
  unset CARGO_BUILD_TARGET CARGO_INCREMENTAL
  local name
  for name in $(compgen -e CARGO_PROFILE_ || true); do unset "$name"; done
}

# module_of CRATE PROFILE [ARGUMENT...]: compiles a crate, prints where its module is.
module_of() {
  local crate=$1 profile=$2
  shift 2
  cargo build --locked --lib -p "kaifu-$crate" --profile "$profile" --target wasm32-unknown-unknown \
    --message-format=json-render-diagnostics "$@" | node scripts/artifact.mjs "kaifu_$crate" .wasm
}

# compile_wasm CRATE...: what wasm-pack will find compiled, so that this need not wait for wasm-pack itself;
# "fallback" is what runs in Gmail's page for pack_fallback, in target/raw.
compile_wasm() {
  local crate module
  mkdir -p target/raw
  # The sources must lie there before their folders are looked for.
  cargo fetch --locked
  use_wasm_flags
  for crate in "$@"; do
    [ "$crate" != fallback ] || continue
    module_of "$crate" "$wasm_profile" >/dev/null
  done
  case " $* " in
    *" fallback "*)
      # Optimised in a --dev build, too: wasm2js takes minutes over what the compiler has not made small.
      use_wasm_flags -C target-cpu=mvp
      # In a folder of its own: with other flags, cargo would make the others' parts anew.
      for crate in $gmail_crates; do
        module=$(module_of "$crate" wasm --target-dir target/fallback)
        cp "$module" "target/raw/$crate.wasm"
      done
      ;;
  esac
}

# pack_module CRATE TARGET OUTPUT: a crate's module with its JavaScript, optimised and minified.
pack_module() {
  local crate=$1 name="kaifu_$1" target=$2 out=$3
  use_wasm_flags
  wasm-pack build "crates/$crate" --target "$target" --mode no-install --no-typescript --no-pack --no-opt \
    --profile "$wasm_profile" --out-dir "$PWD/$out" --out-name "$name" -- --locked
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

# pack_fallback OUTPUT: what runs in Gmail's page once more, as JavaScript, for pages that forbid WebAssembly.
pack_fallback() {
  pack_twin "$1" gmail start
  pack_twin "$1" panel show
}

# pack_twin OUTPUT CRATE ENTRY: one crate as JavaScript, whose ENTRY is to be called.
pack_twin() {
  local out=$1 name="kaifu_$2"
  # The standard library comes compiled with these, whatever the target CPU.
  local features=(--mvp-features --enable-mutable-globals --enable-sign-ext
    --enable-nontrapping-float-to-int --enable-bulk-memory --enable-bulk-memory-opt)
  # wasm-bindgen would use reference types, which JavaScript cannot stand in for, where it reads of them.
  wasm-opt -g "${features[@]}" --strip-target-features "target/raw/$2.wasm" -o "$out/bare.wasm"
  wasm-bindgen --target no-modules --no-typescript --out-dir "$out" --out-name "$name" "$out/bare.wasm"
  node scripts/shrink.mjs "$out/${name}_bg.wasm" "$out/$name.js"
  wasm-opt "${features[@]}" --signext-lowering --llvm-nontrapping-fptoint-lowering \
    --llvm-memory-copy-fill-lowering -Oz "$out/${name}_bg.wasm" -o "$out/lowered.wasm"
  wasm2js -O "$out/lowered.wasm" -o "$out/asm.js"
  node scripts/fallback.mjs "$out/asm.js" "$out/$name.js" "$3" "$out/${name}_js.js"
}

# known_files FOLDER: the files in it that git knows; outside of a checkout, as in a source archive, all.
known_files() {
  if [ -e .git ]; then
    git -c core.quotePath=false ls-files --cached -- "$1"
  else
    find "$1" -type f
  fi | LC_ALL=C sort
}

# unknown_files FOLDER: the files in it that git neither knows nor ignores.
unknown_files() {
  [ ! -e .git ] || git -c core.quotePath=false ls-files --others --exclude-standard -- "$1"
}

# assemble OUTPUT: everything that the extension is made of.
assemble() {
  local out=$1 file crate files
  files=$(known_files extension)
  while IFS= read -r file; do
    mkdir -p "$(dirname "$out/${file#extension/}")"
    cp "$file" "$out/${file#extension/}"
  done <<<"$files"
  mkdir -p "$out/wasm"
  for crate in $(wasm_crates); do
    local place=wasm
    case " $gmail_crates " in *" $crate "*) place=content ;; esac
    cp "target/pkg/$crate/kaifu_$crate.js" "target/pkg/$crate/kaifu_${crate}_bg.wasm" "$out/$place/"
  done
  cp target/pkg/fallback/*_js.js "$out/content/"
  node scripts/minify.mjs "$out"/content/page.js "$out"/content/boot.js "$out"/content/toggle.css
  node scripts/manifest.mjs manifest.json "$backend" "$out/manifest.json"
}

# parcel_inputs PARCEL: what a parcel of the extension, a crate or "fallback", is made of. The backend's
# address is compiled in.
parcel_inputs() {
  if [ "$1" = fallback ]; then crate_inputs gmail wasm && crate_inputs panel wasm; else crate_inputs "$1" "$wasm_profile" "$backend"; fi
}

# plan_extension: which parcels have to be made anew, in $parcels, and what of, in $parcel_hashes.
plan_extension() {
  backend=$(node scripts/backend.mjs "${KAIFU_BACKEND:-$default_backend}") || exit 1
  export KAIFU_BACKEND=$backend
  wasm_profile=wasm
  [ -z "$dev" ] || wasm_profile=dev
  local parcel inputs file
  parcels=() parcel_hashes=() all_hashes=
  for parcel in $(wasm_crates) fallback; do
    inputs=$(parcel_inputs "$parcel")
    all_hashes+=$inputs
    is_done "pkg-$parcel" "$inputs" "target/pkg/$parcel" && continue
    parcels+=("$parcel")
    parcel_hashes+=("$inputs")
  done
  while IFS= read -r file; do
    [ -z "$file" ] || say "  - $file is left out, as git does not know it (git add)"
  done < <(unknown_files extension)
}

# begin_extension: begins to compile what plan_extension found.
begin_extension() {
  [ "${#parcels[@]}" != 0 ] || return 0
  hint=$source_hint begin "compile ${parcels[*]} to WebAssembly" compile_wasm ${parcels[@]+"${parcels[@]}"}
}

# finish_extension: packs what was compiled, and puts the extension together.
finish_extension() {
  local parcel index inputs target
  for parcel in ${parcels[@]+"${parcels[@]}"}; do
    not_done "pkg-$parcel"
    target=web
    case $parcel in
      fallback) hint=$source_hint begin "pack $parcel" into target/pkg/fallback pack_fallback ;;
      *)
        [ "$parcel" != gmail ] || target=no-modules
        hint=$source_hint begin "pack $parcel" into "target/pkg/$parcel" pack_module "$parcel" "$target"
        ;;
    esac
  done
  finish_needed
  for index in ${parcels[@]+"${!parcels[@]}"}; do
    parcel=${parcels[index]}
    [ "$(parcel_inputs "$parcel")" = "${parcel_hashes[index]}" ] ||
      fail "The source of $parcel changed while it was being built. Run this again."
    mark_done "pkg-$parcel" "${parcel_hashes[index]}" "target/pkg/$parcel"
  done
  inputs=$(dist_inputs)
  if ! is_done dist "$inputs" "$dist"; then
    not_done dist
    need "A file that the extension needs is missing." "assemble $dist" into "$dist" assemble
    [ "$(dist_inputs)" = "$inputs" ] || fail "The extension's files changed while it was put together. Run this again."
    mark_done dist "$inputs" "$dist"
  fi
}

dist_inputs() {
  hash "$(known_files extension | hash_list)" manifest.json scripts "$all_hashes" "$backend"
}

# begin_server: begins to build the server; afterwards it is at $server. The demo has one user, so where
# there is no release build yet, which takes minutes to optimise, it takes a debug build.
begin_server() {
  local profile=--release
  server=target/release/kaifu-server
  if [ -n "$dev" ] || { [ -n "$demo" ] && [ ! -e "$server" ]; }; then
    profile='' server=target/debug/kaifu-server
  fi
  hint=$source_hint begin "build kaifu-server" compile_server "$server" ${profile:+"$profile"}
}

# compile_server RESULT [FLAG]: builds the server; the user's settings may put it elsewhere than we look.
compile_server() {
  local result=$1 made
  shift
  made=$(cargo build --locked "$@" -p kaifu-server --message-format=json-render-diagnostics |
    node scripts/artifact.mjs kaifu-server)
  if [ "$made" -ef "$result" ] || cmp -s "$made" "$result"; then return; fi
  mkdir -p "$(dirname "$result")"
  cp "$made" "$result.new"
  mv -f "$result.new" "$result"
}

print_sizes() { node scripts/sizes.mjs "$dist"; }

package_extension() {
  local version zip
  version=$(node --print 'JSON.parse(require("fs").readFileSync("manifest.json")).version')
  zip="dist/kaifu-$version-chrome.zip"
  [ "$(rustc --version | cut -d' ' -f2)" = "$(pinned_rust)" ] ||
    say "  - the bytes are not those of Rust $(pinned_rust), as $(rustc --version) is in use"
  need "Nothing else may write to $dist meanwhile." "pack $zip" pack "$zip"
  print_sizes
  sha256 "$zip"
}

pack() {
  node scripts/package.mjs "$dist" "$1.new"
  mv -f "$1.new" "$1"
}
