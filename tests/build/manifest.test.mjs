import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { namedFiles, withBackend } from '../../scripts/lib/manifest.mjs';

const manifest = JSON.parse(readFileSync(new URL('../../manifest.json', import.meta.url), 'utf8'));

test('another backend takes the place of the local one, and nothing else changes', () => {
  const patched = withBackend(manifest, 'https://kaifu.example.com/');
  assert.deepEqual(
    patched.host_permissions.filter((host) => !manifest.host_permissions.includes(host)),
    ['https://kaifu.example.com/*'],
  );
  assert.ok(!patched.host_permissions.includes('http://127.0.0.1:8787/*'));
  assert.deepEqual({ ...patched, host_permissions: manifest.host_permissions }, manifest);
});

test('the local backend leaves the manifest as it is', () => {
  assert.deepEqual(withBackend(manifest, 'http://127.0.0.1:8787'), manifest);
});

test('what is no address of a backend fails the build', () => {
  assert.throws(() => withBackend(manifest, 'ftp://example.com'), /starts with https/);
  assert.throws(() => withBackend(manifest, 'example'), /starts with https/);
  assert.throws(() => withBackend({ ...manifest, host_permissions: [] }, 'https://example.com'), /no host permission/);
});

test('every file that the manifest names is looked for', () => {
  const files = namedFiles(manifest);
  for (const file of ['background.js', 'popup.html', 'options.html', 'content/boot.js', 'content/kaifu_gmail_bg.wasm', 'icons/128.png', '_locales/en/messages.json']) {
    assert.ok(files.includes(file), file);
  }
  assert.deepEqual(files.filter((file) => file.includes('#')), []);
});
