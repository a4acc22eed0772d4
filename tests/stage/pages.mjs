import { randomBytes } from 'node:crypto';

const RTL = new Set(['ar', 'he', 'fa', 'ur']);
const STYLE = `
body{margin:0;font:14px sans-serif;color:#202124;background:#f6f8fc}body.dark{color:#e8eaed;background:#1f1f1f}
table{border-collapse:collapse}header{padding:8px 16px}.nav a{margin-inline-end:12px;color:inherit}
.zA{height:40px;cursor:pointer;background:#fff}.dark .zA,.dark .aoI{background:#2d2e30}.zA td{padding:0 8px;white-space:nowrap}.zE{font-weight:bold}
.F{width:100%}.afn{position:absolute;left:-9999px}.dw{position:fixed;bottom:0;inset-inline-end:16px;z-index:5}.dw>.nH>.nH{display:flex;gap:12px;align-items:end}
.AD{width:500px;background:#fff;box-shadow:0 0 8px #0006}.dark .AD{background:#2d2e30}.aSs{position:fixed;inset:0;background:#0008;z-index:6}
.aSt{position:absolute;inset:40px;background:#fff}.dark .aSt{background:#2d2e30}.Ht{width:100%}.Hm{text-align:end}.Hm button{width:24px;height:24px}
.editable{min-height:90px;outline:none;padding:4px}.Ak{width:95%;height:90px}.aoT,.agP,.vO{border:0;width:70%;background:transparent;color:inherit}
.aoP,.iN,.An{width:100%}.dC{display:inline-flex}.T-I-atl{background:#0b57d0;color:#fff;padding:8px 14px;border-radius:16px;cursor:pointer}
.gU{padding:4px}.J-M{position:absolute;background:#fff;color:#202124;border:1px solid #999;z-index:9}.J-N{padding:6px 16px;cursor:pointer}
.Kj-JD{position:fixed;top:30%;left:30%;background:#fff;color:#202124;padding:16px;border:1px solid #888;z-index:20}
.b8{position:fixed;bottom:-200px;inset-inline-start:16px;background:#202124;color:#fff;padding:10px 16px;z-index:12}.b8.bAp{bottom:16px}.ag{color:#8ab4f8;cursor:pointer;margin-inline-start:12px}
#stage-guide{position:fixed;top:60px;inset-inline-end:16px;width:290px;background:#fffbe6;color:#333;border:2px dashed #b58900;padding:12px;z-index:3}
#stage-guide ol{padding-inline-start:20px}#stage-guide button{margin:2px}`;

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
<html lang="${escape(options.lang)}" dir="${dir}"><head><meta charset="utf-8"><title>Gmail</title><style>${STYLE}</style></head>
<body class="${options.dark ? 'dark' : ''}"><script type="module" nonce="${nonce}" src="/stage/client/main.js" data-stage="${data}"></script></body></html>`;
  return { html, nonce };
}
