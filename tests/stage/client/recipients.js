import { el, show } from './dom.js';
import { options } from './options.js';
import { words } from './words.js';

/** Whether a text is an address as far as Gmail checks it. */
export const isAddress = (text) => /^[^@\s<>]+@[^@\s<>]+\.[^@\s<>.]+$/.test(text);

function read(text) {
  const match = /^\s*(.*?)\s*<([^>]*)>\s*$/.exec(text);
  return match ? { email: match[2], name: match[1] } : { email: text.trim(), name: '' };
}

/** One field of recipients: chips, and an input whose text becomes a chip on Enter, comma, blur and send. */
class Field {
  people = [];

  constructor(name, changed) {
    this.name = name;
    this.changed = changed;
    this.row = options.recipients === 'classic' ? this.#classic() : this.#current();
    this.input.addEventListener('blur', () => this.commit());
    this.input.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey || !['Enter', ',', 'Tab'].includes(event.key)) return;
      if (event.key !== 'Tab') event.preventDefault();
      this.commit();
    });
  }

  add(person) {
    if (!person.email) return;
    this.people.push(person);
    this.chips.append(this.chip(person));
  }

  commit() {
    const texts = this.input.value.split(/[,;]/).filter((text) => text.trim());
    this.input.value = '';
    texts.forEach((text) => this.add(read(text)));
    if (texts.length > 0) this.changed();
  }

  remove(person, chip) {
    this.people = this.people.filter((other) => other !== person);
    chip.remove();
    this.changed();
  }

  #current() {
    this.input = el('input', {
      class: 'agP aFw', 'peoplekit-id': 'stage', autocomplete: 'off', spellcheck: 'false', 'aria-label': `${words[this.name]} ${words.recipients}`,
      'aria-autocomplete': 'list', 'aria-haspopup': 'listbox', 'aria-expanded': 'false', type: 'text', role: 'combobox', size: '0',
    });
    this.chips = el('div');
    this.chip = (person) => {
      const close = el('div', { class: 'afX', role: 'button', 'aria-label': words.discard });
      const chip = el('div', { class: 'afV', role: 'option', 'data-name': person.name || person.email, 'data-hovercard-id': person.email, tabindex: '-1' },
        el('span', { class: 'afW' }, person.name || person.email), close);
      close.addEventListener('click', () => this.remove(person, chip));
      return chip;
    };
    const list = el('div', { role: 'listbox', 'aria-label': words[this.name] }, this.chips);
    return el('div', { class: 'anm', name: this.name, 'aria-label': words[this.name] },
      el('div', {}, el('div', {}, el('div', {}, list, el('div', { class: 'aH9', role: 'presentation' }, this.input)))));
  }

  #classic() {
    this.input = el('textarea', { class: 'vO', name: this.name, rows: '1', dir: 'ltr', spellcheck: 'false', 'aria-label': words[this.name], role: 'combobox' });
    this.chips = el('span');
    this.chip = (person) => {
      const close = el('div', { class: 'vM' });
      const text = person.name ? `${person.name} <${person.email}>` : person.email;
      const chip = el('div', { class: 'vR' },
        el('span', { class: 'vN Y7BVp a3q', email: person.email, 'data-hovercard-id': person.email }, el('div', { class: 'vT' }, person.name || person.email), close),
        el('input', { type: 'hidden', name: this.name, value: text }));
      close.addEventListener('click', () => this.remove(person, chip));
      return chip;
    };
    return el('tr', { class: 'bzf' }, el('td', { class: 'ok' }, el('span', { class: 'gO aQY', role: 'link' }, words[this.name])),
      el('td', { class: 'eV' }, el('div', { class: 'oj' }, el('div', { class: 'wO nr' }, this.chips, this.input))));
  }
}

/** The three fields of recipients of one compose, in the user interface that the account has. */
export class Recipients {
  /** @param {() => void} changed called after each change by the user */
  constructor(changed) {
    this.fields = Object.fromEntries(['to', 'cc', 'bcc'].map((name) => [name, new Field(name, changed)]));
    const rows = Object.values(this.fields).map((field) => field.row);
    const body = options.recipients === 'classic'
      ? rows
      : [el('tr', { class: 'bzf' }, el('td', { class: 'eV' }, el('div', {}, el('div', {}, ...rows))))];
    show(this.fields.bcc.row, false);
    this.element = el('div', { class: 'fX aXjCH' }, el('table', { class: 'GS', tabindex: '-1', role: 'presentation' }, el('tbody', { class: 'bze' }, ...body)));
  }

  /** Fills the fields from a mail. */
  set({ to = [], cc = [], bcc = [] }) {
    for (const [name, people] of Object.entries({ to, cc, bcc })) people.forEach((person) => this.fields[name].add(person));
    if (bcc.length > 0) show(this.fields.bcc.row, true);
  }

  /** Makes chips of what is typed, as Gmail does when Send is pressed. */
  commit() {
    Object.values(this.fields).forEach((field) => field.commit());
  }

  /** Who is in the fields now: `{to, cc, bcc}`. */
  get people() {
    return Object.fromEntries(Object.entries(this.fields).map(([name, field]) => [name, [...field.people]]));
  }
}
