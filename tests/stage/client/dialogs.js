import { el, onPress } from './dom.js';
import { words } from './words.js';

function open(role, content) {
  const dialog = el('div', { class: 'Kj-JD', role, tabindex: '0', 'aria-modal': 'true' }, ...content);
  document.body.append(dialog);
  dialog.focus();
  dialog.addEventListener('keydown', (event) => event.key === 'Escape' && dialog.remove());
  return dialog;
}

const button = (label, act, more = {}) => {
  const node = el('button', { class: 'J-at1-auR', ...more }, label);
  onPress(node, act);
  return node;
};

/**
 * Says why a mail was not sent, at the end of the body, shortly after the press as Gmail does.
 * @param {string} text
 * @param {() => void} [anyway] offered beside the refusal
 */
export function refuse(text, anyway) {
  setTimeout(() => {
    const dialog = open('alertdialog', [
      el('div', { class: 'Kj-JD-Jz' }, text),
      anyway ? button(words.cancel, () => dialog.remove(), { name: 'cancel' }) : null,
      button(words.ok, () => {
        dialog.remove();
        anyway?.();
      }, { name: 'ok' }),
    ]);
  }, 10);
}

/**
 * Asks when to send. The dialog stands outside of every compose.
 * @param {(time: number) => void} choose
 */
export function askTime(choose) {
  const close = (time) => {
    dialog.remove();
    if (time) choose(time);
  };
  const preset = (label, days) => {
    const item = el('div', { class: 'Az', role: 'menuitem', tabindex: '0' }, label);
    onPress(item, () => close(new Date().setHours(8, 0, 0, 0) + days * 86_400_000));
    return item;
  };
  const picker = el('input', { type: 'datetime-local', 'aria-label': words.pick });
  const dialog = open('dialog', [
    el('h2', {}, words.schedule),
    el('div', { role: 'menu' }, preset(words.tomorrow, 1), preset(words.monday, 1 + ((7 - new Date().getDay()) % 7))),
    picker,
    button(words.cancel, () => close(), { name: 'cancel' }),
    button(words.schedule, () => close(new Date(picker.value || Date.now() + 86_400_000).getTime()), { name: 'confirm', selector: 'scheduledSend' }),
  ]);
}
