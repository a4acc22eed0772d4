import { randomBytes } from 'node:crypto';

const RTL = new Set(['ar', 'he', 'fa', 'ur']);
/**
 * Gmail's content security policy as the stage knows it: with `'unsafe-eval'`, which lets WebAssembly
 * run in content scripts, or strict, which does not. Trusted Types are enforced in both.
 * @param {'eval'|'strict'} kind
 * @param {string} nonce
 */
export function policy(kind, nonce) {
  const evaluation = kind === 'strict' ? '' : " 'unsafe-eval'";
  return [
    `script-src 'nonce-${nonce}' 'unsafe-inline' 'strict-dynamic' https: http:${evaluation}`,
    "object-src 'none'",
    "base-uri 'self'",
    "require-trusted-types-for 'script'",
  ].join('; ');
}

const escape = (text) => text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);

/**
 * The page of one account: almost empty, as Gmail's is, until its script builds the rest.
 * @param {{lang: string, dark: boolean}} options the page's options; handed to the script as JSON
 * @param {{email: string, name: string}} account
 * @returns {{html: string, nonce: string}}
 */
export function mailPage(options, account) {
  const nonce = randomBytes(16).toString('base64');
  const dir = RTL.has(options.lang) ? 'rtl' : 'ltr';
  const data = escape(JSON.stringify({ ...options, dir, account }));
  const html = `<!doctype html>
<html lang="${escape(options.lang)}" dir="${dir}"><head><meta charset="utf-8"><title>Gmail</title><link rel="stylesheet" href="/stage/client/stage.css"></head>
<body class="${options.dark ? 'dark' : ''}"><script type="module" nonce="${nonce}" src="/stage/client/main.js" data-stage="${data}"></script></body></html>`;
  return { html, nonce };
}
