// The server's address that is built in, by the same rules as the settings have.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backendAddress } from '../../scripts/lib/backend.mjs';

test('an address has one form', () => {
  const cases = [
    ['https://kaifu.example.org', 'https://kaifu.example.org'],
    ['https://kaifu.example.org/', 'https://kaifu.example.org'],
    [' HTTPS://Kaifu.Example.org:443/ ', 'https://kaifu.example.org'],
    ['http://127.0.0.1:8787', 'http://127.0.0.1:8787'],
    ['http://localhost:80', 'http://localhost'],
    ['https://[::1]:0443', 'https://[::1]'],
    ['https://[2001:db8::1]:8443/', 'https://[2001:db8::1]:8443'],
  ];
  for (const [given, expected] of cases) assert.equal(backendAddress(given), expected);
});

test('what is no address is refused, with the reason', () => {
  const cases = [
    ['ftp://kaifu.example.org', /starts with https/], ['kaifu.example.org', /starts with https/],
    ['https://kaifu.example.org/path', /ends after host and port/], ['https://kaifu.example.org//', /ends after host and port/],
    ['https://kaifu.example.org?x', /ends after host and port/], ['https://', /needs a host/], ['https://-a.example', /needs a host/],
    ['https://a..example', /needs a host/], ['https://a_b.example', /needs a host/], ['https://user@a.example', /needs a host/],
    ['https://[::1', /needs a host/], ['https://[::x]', /needs a host/], ['https://a.example:', /a port is/], ['https://a.example:0', /a port is/],
    ['https://a.example:65536', /a port is/], ['https://a.example:1e3', /a port is/],
  ];
  for (const [given, expected] of cases) assert.throws(() => backendAddress(given), expected, given);
});
