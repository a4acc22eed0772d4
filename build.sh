#!/usr/bin/env bash
# The one way to build, run and test Kaifu. `./build.sh help` lists the commands.
set -euo pipefail
cd -P "$(dirname "${BASH_SOURCE[0]}")"

for part in ui stamps tools extension run test; do
  # shellcheck source=/dev/null
  . "scripts/lib/$part.sh"
done

usage() {
  cat <<'END'
Usage: ./build.sh [command] [options]

  (no command)   build dist/chrome (load it unpacked) and target/release/kaifu-server
  run            build, start the server, open a browser with the extension on Gmail
                   --demo         on the built-in Gmail stage; no account needed
                   --headless     without a window
                   --no-browser   only the server; prints how to load the extension
  test           install what is missing and run every check and test
  test PART...   only these parts, or files like tests/e2e/schedule.test.mjs:
END
  list_parts
  cat <<'END'
  advisories     look for known security advisories about what is used (needs the network)
  package        dist/kaifu-<version>-chrome.zip, reproducible byte for byte
  bench          the benchmarks, one line `name value unit` each
  help           this text

  --dev          faster, larger builds: no size optimisation, debug server

Environment:
  KAIFU_BACKEND    server address built into the extension (default http://127.0.0.1:8787)
  KAIFU_TOOLS      where build tools are kept (default ~/.cache/kaifu/tools)
  KAIFU_CHROME     the Chromium or Chrome to use (default: the first one found)
  KAIFU_DATA_DIR   the server's data for `run` (default ~/.local/share/kaifu)
END
}

# prepare: checks what cannot be installed from here, and sees what has to be built.
prepare() {
  install_rust
  require_node
  find_wasm_tools
  lock_build
  plan_extension
}

# begin_tools [test-runner]: begins to install the build tools that are missing, also for tests in a browser.
# All of it runs beside the compiler.
begin_tools() {
  has_node_modules || hint=$network_hint begin "install the Node packages" install_node_modules
  has_wasm_tools "$@" || hint=$network_hint begin "install wasm-pack and wasm-bindgen" install_wasm_tools "$@"
}

# build [PACKAGE...]: everything that a user runs, and these Debian packages.
build() {
  prepare
  begin_packages "$@"
  begin_tools
  begin_extension
  begin_server
  finish_needed
  finish_extension
}

command=
parts=()
dev=
demo=
headless=
no_browser=
for argument in "$@"; do
  case $argument in
    help | --help | -h) usage && exit 0 ;;
    --dev) dev=1 ;;
    --demo) demo=1 ;;
    --headless) headless=1 ;;
    --no-browser) no_browser=1 ;;
    run | test | package | bench | advisories)
      [ -z "$command" ] || fail "one command at a time: $command or $argument?"
      command=$argument
      ;;
    *)
      if [ "$command" != test ] || ! is_part "$argument"; then
        usage >&2
        fail "unknown argument: $argument"
      fi
      parts+=("$argument")
      ;;
  esac
done
if [ "$command" != run ] && [ -n "$demo$headless$no_browser" ]; then
  fail "--demo, --headless and --no-browser belong to \`./build.sh run\`"
fi
if [ -n "$demo" ] && [ -n "$no_browser" ]; then
  fail "the demo is for a browser of its own, so --no-browser does not go with --demo"
fi
if [ -n "$dev" ] && [[ $command = package || $command = test || $command = bench ]]; then
  fail "what is packed, tested or measured is never a --dev build"
fi

case $command in
  "")
    build
    print_sizes
    say "Load dist/chrome as an unpacked extension (chrome://extensions, Developer mode)."
    ;;
  run) run_all ;;
  test) run_tests ${parts[@]+"${parts[@]}"} ;;
  advisories) check_advisories ;;
  package)
    prepare
    begin_tools
    begin_extension
    finish_needed
    finish_extension
    package_extension
    ;;
  bench)
    build chromium openssl
    run_benches
    ;;
esac
