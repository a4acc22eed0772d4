# What the user sees: progress and failures. Steps run alone (`step`, `need`) or several at a time
# (`begin` each, then `finish`).

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

# forget_child PID: a child that has ended, whose id may soon be another process's.
forget_child() {
  local child left=()
  for child in ${children[@]+"${children[@]}"}; do
    [ "$child" = "$1" ] || left+=("$child")
  done
  children=(${left[@]+"${left[@]}"})
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
trap 'exit 129' HUP

# The steps that `finish` waits for: name, log, process (0 once it has ended), start and hint of each.
step_names=() step_logs=() step_pids=() step_starts=() step_hints=()

# begin NAME COMMAND...: starts a step, its output in a log of its name; $hint says what to do if it fails.
begin() {
  local name=$1 log
  shift
  mkdir -p target/log
  log="target/log/$(printf '%s' "$name" | tr -cs 'A-Za-z0-9.-' '-').log"
  [ -t 1 ] || printf '  … %s\n' "$name"
  launch "$log" "$@"
  step_names+=("$name")
  step_logs+=("$log")
  step_pids+=("$launched")
  step_starts+=("$SECONDS")
  step_hints+=("${hint:-}")
}

# failed_tests LOG: what failed, from the output of Rust's test harness (with the first lines that each
# test printed) or node's, which may be far above the last lines.
failed_tests() {
  awk '
    /^successes:$/ { failures = 0 }
    /^failures:$/ { failures = 1 }
    failures && /^---- .* stdout ----$/ { lines = 8 }
    lines-- > 0 || /^test .* \.\.\. FAILED$/ || /^ *✖ / && !/^✖ failing tests:$/
  ' "$1" | head -n 80
}

# end_step INDEX: takes a step's result into $step_status and its log into $step_log, and shows both.
end_step() {
  local name=${step_names[$1]} pid=${step_pids[$1]} seconds=$((SECONDS - step_starts[$1]))
  step_log=${step_logs[$1]}
  step_status=0
  wait "$pid" || step_status=$?
  forget_child "$pid"
  step_pids[$1]=0
  [ ! -t 1 ] || printf '\r\033[K'
  if [ "$step_status" = 0 ]; then
    printf '  ✓ %s (%d s)\n' "$name" "$seconds"
    return
  fi
  [ -n "$failed_step" ] || { failed_step=$name && failed_hint=${step_hints[$1]}; }
  printf '  ✗ %s (%d s)\n' "$name" "$seconds"
  failed_tests "$step_log" | sed 's/^/    /'
  printf '    --- the last lines of %s ---\n' "$step_log"
  tail -n 40 "$step_log" | sed 's/^/    /'
}

# show_running TURN: one line with the steps that are still running, where there is a terminal.
show_running() {
  [ -t 1 ] || return 0
  local marks='|/-\' names="" index
  for index in "${!step_pids[@]}"; do
    [ "${step_pids[index]}" = 0 ] || names+="${names:+, }${step_names[index]} ($((SECONDS - step_starts[index])) s)"
  done
  [ "${#names}" -le 74 ] || names="${names:0:73}…"
  printf '\r\033[K  %s %s ' "${marks:$1%4:1}" "$names"
}

# finish [COMMAND]: waits for all steps that were begun, and runs the command as soon as one has failed.
# Leaves the first one that failed in $failed_step.
finish() {
  local left=${#step_pids[@]} turn=0 index
  failed_step=
  while [ "$left" -gt 0 ]; do
    for index in "${!step_pids[@]}"; do
      [ "${step_pids[index]}" != 0 ] || continue
      if kill -0 "${step_pids[index]}" 2>/dev/null; then continue; fi
      end_step "$index"
      left=$((left - 1))
      [ -z "$failed_step" ] || ${1:-true}
    done
    [ "$left" -gt 0 ] || break
    show_running "$((turn += 1))"
    sleep 0.1
  done
  step_names=() step_logs=() step_pids=() step_starts=() step_hints=()
}

# step NAME COMMAND...: runs a command with its output in a log, shows the time it takes.
# Leaves the result in $step_status and the log's path in $step_log, so that callers may go on.
step() {
  begin "$@"
  finish
}

# need HINT NAME COMMAND...: a step that nothing can go on without.
need() {
  local hint=$1
  shift
  begin "$@"
  finish_needed
}

# finish_needed: waits for the steps that were begun; nothing can go on when one of them has failed.
finish_needed() { finish give_up; }

give_up() { fail "\"$failed_step\" failed. $failed_hint"; }
