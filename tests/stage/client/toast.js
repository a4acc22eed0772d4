import { el, onPress, show } from './dom.js';
import { options } from './options.js';
import { words } from './words.js';

const text = el('span', { class: 'bAq' });
const links = el('span', { class: 'bAo' });
const container = el('div', { class: 'b8 UC', role: 'alert' },
  el('div', { class: 'J-J5-Ji' }, el('div', { class: 'vh' }, el('span', { class: 'aT' }, text, links))));
let timer;

/** Puts the empty live region into the page, where it stays for good. */
export function installToast() {
  document.body.append(container);
}

/** Takes what is shown away. */
export function hideToast() {
  clearTimeout(timer);
  container.classList.remove('bAp');
  text.textContent = '';
  links.replaceChildren();
}

/**
 * Shows a text at the page's edge, with a link that undoes something for as long as it stands there.
 * @param {string} content
 * @param {{thread?: string, seconds?: number, undo?: () => void, view?: () => void}} [more]
 */
export function showToast(content, { thread, seconds = 5, undo, view } = {}) {
  hideToast();
  if (options.quiet) return;
  text.textContent = content;
  const link = (id, role, label, act) => {
    const node = el('span', { class: 'ag a8k', tabindex: '0', role, id, param: `#${thread}`, idlink: '' }, label);
    onPress(node, () => {
      hideToast();
      act();
    });
    links.append('\u00a0', node);
  };
  if (undo && seconds > 0) link('link_undo', 'alert', words.undo, undo);
  if (view) link('link_vsm', 'link', words.view, view);
  show(container, true);
  container.classList.add('bAp');
  timer = setTimeout(hideToast, Math.max(seconds, 1) * 1000);
}
