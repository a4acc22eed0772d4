# Finds the build tools, and installs the ones that are missing or of another version.

tools="${KAIFU_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/kaifu/tools}"
PATH="$tools/bin:$PWD/node_modules/.bin:$HOME/.cargo/bin:$PATH"
export PATH

wasm_pack_version=0.15.1

# locked CRATE: the version of a crate in Cargo.lock.
locked() {
  sed -n "/^name = \"$1\"\$/{n;s/^version = \"\(.*\)\"\$/\1/p;q}" Cargo.lock
}

# is_version COMMAND VERSION: whether the command on PATH is of exactly this version.
is_version() {
  local found
  found=$("$1" --version 2>/dev/null) && [ "${found##* }" = "$2" ]
}

require_rust() {
  have cargo || fail "Rust is missing. Install it from https://rustup.rs and run this again."
}

install_wasm_tools() {
  require_rust
  local bindgen
  bindgen=$(locked wasm-bindgen)
  [ -n "$bindgen" ] || fail "Cargo.lock does not name wasm-bindgen."
  install_wasm_target
  if ! is_version wasm-bindgen "$bindgen"; then
    # Without --locked: the lock file that the tool ships with names a yanked crate.
    need "Check the network and run this again." "install wasm-bindgen $bindgen" \
      cargo install wasm-bindgen-cli --version "=$bindgen" --root "$tools" --force
  fi
  if ! is_version wasm-pack "$wasm_pack_version"; then
    need "Check the network and run this again." "install wasm-pack $wasm_pack_version" \
      cargo install wasm-pack --version "=$wasm_pack_version" --locked --root "$tools" --force
  fi
}

has_wasm_target() {
  [ -n "$(find "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown/lib" \
    -name 'libcore-*.rlib' -print -quit 2>/dev/null)" ]
}

install_wasm_target() {
  if has_wasm_target; then return; fi
  have rustup || fail "Rust's wasm32-unknown-unknown target is missing, and rustup is not there to add it."
  step "add Rust's wasm32 target" rustup target add wasm32-unknown-unknown
  [ "$step_status" = 0 ] || fail "Rust's wasm32-unknown-unknown target could not be added. Check the network and run this again."
}

install_node_modules() {
  have npm || fail "Node.js 20 or later with npm is missing. Install it from https://nodejs.org and run this again."
  local major
  major=$(node --print 'process.versions.node.split(".")[0]')
  [ "$major" -ge 20 ] || fail "Node.js $major is too old: 20 or later is needed."
  local inputs
  inputs=$(hash package.json package-lock.json "$(node --version)")
  if [ -d node_modules ] && is_done node_modules "$inputs"; then return; fi
  # No package here needs its install script.
  need "Check the network and run this again." "install the Node packages" \
    npm ci --ignore-scripts --no-audit --no-fund
  mark_done node_modules "$inputs"
}

# find_chrome: prints the browser to use, or fails.
find_chrome() {
  local candidate
  for candidate in "${KAIFU_CHROME:-}" chromium chromium-browser google-chrome-stable google-chrome \
    "/Applications/Chromium.app/Contents/MacOS/Chromium" \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
    if [ -n "$candidate" ] && have "$candidate"; then
      command -v "$candidate"
      return
    fi
  done
  return 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

apt_install() {
  as_root apt-get update
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

# install_browser [PACKAGE...]: a browser, and the commands behind further Debian packages.
install_browser() {
  local missing=()
  find_chrome >/dev/null || missing+=(chromium)
  local package
  for package in "$@"; do
    case $package in
      postgresql) compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql) ;;
      chromium-driver) have chromedriver || missing+=(chromium-driver) ;;
      *) have "$package" || missing+=("$package") ;;
    esac
  done
  if [ "${#missing[@]}" != 0 ]; then
    have apt-get || fail "Missing: ${missing[*]}. Install them with your system's package manager and run this again."
    need "Install ${missing[*]} by hand and run this again." "install ${missing[*]}" apt_install "${missing[@]}"
  fi
  KAIFU_CHROME=$(find_chrome) || fail "No Chromium or Chrome was found. Install one, or name it in KAIFU_CHROME."
  export KAIFU_CHROME
}

# install_pebble: the certificate authority of the server's tests, where there is a package of it.
install_pebble() {
  if have pebble && have pebble-challtestsrv; then return; fi
  if have apt-get; then step "install pebble" apt_install pebble; fi
  have pebble && have pebble-challtestsrv && return
  say "  - orders of certificates: not tested, as Pebble, a certificate authority for tests, is not installed"
}

schemathesis_version=4.32.5

# install_schemathesis: the API's examiner, in a folder of its own, where there is Python for it.
install_schemathesis() {
  if is_version st "$schemathesis_version"; then return; fi
  rm -f "$tools/bin/st"
  if have python3; then step "install schemathesis $schemathesis_version" make_schemathesis; fi
  is_version st "$schemathesis_version" && return
  say "  - promises of the API's description: not tested, as Schemathesis is not installed (it needs Python 3.10 with venv, and PyPI)"
}

make_schemathesis() {
  local home="$tools/schemathesis"
  rm -rf "$home"
  if ! python3 -m venv "$home" && have apt-get; then
    rm -rf "$home"
    apt_install python3-venv
    python3 -m venv "$home"
  fi
  "$home/bin/python" -m pip install --quiet --disable-pip-version-check \
    --requirement scripts/schemathesis.txt
  mkdir -p "$tools/bin"
  ln -s "$home/bin/st" "$tools/bin/st"
}
