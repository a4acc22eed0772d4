#!/usr/bin/env bash
# The one way to build, run and test Kaifu. `./build.sh help` lists the commands.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

for part in ui tools extension run test; do
  # shellcheck source=/dev/null
  . "scripts/lib/$part.sh"
done

usage() {
  cat <<'EOF'
Usage: ./build.sh [command] [options]

  (no command)   build dist/chrome (load it unpacked) and target/release/kaifu-server
  run            build, start the backend, open a browser with the extension on Gmail
                   --demo         on the built-in Gmail stage; no account needed
                   --headless     without a window
                   --no-browser   only the backend; prints how to load the extension
  test           install what is missing and run every check and test
  package        dist/kaifu-<version>-chrome.zip, reproducible byte for byte
  bench          the benchmarks, one line `name value unit` each
  help           this text

  --dev          faster, larger builds: no size optimisation, debug server

Environment:
  KAIFU_BACKEND    backend address built into the extension (default http://127.0.0.1:8787)
  KAIFU_TOOLS      where build tools are kept (default ~/.cache/kaifu/tools)
  KAIFU_CHROME     the Chromium or Chrome to use (default: the first one found)
  KAIFU_DATA_DIR   the backend's data for `run` (default ~/.local/share/kaifu)
EOF
}

# Builds everything that a user runs.
build() {
  install_wasm_tools
  install_node_modules
  build_extension
  build_server
}

command=build
dev=
demo=
headless=
no_browser=
for argument in "$@"; do
  case $argument in
    run | test | package | bench) command=$argument ;;
    help | --help | -h) usage && exit 0 ;;
    --dev) dev=1 ;;
    --demo) demo=1 ;;
    --headless) headless=1 ;;
    --no-browser) no_browser=1 ;;
    *)
      usage >&2
      fail "unknown argument: $argument"
      ;;
  esac
done
if [ "$command" != run ] && [ -n "$demo$headless$no_browser" ]; then
  fail "--demo, --headless and --no-browser belong to \`./build.sh run\`"
fi
if [ -n "$dev" ] && [[ $command = package || $command = test || $command = bench ]]; then
  fail "what is packed, tested or measured is never a --dev build"
fi

case $command in
  build)
    build
    print_sizes
    say "Load dist/chrome as an unpacked extension (chrome://extensions, Developer mode)."
    ;;
  run) build && run_all ;;
  test) run_tests ;;
  package)
    install_wasm_tools
    install_node_modules
    build_extension
    package_extension
    ;;
  bench) build && run_benches ;;
esac
