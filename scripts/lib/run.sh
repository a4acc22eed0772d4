# `./build.sh run`: the server, and a browser with the extension loaded.

run_all() {
  local packages=()
  [ -n "$no_browser" ] || packages+=(chromium)
  [ -z "$demo" ] || packages+=(openssl)
  build ${packages[@]+"${packages[@]}"}
  [ -n "$no_browser" ] || use_chrome
  # What runs from here on may run for days.
  unlock_build
  if [ -n "$demo" ]; then run_demo; else run_gmail; fi
}

run_demo() {
  local flags=(--demo --extension "$dist" --server "$server")
  [ -z "$headless" ] || flags+=(--headless)
  exec node tests/stage/run.mjs "${flags[@]}"
}

# wait_for_backend ADDRESS PID: returns once the backend answers, fails when its process is gone.
wait_for_backend() {
  local left=150
  until node --eval 'fetch(process.argv[1]).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))' \
    "$1/healthz"; do
    kill -0 "$2" 2>/dev/null || return 1
    [ "$((left -= 1))" -gt 0 ] || return 1
    sleep 0.2
  done
  # What answers may be another program on the same port, while ours has already given up.
  kill -0 "$2" 2>/dev/null
}

run_gmail() {
  local data="${KAIFU_DATA_DIR:-${XDG_DATA_HOME:-$HOME/.local/share}/kaifu}" log=target/log/kaifu-server.log
  mkdir -p "$data" target/log
  if [ "$backend" = "$default_backend" ]; then
    launch "$log" "$server" serve --listen 127.0.0.1:8787 --public-url "$backend" --data-dir "$data"
    local backend_process=$launched
    if ! wait_for_backend "$backend" "$backend_process"; then
      tail -n 20 "$log" >&2
      fail "The server did not start (its log: $log). Is another program using port 8787?"
    fi
    say "The server runs at $backend (data: $data, log: $log)."
  else
    say "The extension uses the server at $backend; none is started here."
  fi
  if [ -n "$no_browser" ]; then
    say "To load the extension: open chrome://extensions, turn on Developer mode, choose"
    say "\"Load unpacked\" and pick $PWD/$dist. Then open https://mail.google.com."
    if [ -n "${backend_process:-}" ]; then
      say "Ctrl+C stops the server."
      wait "$backend_process"
    fi
    return
  fi
  local flags=(--user-data-dir="$data/browser" --no-first-run --no-default-browser-check
    --load-extension="$PWD/$dist")
  [ -z "$headless" ] || flags+=(--headless=new)
  [ "$(id -u)" != 0 ] || flags+=(--no-sandbox)
  case $KAIFU_CHROME in
    *google-chrome* | *"Google Chrome"*)
      say "Google Chrome no longer takes an extension from the command line: open chrome://extensions,"
      say "turn on Developer mode, choose \"Load unpacked\" and pick $PWD/$dist."
      ;;
  esac
  say "Opening $KAIFU_CHROME with its own profile. Close it, or press Ctrl+C, to stop."
  launch target/log/browser.log "$KAIFU_CHROME" "${flags[@]}" https://mail.google.com/
  wait "$launched" && return
  tail -n 20 target/log/browser.log >&2
  fail "The browser ended with an error (its log: target/log/browser.log)."
}

# Each benchmark prints its own lines; nothing else goes to standard output from here on.
run_benches() {
  use_chrome
  unlock_build
  local bench
  for bench in tests/bench/*.mjs; do
    [ ! -f "$bench" ] || node "$bench"
  done
  for bench in crates/*/benches; do
    [ ! -d "$bench" ] || cargo bench --locked -p "kaifu-$(basename "$(dirname "$bench")")" --benches
  done
}
