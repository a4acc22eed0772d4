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
 * Asks when to send. The dialogs stand outside of every compose: one with times on offer, and a second
 * one with fields where none of them fits.
 * @param {(time: number) => void} choose
 */
export function askTime(choose) {
  const item = (label, act, more = '') => {
    const node = el('div', { class: `Az${more}`, role: 'menuitem', tabindex: '0' }, el('div', { class: 'Aj' }, label));
    onPress(node, () => {
      dialog.remove();
      act();
    });
    return node;
  };
  const preset = (label, days) => item(label, () => choose(new Date().setHours(8, 0, 0, 0) + days * 86_400_000));
  const dialog = open('dialog', [
    el('h2', {}, words.schedule),
    el('div', { role: 'menu' }, preset(words.tomorrow, 1), preset(words.monday, 1 + ((7 - new Date().getDay()) % 7)), item(words.pick, () => pickTime(choose), ' AM')),
    button(words.cancel, () => dialog.remove(), { name: 'cancel' }),
  ]);
}

function pickTime(choose) {
  const [date, time] = [el('input', { type: 'date', 'aria-label': words.pick }), el('input', { type: 'time', 'aria-label': words.pick })];
  const close = (at) => {
    dialog.remove();
    if (at) choose(at);
  };
  const dialog = open('dialog', [
    el('h2', {}, words.pick), date, time,
    button(words.cancel, () => close(), { name: 'cancel' }),
    button(words.schedule, () => close(new Date(`${date.value}T${time.value}`).getTime() || Date.now() + 86_400_000)),
  ]);
}
