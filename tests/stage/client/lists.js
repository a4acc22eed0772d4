import { el } from './dom.js';
import { options } from './options.js';
import { moment, words } from './words.js';

let rows = 0;

/** Which messages make a list show their conversation. */
const LISTS = {
  inbox: (message) => message.labels.includes('^i') && !message.labels.some((label) => label === '^r' || label === '^pfg'),
  sent: (message) => message.labels.includes('^pfg'),
  drafts: (message) => message.labels.includes('^r'),
  scheduled: (message) => message.labels.includes('^scheduled'),
};

function idNode(thread, last) {
  const settled = thread.messages.filter((message) => !message.labels.includes('^r')).at(-1) ?? last;
  const only = thread.messages.length === 1 && last.labels.includes('^r');
  const text = thread.messages[0].subject || words.noSubject;
  return el('span', {
    'data-thread-id': `#${thread.id}`, 'data-legacy-thread-id': thread.legacy, 'data-legacy-last-message-id': last.legacy,
    'data-legacy-last-non-draft-message-id': settled.legacy, 'data-standalone-draft-id': only ? `#${last.id}` : null,
  }, text);
}

function people(view, last) {
  if (last.labels.includes('^r')) return [el('span', { class: 'boq' }, words.draft)];
  const shown = view === 'inbox' ? [last.from] : last.to;
  const names = shown.map(({ email, name }) => el('span', { class: 'bA4' }, el('span', { class: 'yP', email, name: name || email, 'data-hovercard-id': email }, name || email)));
  return view === 'sent' ? [`${words.to}: `, ...names] : names;
}

function fill(row, view, thread) {
  const last = thread.messages.at(-1);
  const label = `:r${rows++}`;
  row.className = `zA ${last.labels.includes('^u') && view === 'inbox' ? 'zE' : 'yO'}`;
  row.setAttribute('aria-labelledby', label);
  row.thread = thread;
  const snippet = last.parts.map(([, html]) => html.replace(/<[^>]*>/g, ' ')).join(' ').trim().slice(0, 60);
  row.replaceChildren(
    el('td', { class: 'PF xY' }),
    el('td', { class: 'oZ-x3 xY' }, el('div', { class: 'oZ-jc T-Jo J-J5-Ji', role: 'checkbox', 'aria-checked': 'false', tabindex: '-1' })),
    el('td', { class: 'apU xY' }, el('span', { class: 'aXw T-KT', role: 'button' }, el('img', { class: 'T-KT-JX', src: 'images/cleardot.gif', alt: '' }))),
    el('td', { class: 'yX xY', role: 'gridcell', tabindex: '-1' }, el('div', { id: label, class: 'afn' }, ...people(view, last), ', ', idNode(thread, last), ', ', moment(last.time)), el('div', { class: 'yW' }, ...people(view, last), thread.messages.length > 1 ? el('span', { class: 'bx0' }, String(thread.messages.length)) : '')),
    el('td', { class: 'xY a4W', role: 'gridcell', tabindex: '-1' }, el('div', { class: 'xS', role: 'link' }, el('div', { class: 'xT' }, el('div', { class: 'y6' }, el('span', { class: 'bog' }, idNode(thread, last))), el('span', { class: 'y2' }, el('span', { class: 'Zt' }, '\u00a0-\u00a0'), snippet)))),
    el('td', { class: 'yf xY' }, '\u00a0'),
    el('td', { class: 'xW xY', role: 'gridcell', tabindex: '-1' }, el('span', { title: moment(last.time) }, el('span', {}, moment(last.time)))),
    el('td', { class: 'bq4 xY' }, el('ul', { class: 'bqY', role: 'toolbar' })),
  );
}

/** The threads that a list or a search shows, the latest first. */
function select(view, threads) {
  const [name, ...rest] = view.split('/');
  const wanted = decodeURIComponent(rest.join('/')).toLowerCase();
  const shows = LISTS[name] ?? ((message) => JSON.stringify([message.subject, message.to, message.parts]).toLowerCase().includes(wanted));
  return threads.filter((thread) => thread.messages.some(shows)).sort((a, b) => b.messages.at(-1).time - a.messages.at(-1).time);
}

/**
 * One list in a main of its own. Rows are used again for other threads when the list changes, as
 * Gmail does; with the option `rebuild` they are all made anew.
 */
export class List {
  #body = el('tbody');

  /** @param {string} view such as `sent` or `search/word` @param {(thread: object) => void} choose */
  constructor(view, choose) {
    this.view = view;
    const table = el('table', { class: 'F cf zt', role: 'grid', 'aria-readonly': 'true' }, el('colgroup', {}, el('col', { class: 'k0vOLb' }), el('col', { class: 'Ci' })), this.#body);
    this.main = el('div', { class: 'BltHke nH oy8Mbf', role: 'main' }, el('div', { class: 'UI ae4', gh: 'tl' }, el('div', { class: 'aKw' }), el('div', { class: 'Cp' }, el('div', {}, table))));
    this.#body.addEventListener('click', (event) => {
      const row = event.target.closest('tr.zA');
      if (row) choose(row.thread);
    });
  }

  /** Shows the threads as they are now. */
  render(threads) {
    const selected = select(this.view, threads);
    if (options.rebuild) this.#body.replaceChildren();
    while (this.#body.children.length > selected.length) this.#body.lastElementChild.remove();
    while (this.#body.children.length < selected.length) this.#body.append(el('tr', { role: 'row', tabindex: '-1', draggable: 'true', jsmodel: 'nXDxbd' }));
    selected.forEach((thread, place) => fill(this.#body.children[place], this.view, thread));
  }
}
