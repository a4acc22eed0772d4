# Which steps are already done. A stamp says what a step was made of and what it made, and is written
# when the work is over: whatever stops a build, nothing half-done passes for done.

# sha256 [FILE...]: as sha256sum prints it, which macOS has under another name.
sha256() {
  if have sha256sum; then sha256sum "$@"; else shasum -a 256 "$@"; fi
}

# hash PATH_OR_TEXT...: one hash over the names and content of files and folders, and over plain words.
hash() {
  local item
  for item in "$@"; do
    if [ -d "$item" ]; then
      find "$item" \( -name node_modules -o -name target -o -name pkg \) -prune -o -type f -print |
        LC_ALL=C sort | hash_list
    elif [ -f "$item" ]; then
      sha256 "$item"
    else
      printf '%s\n' "$item"
    fi
  done | sha256 | cut -d' ' -f1
}

# hash_list: hashes the files that are named on standard input, one a line.
hash_list() {
  local file files=()
  while IFS= read -r file; do files+=("$file"); done
  [ "${#files[@]}" = 0 ] || sha256 "${files[@]}"
}

# is_done STAMP INPUTS [OUTPUT]: whether the step behind STAMP last succeeded with the same inputs, and
# what it made is still what it was.
is_done() {
  local made=
  if [ -n "${3:-}" ]; then
    [ -e "$3" ] || return 1
    made=$(hash "$3")
  fi
  [ "$(cat "target/stamp/$1" 2>/dev/null)" = "$2 $made" ]
}

# mark_done STAMP INPUTS [OUTPUT]
mark_done() {
  local made=
  [ -z "${3:-}" ] || made=$(hash "$3")
  mkdir -p target/stamp
  printf '%s %s\n' "$2" "$made" >"target/stamp/$1.new"
  mv -f "target/stamp/$1.new" "target/stamp/$1"
}

# not_done STAMP: before the work that the stamp is about begins.
not_done() { rm -f "target/stamp/$1"; }

# into OUTPUT COMMAND...: runs the command with a new folder as its last argument, which takes
# OUTPUT's place when the command has succeeded, and not before.
into() {
  local output=$1
  shift
  rm -rf "$output.new"
  mkdir -p "$output.new"
  "$@" "$output.new"
  rm -rf "$output"
  mv "$output.new" "$output"
}

# try_lock [-n]: locks file descriptor 9, which what we start inherits: as long as anything of a build
# runs, no other one begins.
try_lock() {
  if have flock; then
    flock ${1+"$1"} 9
  else
    # macOS has no flock command; the lock stays with the descriptor when Perl has ended.
    perl -MFcntl=:flock -e 'open(my $file, ">&=", 9) or exit 1; flock($file, LOCK_EX | (@ARGV ? LOCK_NB : 0)) or exit 1' -- ${1+"$1"}
  fi
}

# lock_build: one build at a time in this folder.
lock_build() {
  mkdir -p target
  exec 9>target/build.lock
  try_lock -n && return
  say "Another build is running in this folder; waiting for it to end."
  try_lock || fail "target/build.lock could not be locked."
}

unlock_build() { exec 9>&-; }
