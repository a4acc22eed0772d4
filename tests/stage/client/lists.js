import { el, onPress } from './dom.js';
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

function snippetOf(message) {
  return message.parts.map(([, html]) => html.replace(/<[^>]*>/g, ' ')).join(' ').trim().slice(0, 60);
}

/** The row's text for screen readers, which names the conversation for the first time. */
function spoken(label, view, thread) {
  const last = thread.messages.at(-1);
  return el('div', { id: label, class: 'afn' }, ...people(view, last), ', ', idNode(thread, last), ', ', moment(last.time));
}

function subjectOf(thread) {
  return el('div', { class: 'y6' }, el('span', { class: 'bog' }, idNode(thread, thread.messages.at(-1))));
}

function name(row, view, thread, classes) {
  const last = thread.messages.at(-1);
  const label = `:r${rows++}`;
  row.className = `zA ${last.labels.includes('^u') && view === 'inbox' ? 'zE' : 'yO'}${classes}`;
  row.setAttribute('aria-labelledby', label);
  row.thread = thread;
  return label;
}

function fill([row], view, thread) {
  const last = thread.messages.at(-1);
  const label = name(row, view, thread, '');
  row.replaceChildren(
    el('td', { class: 'PF xY' }),
    el('td', { class: 'oZ-x3 xY' }, el('div', { class: 'oZ-jc T-Jo J-J5-Ji', role: 'checkbox', 'aria-checked': 'false', tabindex: '-1' })),
    el('td', { class: 'apU xY' }, el('span', { class: 'aXw T-KT', role: 'button' }, el('img', { class: 'T-KT-JX', src: 'images/cleardot.gif', alt: '' }))),
    el('td', { class: 'yX xY', role: 'gridcell', tabindex: '-1' }, spoken(label, view, thread), el('div', { class: 'yW' }, ...people(view, last), thread.messages.length > 1 ? el('span', { class: 'bx0' }, String(thread.messages.length)) : '')),
    el('td', { class: 'xY a4W', role: 'gridcell', tabindex: '-1' }, el('div', { class: 'xS', role: 'link' }, el('div', { class: 'xT' }, subjectOf(thread), el('span', { class: 'y2' }, el('span', { class: 'Zt' }, '\u00a0-\u00a0'), snippetOf(last))))),
    el('td', { class: 'yf xY' }, '\u00a0'),
    el('td', { class: 'xW xY', role: 'gridcell', tabindex: '-1' }, el('span', { title: moment(last.time) }, el('span', {}, moment(last.time)))),
    el('td', { class: 'bq4 xY' }, el('ul', { class: 'bqY', role: 'toolbar' })),
  );
}

/** Beside a preview pane a conversation takes three rows: people and date, subject, snippet. */
function fillVertical([first, second, third], view, thread) {
  const last = thread.messages.at(-1);
  const label = name(first, view, thread, ' apv');
  name(second, view, thread, ' apw');
  name(third, view, thread, ' apw');
  first.replaceChildren(
    el('td', { class: 'yX xY apy', role: 'gridcell', tabindex: '-1' }, spoken(label, view, thread), el('div', { class: 'yW' }, ...people(view, last))),
    el('td', { class: 'apt xY', role: 'gridcell', tabindex: '-1' }, el('span', { title: moment(last.time) }, moment(last.time))),
  );
  second.replaceChildren(el('td', { class: 'xY apB', colspan: '2', role: 'gridcell', tabindex: '-1' }, el('div', { class: 'xS', role: 'link' }, subjectOf(thread))));
  third.replaceChildren(el('td', { class: 'xY apE', colspan: '2', role: 'gridcell', tabindex: '-1' }, el('span', { class: 'y2' }, snippetOf(last))));
}

/** The threads that a list or a search shows, the latest first. */
function select(view, threads) {
  const [name, ...rest] = view.split('/');
  const wanted = decodeURIComponent(rest.join('/')).toLowerCase();
  const shows = LISTS[name] ?? ((message) => JSON.stringify([message.subject, message.to, message.parts]).toLowerCase().includes(wanted));
  return threads.filter((thread) => thread.messages.some(shows)).sort((a, b) => b.messages.at(-1).time - a.messages.at(-1).time);
}

/** How many rows a conversation takes in each layout. */
const PER_THREAD = { plain: 1, vertical: 3, split: 3 };
const ROW_PX = 40;

/**
 * One list in a main of its own. Rows are used again for other threads when the list changes, as
 * Gmail does; with the option `rebuild` they are all made anew. The option `layout` is `plain`,
 * `vertical` (three rows for each conversation) or `split` (the same, with the conversation beside
 * it). With the option `rows` only that many rows are in the page, and move along as it is scrolled.
 */
export class List {
  #body = el('tbody');
  #above = el('tr', { class: 'stage-space' });
  #below = el('tr', { class: 'stage-space' });
  #selected = [];
  #first = 0;

  /**
   * @param {string} view such as `sent` or `search/word`
   * @param {(thread: object) => void} choose
   * @param {(name: 'cancel'|'archive'|'bin', thread: object) => void} act what the toolbar over scheduled mails asks for
   */
  constructor(view, choose, act) {
    this.view = view;
    this.per = PER_THREAD[options.layout];
    const table = el('table', { class: 'F cf zt', role: 'grid', 'aria-readonly': 'true' }, el('colgroup', {}, el('col', { class: 'k0vOLb' }), el('col', { class: 'Ci' })), this.#body);
    this.scroller = el('div', { class: options.rows ? 'Cp stage-scroll' : 'Cp' }, el('div', {}, table));
    this.pane = options.layout === 'split' ? el('div', { class: 'aia' }) : null;
    this.main = el('div', { class: 'BltHke bGI nH oy8Mbf', role: 'main' }, el('div', { class: 'UI ae4', gh: 'tl' }, view === 'scheduled' ? this.#toolbar(act) : el('div', { class: 'aKw' }), this.scroller), this.pane);
    this.#body.addEventListener('click', (event) => {
      const row = event.target.closest('tr.zA');
      const box = event.target.closest('[role="checkbox"]');
      if (box) box.setAttribute('aria-checked', String(box.getAttribute('aria-checked') !== 'true'));
      else if (row) choose(row.thread);
    });
    if (options.rows) this.scroller.addEventListener('scroll', () => this.#scrolled());
  }

  /** The buttons for the rows that are selected. */
  #toolbar(act) {
    const button = (name, label) => {
      const node = el('div', { class: 'T-I J-J5-Ji nX T-I-ax7 L3', role: 'button', tabindex: '0', act: name }, label);
      onPress(node, () => [...this.#body.querySelectorAll('tr.zA:has([aria-checked="true"])')].forEach((row) => act(name, row.thread)));
      return node;
    };
    const buttons = [button('archive', words.archive), button('bin', words.remove), button('cancel', words.cancelSend)];
    return el('div', { class: 'aKw', gh: 'tm' }, el('div', { class: 'G-Ni J-J5-Ji' }, ...buttons));
  }

  /** Shows a conversation beside the list. */
  preview(conversation, threads) {
    this.open = conversation;
    this.pane.replaceChildren(conversation.main.firstElementChild);
    conversation.render(threads);
  }

  /** Shows the threads as they are now. */
  render(threads) {
    this.#selected = select(this.view, threads);
    this.open?.render(threads);
    if (options.rebuild) this.#body.replaceChildren();
    if (options.rows) return this.#renderWindow();
    const wanted = this.#selected.length * this.per;
    while (this.#body.children.length > wanted) this.#body.lastElementChild.remove();
    while (this.#body.children.length < wanted) this.#body.append(newRow(this.#body.children.length % this.per === 0));
    const rows = [...this.#body.children];
    const show = this.per === 1 ? fill : fillVertical;
    return this.#selected.forEach((thread, place) => show(rows.slice(place * this.per, (place + 1) * this.per), this.view, thread));
  }

  /** All of the window's rows anew, where the list is scrolled to. */
  #renderWindow() {
    const shown = this.#selected.slice(this.#first, this.#first + options.rows);
    this.#body.replaceChildren(this.#above, ...shown.map((thread) => this.#windowRow(newRow(), thread)), this.#below);
    this.#space();
  }

  #windowRow(row, thread) {
    fill([row], this.view, thread);
    return row;
  }

  #space() {
    this.#above.style.height = `${this.#first * ROW_PX}px`;
    this.#below.style.height = `${Math.max(0, this.#selected.length - this.#first - options.rows) * ROW_PX}px`;
  }

  /** Rows that left the window at one end come back at the other, for other conversations. */
  #scrolled() {
    const last = Math.max(0, this.#selected.length - options.rows);
    const first = Math.min(last, Math.max(0, Math.floor(this.scroller.scrollTop / ROW_PX) - 10));
    if (Math.abs(first - this.#first) >= options.rows) {
      this.#first = first;
      return this.#renderWindow();
    }
    for (; this.#first < first; this.#first += 1) this.#below.before(this.#windowRow(this.#above.nextElementSibling, this.#selected[this.#first + options.rows]));
    for (; this.#first > first; this.#first -= 1) this.#above.after(this.#windowRow(this.#below.previousElementSibling, this.#selected[this.#first - 1]));
    return this.#space();
  }
}

/** A row; only the first one of a conversation has an id. */
function newRow(isFirst = true) {
  return el('tr', { id: isFirst ? `:w${rows++}` : null, role: 'row', tabindex: '-1', draggable: 'true', jsmodel: 'nXDxbd' });
}
