# Finds the build tools, and installs the ones that are missing or of another version.

# Without HOME, the home directory of whoever runs this; without one that can be written to, a folder here.
if [ -z "${HOME:-}" ]; then
  unset HOME
  HOME=~
fi
[ -w "$HOME" ] || HOME="$PWD/target/home"
export HOME

cargo_home=${CARGO_HOME:-$HOME/.cargo}
tools=${KAIFU_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/kaifu/tools}
PATH="$tools/bin:$PWD/node_modules/.bin:$cargo_home/bin:$PATH"
export PATH

# is_version COMMAND VERSION: whether the command on PATH is of exactly this version.
is_version() {
  local found
  found=$("$1" --version 2>/dev/null) && [ "${found##* }" = "$2" ]
}

network_hint="Check the network and run this again."

# pinned_rust: the version that rust-toolchain.toml names.
pinned_rust() { sed -n 's/^channel = "\(.*\)"$/\1/p' rust-toolchain.toml; }

# use_same_rust: takes the pinned compiler where rustup has it under another name, such as "stable".
use_same_rust() {
  local toolchain
  for toolchain in $(rustup toolchain list | sed 's/ .*//'); do
    case $toolchain in "$(pinned_rust)-"*) return ;; esac
  done
  for toolchain in $(rustup toolchain list | sed 's/ .*//'); do
    if [ "$(rustup run "$toolchain" rustc --version 2>/dev/null | cut -d' ' -f2)" = "$(pinned_rust)" ]; then
      export RUSTUP_TOOLCHAIN=$toolchain
      return
    fi
  done
}

# install_rust: rustup adds what rust-toolchain.toml names; without rustup, what is there has to do.
install_rust() {
  have cargo || fail "Rust is missing. Install it from https://rustup.rs and run this again."
  [ -n "${RUSTUP_TOOLCHAIN:-}" ] || ! have rustup || use_same_rust
  if rustc --version >/dev/null 2>&1 && has_wasm_target; then return; fi
  have rustup || fail "Rust's wasm32-unknown-unknown target is missing, and rustup is not there to add it."
  need "$network_hint" "install Rust $(pinned_rust)" rustup toolchain install "$(pinned_rust)" \
    --profile minimal --component clippy --component rustfmt --target wasm32-unknown-unknown
  has_wasm_target || need "$network_hint" "add Rust's wasm32 target" rustup target add wasm32-unknown-unknown
}

has_wasm_target() {
  compgen -G "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown/lib/libcore-*.rlib" >/dev/null
}

# find_wasm_tools: puts wasm-pack and wasm-bindgen's commands in front of all others. Their folder is named
# after what they are made of, so that checkouts with other versions keep theirs.
find_wasm_tools() {
  wasm_tools_home="$tools/wasm-$(hash scripts/tools/wasm | cut -c1-16)"
  PATH="$wasm_tools_home/bin:$PATH"
}

# has_wasm_tools [test-runner]: whether they are there; with that word, also what runs tests in a browser.
has_wasm_tools() { [ -e "$wasm_tools_home/done${1:+-$1}" ]; }

install_wasm_tools() {
  local tool
  cargo install --path scripts/tools/wasm --locked --force ${1:+--features "$1"} \
    --root "$wasm_tools_home" --target-dir target/tools/wasm
  # wasm-pack looks for wasm-bindgen under its own name.
  for tool in wasm-bindgen wasm-pack ${1:+"wasm-bindgen-$1"}; do
    ln -sf "kaifu-$tool" "$wasm_tools_home/bin/$tool"
  done
  : >"$wasm_tools_home/done${1:+-$1}"
  : >"$wasm_tools_home/done"
  rm -rf target/tools/wasm
}

require_node() {
  have npm || fail "Node.js 20 or later with npm is missing. Install it from https://nodejs.org and run this again."
  local major
  major=$(node --print 'process.versions.node.split(".")[0]')
  [ "$major" -ge 20 ] || fail "Node.js $major is too old: 20 or later is needed."
  node_inputs=$(hash package.json package-lock.json "$(node --version)")
}

has_node_modules() { [ -d node_modules ] && is_done node_modules "$node_inputs"; }

install_node_modules() {
  not_done node_modules
  # No package here needs its install script.
  npm ci --ignore-scripts --no-audit --no-fund
  mark_done node_modules "$node_inputs"
}

# as_root COMMAND...: within a step, where nobody can type a password; `allow_root` asked for it before.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# allow_root WHY: lets sudo ask for the password in the foreground, where it can be typed.
allow_root() {
  [ "$(id -u)" != 0 ] || return 0
  have sudo || return 1
  ! sudo -n true 2>/dev/null || return 0
  say "  $1 needs root's rights."
  sudo -v
}

apt_install() {
  as_root apt-get update
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

# has_package PACKAGE: whether what we need of a Debian package is there.
has_package() {
  case $1 in
    chromium) find_chrome >/dev/null 2>&1 ;;
    chromium-driver) have chromedriver ;;
    postgresql) compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null ;;
    pebble) have pebble && have pebble-challtestsrv ;;
    python3-venv) python3 -c 'import ensurepip, venv' 2>/dev/null ;;
    *) have "$1" ;;
  esac
}

# missing_packages PACKAGE...: lists in $missing the packages that are not there.
missing_packages() {
  local package
  missing=()
  for package in "$@"; do
    has_package "$package" || missing+=("$package")
  done
}

# begin_packages PACKAGE...: begins to install what is missing of these.
begin_packages() {
  missing_packages "$@"
  [ "${#missing[@]}" != 0 ] || return 0
  have apt-get || fail "Missing: ${missing[*]}. Install them with your system's package manager and run this again."
  allow_root "Installing ${missing[*]}" ||
    fail "Installing ${missing[*]} needs root's rights. Install it by hand and run this again."
  hint="Install ${missing[*]} by hand and run this again." begin "install ${missing[*]}" apt_install "${missing[@]}"
}

# want_packages PACKAGE...: installs what is missing of these where that can be done; tests that lack it are skipped.
want_packages() {
  missing_packages "$@"
  [ "${#missing[@]}" != 0 ] || return 0
  if ! have apt-get || ! allow_root "Installing ${missing[*]}"; then return; fi
  step "install ${missing[*]}" apt_install "${missing[@]}"
}

# find_chrome: prints the browser to use, or says what is wrong and fails. The tests use the same function.
find_chrome() { node scripts/browser.mjs; }

# use_chrome: the browser, for all that is started from here.
use_chrome() {
  KAIFU_CHROME=$(find_chrome) || fail "Without a browser this cannot go on."
  export KAIFU_CHROME
}

# install_pebble: the certificate authority of the server's tests, where there is a package of it.
install_pebble() {
  want_packages pebble
  has_package pebble && return
  say "  - orders of certificates: not tested, as Pebble, a certificate authority for tests, is not installed"
}

schemathesis_version=4.32.5

# install_schemathesis: the API's examiner, in a folder of its own, where there is Python for it.
install_schemathesis() {
  if is_version st "$schemathesis_version"; then return; fi
  if have python3; then
    want_packages python3-venv
    step "install schemathesis $schemathesis_version" make_schemathesis
  fi
  is_version st "$schemathesis_version" && return
  say "  - promises of the API's description: not tested, as Schemathesis is not installed (it needs Python 3.10 with venv, and PyPI)"
}

make_schemathesis() {
  local home="$tools/schemathesis"
  rm -rf "$home" "$tools/bin/st"
  python3 -m venv "$home"
  # Wheels alone: what builds a source package would come without a hash.
  "$home/bin/python" -m pip install --quiet --disable-pip-version-check \
    --require-hashes --only-binary :all: --requirement scripts/schemathesis.txt
  mkdir -p "$tools/bin"
  ln -s "$home/bin/st" "$tools/bin/st"
}
