// The address of a backend, by the rules of `BackendUrl` in crates/core/src/backend.rs: scheme, host
// and port, nothing else.
import { isIPv6 } from 'node:net';

const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;

function isHost(host) {
  if (host.startsWith('[')) return isIPv6(host.slice(1, -1)) && !host.includes('%');
  return host.length <= 253 && host.split('.').every((label) => LABEL.test(label));
}

/**
 * The address in its one form, without a slash at its end and without the port that goes without saying.
 * @param {string} address
 * @throws {Error} when it is none
 */
export function backendAddress(address) {
  const invalid = (why) => new Error(`${address} is no backend address: ${why}`);
  const [, scheme, rest] = /^(https?):\/\/(.*)$/s.exec(address.trim().toLowerCase()) ?? [];
  if (!scheme) throw invalid('it starts with https:// or http://');
  const authority = rest.replace(/\/$/, '');
  if (/[/?#]/.test(authority)) throw invalid('it ends after host and port');
  const [, host, port] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(authority) ?? [];
  if (host === undefined || !isHost(host)) throw invalid('it needs a host name of letters, digits, dots and hyphens');
  if (port === undefined) return `${scheme}://${host}`;
  if (!/^\d+$/.test(port) || Number(port) < 1 || Number(port) > 65_535) throw invalid('a port is a number from 1 to 65535');
  return Number(port) === { http: 80, https: 443 }[scheme] ? `${scheme}://${host}` : `${scheme}://${host}:${Number(port)}`;
}
