import { randomBytes } from 'node:crypto';
import http from 'node:http';

/** A transparent GIF of one pixel. */
export const GIF = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

const IMAGE = /<img\b[^>]*?\ssrc\s*=\s*(?:"([^"]*)"|'([^']*)')/gi;
const PROXIED = /^https:\/\/ci\d\.googleusercontent\.com\/[^#]*#(.+)$/;
const decode = (text) => text.replace(/&quot;/g, '"').replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');
const encode = (text) => text.replace(/&/g, '&amp;').replace(/"/g, '&quot;');

/** The addresses of all images in a mail's HTML, as they stand there. */
export function imagesOf(html) {
  return [...html.matchAll(IMAGE)].map((match) => decode(match[1] ?? match[2]));
}

/** Gmail's image proxy: shows images under opaque addresses and fetches the originals itself. */
export class ImageProxy {
  #tokens = new Map();
  #originals = new Map();

  /** The address under which Gmail's page shows `original`. */
  shown(original) {
    if (PROXIED.test(original) || !/^https?:/.test(original)) return original;
    let token = this.#tokens.get(original);
    if (!token) {
      token = `ADKq_N${randomBytes(42).toString('base64url')}`;
      this.#tokens.set(original, token);
      this.#originals.set(token, original);
    }
    return `https://ci${3 + (token.charCodeAt(8) % 4)}.googleusercontent.com/meips/${token}=s0-d-e1-ft#${original}`;
  }

  /** A mail's HTML as Gmail's page shows it. */
  rewrite(html) {
    return html.replace(IMAGE, (tag, double, single) => {
      const source = double ?? single;
      return tag.replace(source, encode(this.shown(decode(source)))).replace(/^<img/i, '<img class="CToWUd" data-bit="iit"');
    });
  }

  /** The original address behind a request to the proxy, or `undefined`. */
  original(path) {
    return this.#originals.get(/^\/meips\/([\w-]+)=/.exec(path)?.[1]);
  }
}

/**
 * Fetches an image of a mail as a server would, and only ever from the given backend: every other
 * host is answered by the stage itself, so nothing leaves this machine.
 * @param {string} address
 * @param {Record<string, string>} headers
 * @param {{public: string, port: number}} backend the backend's public origin, and where it really is
 * @returns {Promise<{status: number, type: string, body: Buffer}>} status 502 when it did not answer
 */
export function fetchImage(address, headers, backend) {
  const url = new URL(address);
  if (url.origin !== backend.public) return Promise.resolve({ status: 200, type: 'image/gif', body: GIF });
  return new Promise((resolve) => {
    const failed = () => resolve({ status: 502, type: 'text/plain', body: Buffer.alloc(0) });
    const options = { host: '127.0.0.1', port: backend.port, path: url.pathname + url.search, headers: { ...headers, host: url.host } };
    http.get(options, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => resolve({ status: answer.statusCode, type: answer.headers['content-type'] ?? '', body: Buffer.concat(chunks) }));
      answer.on('error', failed);
    }).on('error', failed);
  });
}
