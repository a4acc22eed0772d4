// Folders of a bench, removed at its end.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const dirs = [];

/** A new folder; where files are to be on a disk, `parent` must not be in memory. */
export function freshDir(parent = tmpdir()) {
  const dir = mkdtempSync(join(parent, 'kaifu-bench-'));
  dirs.push(dir);
  return dir;
}

export function removeDirs() {
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
}
