import { Compose } from './compose.js';
import { dockFrame } from './compose-view.js';
import { el, nest, onPress, show } from './dom.js';
import { composeToken } from './ids.js';
import { options } from './options.js';
import { words } from './words.js';

/** The composes that stand in windows of their own: docked, minimised, over the page, or popped out. */
export class Windows {
  #open = new Set();

  /** @param {object} page what a compose needs of the page, see {@link Compose} */
  constructor(page) {
    this.page = page;
  }

  /** Opens a docked compose for a mail, or shows the one that has its draft already. */
  open(mail = {}) {
    const known = [...this.#open].find((compose) => compose.id === mail.id);
    if (known) return known;
    const compose = new Compose('docked', mail, { ...this.page, closed: (closing) => this.#remove(closing) });
    compose.dock = dockFrame(compose.parts.root);
    this.#open.add(compose);
    this.#row().append(compose.dock.frame);
    this.#listen(compose);
    this.#address();
    compose.parts.rich.focus();
    return compose;
  }

  /** Opens a compose that fills a page of its own. */
  openAlone(mail) {
    document.body.classList.add('xE', 'xp');
    const compose = new Compose('window', mail, { ...this.page, closed: (closing) => closing.parts.root.remove() });
    document.body.append(el('div', { class: 'nH', role: 'main' }, nest(['nH', 'aaZ'], compose.parts.root)));
    return compose;
  }

  /** Gmail adds the dock when the first compose opens. */
  #row() {
    const known = document.querySelector('div.dw > .nH > .nH > .no');
    if (known) return known;
    const row = el('div', { class: 'no' });
    document.body.append(nest(['dw', 'nH', 'nH'], row));
    return row;
  }

  #listen(compose) {
    const { dock, parts } = compose;
    onPress(dock.minimize, () => show(dock.box, dock.box.style.display === 'none'));
    onPress(dock.close, () => compose.close());
    onPress(dock.full, (event) => (event.shiftKey ? this.#popOut(compose) : this.#full(compose)));
    parts.subject.addEventListener('input', () => (dock.title.textContent = parts.subject.value || words.newMessage));
  }

  /** The same nodes move over the page and back. */
  #full({ dock }) {
    if (dock.moved.parentElement === dock.home) this.#over().append(dock.moved);
    else dock.home.append(dock.moved);
  }

  /** Gmail adds the place over the page for the first compose there, and keeps it. */
  #over() {
    const known = document.querySelector('body > .aSs > .aSt');
    if (known) return known;
    const place = el('div', { class: 'aSt' });
    document.body.append(el('div', { class: 'aSs' }, place));
    return place;
  }

  async #popOut(compose) {
    await compose.store();
    const query = new URLSearchParams(location.search);
    query.set('view', 'btop');
    query.set('draft', compose.id);
    compose.gone = true;
    this.#remove(compose);
    window.open(`/mail/${options.account.path}/?${query}#cmid%253D${compose.parts.h_composeid.value}`, '_blank', 'popup,width=700,height=600');
  }

  #remove(compose) {
    this.#open.delete(compose);
    compose.dock.moved.remove();
    compose.dock.frame.remove();
    this.#address();
  }

  /** Gmail keeps the open composes in the address, after the route. */
  #address() {
    const route = location.hash.split('?')[0] || '#inbox';
    const tokens = [...this.#open].map((compose) => (compose.saved ? composeToken(compose.id, compose.thread) : 'new'));
    location.hash = tokens.length > 0 ? `${route}?compose=${tokens.join(',')}` : route;
  }

  /** Renews the address when a draft has been saved for the first time. */
  saved() {
    if (this.#open.size > 0) this.#address();
  }
}
