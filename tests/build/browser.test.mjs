// Which browser is taken, for everything that starts one.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { findBrowser } from '../../scripts/lib/browser.mjs';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kaifu-browser-'));
after(() => fs.rmSync(folder, { recursive: true }));

/** A folder for the search path with these programs. */
function programs(name, names) {
  const made = path.join(folder, name);
  fs.mkdirSync(made);
  for (const program of names) fs.writeFileSync(path.join(made, program), '', { mode: 0o755 });
  return made;
}

const first = programs('first', ['google-chrome']);
const second = programs('second', ['chromium', 'my-chrome']);
const application = path.join(second, 'my-chrome');
const PATH = [first, second].join(path.delimiter);

test('the first of the usual names is taken, wherever it is', () => {
  assert.equal(findBrowser({ PATH }, []), path.join(second, 'chromium'));
  assert.equal(findBrowser({ PATH: first }, [application]), path.join(first, 'google-chrome'));
  assert.equal(findBrowser({ PATH: '' }, ['/none', application]), application);
  assert.equal(findBrowser({ PATH, KAIFU_CHROME: '' }, []), path.join(second, 'chromium'));
});

test('KAIFU_CHROME comes first, and nothing else is taken where it is wrong', () => {
  assert.equal(findBrowser({ PATH, KAIFU_CHROME: application }, []), application);
  assert.equal(findBrowser({ PATH, KAIFU_CHROME: 'my-chrome' }, []), application);
  for (const KAIFU_CHROME of [path.join(folder, 'none'), 'none', folder]) {
    assert.throws(() => findBrowser({ PATH, KAIFU_CHROME }, [application]), /KAIFU_CHROME names .*, which is no program/);
  }
});

test('no browser is an error', () => {
  fs.writeFileSync(path.join(first, 'chrome'), '', { mode: 0o644 });
  assert.throws(() => findBrowser({ PATH: folder }, []), /no Chromium or Chrome was found/);
});
