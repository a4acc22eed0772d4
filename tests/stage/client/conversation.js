import { Compose } from './compose.js';
import { el, nest, onPress, setHtml } from './dom.js';
import { options } from './options.js';
import { moment, words } from './words.js';

const escape = (text) => text.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c]);
const nameOf = ({ email, name }) => name || email;

function quoteOf(message) {
  const line = `${escape(moment(message.time))} ${escape(nameOf(message.from))} &lt;${escape(message.from.email)}&gt; ${escape(words.wrote)}`;
  return `<br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">${line}<br></div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex">${message.shown}</blockquote></div>`;
}

/** What a reply, a reply to all or a forward of `message` begins with. */
function answerTo(thread, message, kind) {
  const own = options.account.email;
  const others = (people) => people.filter((person) => person.email !== own);
  const to = message.from.email === own ? message.to : [message.from];
  const prefix = kind === 'forward' ? 'Fwd: ' : 'Re: ';
  return {
    thread: thread.id, legacy: thread.legacy, replyTo: message.id, inReplyTo: message.rfc, quote: quoteOf(message),
    subject: message.subject.startsWith(prefix) ? message.subject : prefix + message.subject,
    to: kind === 'forward' ? [] : to, cc: kind === 'all' ? others([...message.to.filter((person) => !to.includes(person)), ...message.cc]) : [],
  };
}

function messageView(message) {
  const person = (name, { email, name: shown }) => el('span', { email, name: shown || email, 'data-hovercard-id': email, class: name }, el('span', {}, shown || email));
  const time = el('span', { class: 'g3', title: moment(message.time), role: 'gridcell', tabindex: '-1' }, moment(message.time));
  const sender = el('td', { class: 'gF gK' }, el('h3', { class: 'iw gFxsud' }, el('span', { translate: 'no', class: 'qu', role: 'gridcell', tabindex: '-1' }, person('gD', message.from))));
  const to = el('td', { colspan: '3' }, el('div', { class: 'iw ajw' }, el('span', { translate: 'no', class: 'hb' }, `${words.to} `, ...message.to.map((each) => person('g2', each)))));
  const header = el('table', { class: 'cf gJ' }, el('tbody', {}, el('tr', { class: 'acZ' }, sender, el('td', { class: 'gH bAk' }, el('div', { class: 'gK' }, el('span'), time)), el('td', { class: 'gH' })), el('tr', { class: 'acZ xD' }, to)));
  const body = el('div', { class: 'a3s aiL' });
  setHtml(body, message.clipped ?? message.shown ?? message.parts.map((part) => part[1]).join(''));
  if (message.clipped) body.append(el('div', { class: 'iX' }, `${words.clipped}  `, el('a', { class: 'vi', href: `?view=lg&th=${message.legacy}` }, words.entire)));
  // A message that was just sent has no legacy id until the server has answered.
  return el('div', { class: 'adn ads', 'data-message-id': `#${message.id}`, 'data-legacy-message-id': message.legacy ?? null }, el('div', { class: 'aju' }), el('div', { class: 'gs' }, nest(['gE iv gt'], header), el('div', {}, el('div', { class: 'aHl' }), nest(['ii gt'], body))));
}

/** One conversation in a main of its own: its messages, and the inline compose below each. */
export class Conversation {
  #items = new Map();
  #list = el('div', { class: 'nH', role: 'list' });

  constructor(thread, page) {
    this.view = `thread/${thread.id}`;
    this.id = thread.id;
    this.page = page;
    const title = el('h2', { jsname: 'r4nke', class: 'hP', tabindex: '-1', 'data-thread-perm-id': thread.id, 'data-legacy-thread-id': thread.legacy }, thread.messages[0].subject || words.noSubject);
    this.main = el('div', { class: 'BltHke nH oy8Mbf', role: 'main' }, el('div', { class: 'g id' }, nest(['nH a98 iY aHo', 'nH', 'nH V8djrc byY', 'nH', 'ha'], title), el('div', { class: 'nH aHU' }, el('div', { class: 'nH' }), this.#list)));
    this.render([thread]);
  }

  /** Shows the messages that are new; those that stand already get their legacy id. */
  render(threads) {
    const thread = threads.find((other) => other.id === this.id);
    const sent = (thread?.messages ?? []).filter((message) => !message.labels.includes('^r'));
    for (const [id, item] of this.#items) {
      if (sent.some((message) => message.id === id) || item.provisional) continue;
      item.node.remove();
      this.#items.delete(id);
    }
    for (const message of sent) {
      const known = this.#items.get(message.id);
      if (known) {
        known.provisional = false;
        known.node.querySelector('.adn').setAttribute('data-legacy-message-id', message.legacy);
      } else this.#add(thread, message);
    }
  }

  #add(thread, message, provisional = false) {
    const slot = el('div', { class: 'ip' });
    const button = (kind, label) => {
      const node = el('span', { class: kind === 'forward' ? 'ams bkG' : kind === 'all' ? 'ams bkI' : 'ams bkH', role: 'link', tabindex: '0' }, label);
      onPress(node, () => this.answer(thread, message, slot, kind));
      return node;
    };
    const actions = el('div', { class: 'amn' }, button('reply', words.reply), ' ', button('all', words.replyAll), ' ', button('forward', words.forward));
    const below = message.labels.includes('^scheduled') ? [this.#notice(thread, message)] : [slot, actions];
    const inner = el('div', { class: 'G3 G2' }, el('div', {}, el('div', {}, messageView(message))), ...below);
    const node = el('div', { class: 'h7 ie nH oy8Mbf', role: 'listitem', 'aria-expanded': 'true', tabindex: '-1' }, el('div', { class: 'Bk' }, inner));
    this.#list.append(node);
    this.#items.set(message.id, { node, provisional });
  }

  /** What stands below a message that waits for its time. */
  #notice(thread, message) {
    const cancel = el('span', { class: 'bqA', role: 'link', tabindex: '0' }, words.cancelSend);
    onPress(cancel, () => this.page.cancel(thread));
    return el('div', { class: 'bqz', role: 'note' }, `${words.scheduledFor} ${moment(message.due)} `, cancel);
  }

  /** Opens the inline compose below a message. */
  answer(thread, message, slot, kind) {
    if (slot.classList.contains('adB')) return;
    const page = {
      ...this.page,
      provisional: (mail) => this.#add(thread, { ...mail, time: Date.now() }, true),
      closed: () => {
        slot.classList.remove('adB');
        slot.replaceChildren();
      },
    };
    const compose = new Compose('inline', answerTo(thread, message, kind), page);
    compose.parts.response.className = kind === 'forward' ? 'mI' : 'HQ';
    slot.replaceChildren(compose.parts.root);
    slot.classList.add('adB');
    compose.parts.rich.focus();
  }
}
