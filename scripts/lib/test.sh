# `./build.sh test`: every check and test, or some parts of them, and one line that counts them.

# Each part with what it is, one a line; `./build.sh help` shows this list.
all_parts='format      the form of the Rust sources
lint        clippy, native and wasm32
docs        the documentation of all crates
laws        tests/tests/tidy: imports, dependencies, manifest, sizes, links
crates      the unit and integration tests of all crates
wasm        the tests of crates that run in the browser
build       tests/build: the scripts and what they make
api         tests/api: the promises of the API
e2e         tests/e2e: the whole, in the browser'

list_parts() { printf '%s\n' "$all_parts" | sed 's/^/                   /'; }

part_names() { printf '%s\n' "$all_parts" | cut -d' ' -f1; }

# is_part NAME: whether it is a part of the tests, or a file of them.
is_part() {
  case $1 in *.test.mjs) [ -f "$1" ] && return ;; esac
  part_names | grep -qx -- "$1"
}

passed=0 failed=0 skipped=0

# selected PART...: whether one of these parts is to run; a file counts as its folder's part.
selected() {
  local part
  for part in "$@"; do
    case " $selection " in *" $part "* | *" tests/$part/"*) return 0 ;; esac
  done
  return 1
}

# check NAME COMMAND...: a step that counts only where it fails.
check() {
  step "$@"
  [ "$step_status" = 0 ] || failed=$((failed + 1))
}

# sum PATTERN FILE: adds up the numbers that the pattern's group finds in a file.
sum() { sed -nE "s/$1/\\1/p" "$2" | awk '{ total += $1 } END { print total + 0 }'; }

# count_rust: adds the last step's results, as Rust's test harness prints them with --show-output.
count_rust() {
  local before=$failed without
  # A test that lacks a program says so and returns, which the harness takes for passed.
  without=$(grep -c '^skipped: ' "$step_log" || true)
  passed=$((passed + $(sum '^test result: .* ([0-9]+) passed;.*' "$step_log") - without))
  failed=$((failed + $(sum '^test result: .* ([0-9]+) failed;.*' "$step_log")))
  skipped=$((skipped + $(sum '^test result: .* ([0-9]+) ignored;.*' "$step_log") + without))
  # A test binary that did not compile or died counts no failure of its own.
  [ "$step_status" = 0 ] || [ "$failed" != "$before" ] || failed=$((failed + 1))
}

# count_node FILE: adds the last step's results from a TAP file of node --test.
count_node() {
  local before=$failed
  passed=$((passed + $(sum '^# pass ([0-9]+)$' "$1")))
  failed=$((failed + $(sum '^# fail ([0-9]+)$' "$1") + $(sum '^# cancelled ([0-9]+)$' "$1")))
  skipped=$((skipped + $(sum '^# skipped ([0-9]+)$' "$1") + $(sum '^# todo ([0-9]+)$' "$1")))
  [ "$step_status" = 0 ] || [ "$failed" != "$before" ] || failed=$((failed + 1))
}

# browser_crates: the crates that have WebAssembly or bindings to a browser in them.
browser_crates() {
  local manifest
  for manifest in crates/*/Cargo.toml; do
    ! grep -qE '^(\[dependencies\.)?(web-sys|js-sys|wasm-bindgen)' "$manifest" ||
      basename "$(dirname "$manifest")"
  done
}

lint_wasm() {
  local crate packages=()
  for crate in $(browser_crates); do packages+=(-p "kaifu-$crate"); done
  cargo clippy --locked --target wasm32-unknown-unknown ${packages[@]+"${packages[@]}"} -- -D warnings
}

doc_strictly() {
  RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps
}

test_wasm() {
  local crate
  node scripts/webdriver.mjs "$KAIFU_CHROME" target/webdriver.json
  for crate in $(browser_crates); do
    grep -rqs wasm_bindgen_test "crates/$crate/src" "crates/$crate/tests" || continue
    step "test the $crate crate in the browser" env \
      CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=wasm-bindgen-test-runner \
      CHROMEDRIVER="$(command -v chromedriver)" \
      WASM_BINDGEN_TEST_ONLY_WEB=1 WASM_BINDGEN_TEST_WEBDRIVER_JSON="$PWD/target/webdriver.json" \
      cargo test --locked --target wasm32-unknown-unknown -p "kaifu-$crate"
    count_rust
  done
}

# node_files: the selected test files of node.
node_files() {
  local part
  for part in build api e2e; do
    case " $selection " in *" $part "*) find "tests/$part" -name '*.test.mjs' ;; esac
  done
  printf '%s\n' "$selection" | tr ' ' '\n' | grep '\.test\.mjs$' || true
}

test_node() {
  local files=() file tap=target/log/node-tests.tap
  while IFS= read -r file; do files+=("$file"); done < <(node_files | LC_ALL=C sort -u)
  [ "${#files[@]}" != 0 ] || return 0
  rm -f "$tap"
  step "test the build, the API and the whole in the browser" node --test \
    --test-reporter=spec --test-reporter-destination=stdout \
    --test-reporter=tap --test-reporter-destination="$tap" "${files[@]}"
  touch "$tap"
  count_node "$tap"
}

# prepare_tests: installs and builds what the selected parts need, and nothing else.
prepare_tests() {
  local packages=()
  prepare
  ! selected wasm e2e || packages+=(chromium)
  ! selected wasm || packages+=(chromium-driver)
  ! selected crates e2e || packages+=(openssl)
  ! selected crates || packages+=(postgresql)
  begin_packages ${packages[@]+"${packages[@]}"}
  if selected wasm; then
    begin_tools test-runner
  elif selected laws build api e2e; then
    begin_tools
  fi
  # The laws also look at what was built.
  if selected laws e2e; then begin_extension; fi
  if selected api e2e; then begin_server; fi
  finish_needed
  if selected laws e2e; then
    finish_extension
    print_sizes
  fi
  ! selected wasm e2e || use_chrome
  ! selected crates || install_pebble
  ! selected api || install_schemathesis
}

# run_tests [PART...]
run_tests() {
  local others
  selection=${*:-$(part_names | tr '\n' ' ')}
  prepare_tests
  ! selected format || check "format" cargo fmt --all --check
  if selected lint; then
    check "lint, native" cargo clippy --locked --workspace --all-targets -- -D warnings
    check "lint, wasm32" lint_wasm
  fi
  ! selected docs || check "documentation" doc_strictly
  others="--workspace --exclude kaifu-tests"
  if selected laws && selected crates; then others=--workspace; fi
  if selected crates; then
    # shellcheck disable=SC2086
    step "test the crates" cargo test --locked $others --no-fail-fast -- --show-output
    count_rust
  elif selected laws; then
    step "test the laws" cargo test --locked -p kaifu-tests --no-fail-fast -- --show-output
    count_rust
  fi
  ! selected wasm || test_wasm
  test_node

  printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  [ "$failed" = 0 ]
}

cargo_deny_version=0.20.2

# check_advisories: known security advisories about what is shipped and what builds it. Not part of the
# tests: what they say must not depend on the day.
check_advisories() {
  install_rust
  require_node
  if ! is_version cargo-deny "$cargo_deny_version"; then
    need "$network_hint" "install cargo-deny $cargo_deny_version" env CARGO_PROFILE_RELEASE_OPT_LEVEL=1 \
      CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
      cargo install cargo-deny --version "=$cargo_deny_version" --locked --root "$tools" --force
  fi
  local manifest
  for manifest in Cargo.toml scripts/tools/wasm/Cargo.toml; do
    check "advisories about $manifest" cargo deny --manifest-path "$manifest" --locked --config deny.toml check advisories
  done
  check "advisories about package-lock.json" npm audit --package-lock-only
  [ "$failed" = 0 ]
}
