# `./build.sh test`: every check and test, and one line that counts them.

passed=0 failed=0 skipped=0
wasm_crates=(-p kaifu-chrome -p kaifu-l10n -p kaifu-ui -p kaifu-gmail -p kaifu-background -p kaifu-popup -p kaifu-options)

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

test_wasm() {
  local crate
  for crate in chrome l10n ui gmail popup options; do
    [ -e "crates/$crate/tests/web.rs" ] || [ -d "crates/$crate/tests/web" ] || continue
    step "test the $crate crate in the browser" env CHROMEDRIVER="$(command -v chromedriver)" \
      wasm-pack test --headless --chrome --mode no-install "crates/$crate" --locked
    count_rust
  done
}

test_node() {
  local files=() file tap=target/log/node-tests.tap
  while IFS= read -r file; do files+=("$file"); done \
    < <(find tests -name '*.test.mjs' ! -path '*/node_modules/*' | LC_ALL=C sort)
  [ "${#files[@]}" != 0 ] || return 0
  rm -f "$tap"
  step "test the API and the whole in the browser" node --test \
    --test-reporter=spec --test-reporter-destination=stdout \
    --test-reporter=tap --test-reporter-destination="$tap" "${files[@]}"
  touch "$tap"
  count_node "$tap"
}

doc_strictly() {
  RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps
}

run_tests() {
  install_wasm_tools
  install_node_modules
  install_browser chromium-driver openssl postgresql
  install_pebble
  install_schemathesis
  # The laws also look at what was built.
  build_extension
  build_server
  print_sizes

  check "format" cargo fmt --all --check
  check "lint, native" cargo clippy --locked --workspace --all-targets -- -D warnings
  check "lint, wasm32" cargo clippy --locked --target wasm32-unknown-unknown "${wasm_crates[@]}" -- -D warnings
  check "documentation" doc_strictly
  if have cargo-deny; then
    check "licences and sources of dependencies" cargo deny --locked check licenses bans sources
  else
    say "  - licences of dependencies: not checked, as cargo-deny is not installed (cargo install cargo-deny)"
  fi
  step "test the crates" cargo test --locked --workspace --no-fail-fast -- --show-output
  count_rust
  test_wasm
  test_node

  printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  [ "$failed" = 0 ]
}
