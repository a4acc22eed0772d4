# What the user sees: progress, failures, and which steps are already done.

say() { printf '%s\n' "$*"; }

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

children=()

# launch LOG COMMAND...: starts a command in the background, its output in LOG, its id in $launched.
# It gets a process group of its own, so that all it starts ends with this script.
launch() {
  local log=$1
  shift
  set -m
  (
    set -euo pipefail
    "$@"
  ) >"$log" 2>&1 </dev/null &
  launched=$!
  set +m
  children+=("$launched")
}

# stop_children: ends what is still running, the latest first.
stop_children() {
  local index
  for ((index = ${#children[@]} - 1; index >= 0; index--)); do
    kill -- "-${children[index]}" 2>/dev/null || continue
    wait "${children[index]}" 2>/dev/null || true
  done
}
trap stop_children EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# step NAME COMMAND...: runs a command with its output in a log, shows the time it takes.
# Leaves the result in $step_status and the log's path in $step_log, so that callers may go on.
step() {
  local name=$1 started=$SECONDS pid
  shift
  mkdir -p target/log
  step_log="target/log/$(printf '%s' "$name" | tr -cs 'A-Za-z0-9.-' '-').log"
  [ -t 1 ] || printf '  … %s\n' "$name"
  launch "$step_log" "$@"
  pid=$launched
  if [ -t 1 ]; then
    local marks='|/-\' turn=0
    while kill -0 "$pid" 2>/dev/null; do
      printf '\r  %s %s (%d s) ' "${marks:turn++%4:1}" "$name" "$((SECONDS - started))"
      sleep 0.2
    done
    printf '\r\033[K'
  fi
  step_status=0
  wait "$pid" || step_status=$?
  unset 'children[-1]'
  if [ "$step_status" = 0 ]; then
    printf '  ✓ %s (%d s)\n' "$name" "$((SECONDS - started))"
  else
    printf '  ✗ %s (%d s)\n' "$name" "$((SECONDS - started))"
    printf '    --- the last lines of %s ---\n' "$step_log"
    tail -n 40 "$step_log" | sed 's/^/    /'
  fi
}

# need HINT NAME COMMAND...: a step that nothing can go on without.
need() {
  local hint=$1
  shift
  step "$@"
  [ "$step_status" = 0 ] || fail "\"$1\" failed. $hint"
}

# hash PATH_OR_TEXT...: one hash over the content of files and folders, and over plain words.
hash() {
  local item
  for item in "$@"; do
    if [ -d "$item" ]; then
      find "$item" -type f ! -path '*/node_modules/*' ! -path '*/target/*' ! -path '*/pkg/*' -print0 |
        LC_ALL=C sort -z | xargs -0 -r sha256sum
    elif [ -f "$item" ]; then
      sha256sum "$item"
    else
      printf '%s\n' "$item"
    fi
  done | sha256sum | cut -d' ' -f1
}

# is_done STAMP HASH: whether the step behind STAMP last succeeded with the same inputs.
is_done() { [ "$(cat "target/stamp/$1" 2>/dev/null)" = "$2" ]; }

mark_done() {
  mkdir -p target/stamp
  printf '%s\n' "$2" >"target/stamp/$1"
}
