// Runs in Gmail's own world, before Gmail. Shows each sync request to the content script and sends
// what that makes of it; shows it the answers too. Every decision is made there, in Rust. The two
// worlds meet in events on the document, which are synchronous: no answer in the same turn means
// that the request goes out as Gmail wrote it.
(() => {
  const SYNC = /\/sync(\/[\w-]+)*\/i\/s$/;
  let requests = 0;

  const isSync = (method, address) => {
    if (String(method).toUpperCase() !== 'POST') return false;
    const url = new URL(address, location.href);
    return url.origin === location.origin && SYNC.test(url.pathname);
  };

  const say = (kind, detail) => document.dispatchEvent(new CustomEvent(kind, { detail }));

  const shown = (id, body) => {
    let amended = body;
    const take = ({ detail }) => {
      if (typeof detail === 'string') amended = detail;
    };
    document.addEventListener('kaifu-amended', take);
    try {
      say('kaifu-request', `${id}\n${body}`);
    } finally {
      document.removeEventListener('kaifu-amended', take);
    }
    return amended;
  };

  const answered = (id, status, text) => say('kaifu-answer', `${id} ${status}\n${text}`);

  const opened = new WeakMap();
  const { open, send } = XMLHttpRequest.prototype;

  XMLHttpRequest.prototype.open = function (method, url, ...rest) {
    try {
      opened.set(this, isSync(method, url));
    } catch {}
    return open.call(this, method, url, ...rest);
  };

  XMLHttpRequest.prototype.send = function (body) {
    let amended = body;
    try {
      if (opened.get(this) && typeof body === 'string') {
        const id = ++requests;
        amended = shown(id, body);
        this.addEventListener('loadend', () => {
          const text = this.responseType === '' || this.responseType === 'text' ? this.responseText : '';
          answered(id, this.status, text);
        });
      }
    } catch {}
    return send.call(this, amended);
  };

  const { fetch } = window;

  window.fetch = function (input, init) {
    let [amended, id] = [init, 0];
    try {
      if (typeof init?.body === 'string' && !(input instanceof Request) && isSync(init.method, input)) {
        id = ++requests;
        amended = { ...init, body: shown(id, init.body) };
      }
    } catch {}
    const answer = fetch.call(this, input, amended);
    if (id) {
      const report = (response) => response.clone().text().then((text) => answered(id, response.status, text));
      answer.then(report).catch(() => answered(id, 0, ''));
    }
    return answer;
  };
})();
