// The scripts keep to what macOS has as well: bash 3.2, and the BSD's tools.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** What is missing there, what a line that needs it looks like, and a line that must be found. */
const MISSING = [
  ['an associative array (bash 4)', /\b(?:declare|local|typeset)\s+-\w*A/, 'declare -A map'],
  ['a reference (bash 4.3)', /\b(?:declare|local|typeset)\s+-\w*n\b/, 'local -n name=$1'],
  ['mapfile (bash 4)', /\b(?:mapfile|readarray)\b/, 'mapfile -t lines <file'],
  ['changed case (bash 4)', /\$\{\w+(?:\[[^\]]*\])?(?:\^|,)/, 'echo "${name^^}"'],
  ['a transformation (bash 4.4)', /\$\{[\w[\]@*]+@[A-Za-z]\}/, 'echo "${name@Q}"'],
  ['a negative subscript (bash 4.3)', /\[-\d+\]/, "unset 'children[-1]'"],
  ['a negative length (bash 4.2)', /\$\{\w+:[^}:]+: *-\d/, 'echo "${name:0:-1}"'],
  ['wait -n (bash 4.3)', /\bwait\s+-\w*n/, 'wait -n'],
  ['coproc (bash 4)', /\bcoproc\b/, 'coproc cat'],
  ['&>> or |& (bash 4)', /&>>|\|&/, 'run |& cat'],
  ['a named descriptor (bash 4.1)', /\bexec\s+\{\w+\}/, 'exec {lock}>file'],
  ['an unset variable’s test -v (bash 4.2)', /\[\[?\s+-v\s/, '[ -v name ]'],
  ['EPOCHSECONDS (bash 5)', /\bEPOCH(?:SECONDS|REALTIME)\b/, 'echo $EPOCHSECONDS'],
  ['a fall-through in case (bash 4)', /;;?&/, 'a) run ;;&'],
  ['printf of a time (bash 4.2)', /%\([^)]*\)T/, "printf '%(%F)T'"],
  ['sed -i', /\bsed\s+(?:-\w+\s+)*-\w*i/, "sed -i 's/a/b/' file"],
  ['sed with } behind a command', /\bsed\b.*\{[^}']*[^;}'\s]\}/, "sed -n '/a/{n;p;q}'"],
  ['readlink -f, realpath', /\breadlink\s+-f\b|\brealpath\b/, 'readlink -f "$0"'],
  ['stat -c', /\bstat\s+-c\b/, 'stat -c %s file'],
  ['date -d, date with nanoseconds', /\bdate\s+(?:-d\b|.*%N)/, 'date +%s%N'],
  ['grep -P', /\bgrep\s+-\w*P/, 'grep -oP x'],
  ['xargs -r', /\bxargs\s+(?:-\w+\s+)*-\w*r/, 'xargs -0 -r rm'],
  ['sort -z', /\bsort\s+-\w*z/, 'sort -z'],
  ['find -printf, -quit', /\bfind\b.*\s-(?:printf|quit)\b/, "find . -printf '%p'"],
  ['nproc, timeout, tac', /(?:^|[|;&(]\s*|\$\()(?:nproc|timeout|tac)\b/, 'timeout 5 run'],
  ['cp or mv with long options', /\b(?:cp|mv|rm|mkdir)\s+--\w/, 'cp --reflink a b'],
  ['mktemp --suffix', /\bmktemp\s+--/, 'mktemp --suffix=x'],
  ['sha256sum outside of sha256', /\bsha256sum\b/, 'sha256sum file'],
  ['an empty array as it is (an error in bash 3.2)', /(?<!\+)"\$\{(?:parcels|parts|packages|children|waiting|profile)\[@\]\}"/, 'run "${parts[@]}"'],
];

/** What a script has that is missing on macOS, a line for each. */
function unportable(name, text) {
  const lines = text.split('\n').map((line, index) => ({ line: line.trim(), at: `${name}:${index + 1}` }));
  return lines
    .filter(({ line }) => !line.startsWith('#') && !/^sha256\(\)|^if have sha256sum;/.test(line))
    .flatMap(({ line, at }) => MISSING.filter(([, pattern]) => pattern.test(line)).map(([what]) => `${at}: ${what}: ${line}`));
}

test('no script needs what macOS lacks', () => {
  const scripts = ['build.sh', '.ci/run', ...readdirSync(path.join(ROOT, 'scripts/lib')).filter((it) => it.endsWith('.sh')).map((it) => `scripts/lib/${it}`)];
  assert.ok(scripts.length > 5);
  assert.deepEqual(scripts.flatMap((name) => unportable(name, readFileSync(path.join(ROOT, name), 'utf8'))), []);
});

test('each thing that is missing is found', () => {
  for (const [what, , line] of MISSING) {
    const found = unportable('a.sh', line);
    assert.ok(found.some((it) => it.includes(what)), `${what}: ${found}`);
  }
});
