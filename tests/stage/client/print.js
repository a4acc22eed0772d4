import { el, setHtml } from './dom.js';
import { moment } from './words.js';

/** The page that Gmail makes for printing: the whole conversation in plain tables, without any of its landmarks. */
export function printView(thread) {
  const messages = thread.messages.map((message) => {
    const body = el('div', { style: 'overflow: hidden;' });
    setHtml(body, message.shown);
    const people = message.to.map(({ email }) => email).join(', ');
    return el('table', { width: '100%', class: 'message' }, el('tbody', {},
      el('tr', {}, el('td', {}, el('b', {}, message.from.email)), el('td', { align: 'right' }, moment(message.time))),
      el('tr', {}, el('td', { colspan: '2' }, el('div', {}, people))),
      el('tr', {}, el('td', { colspan: '2' }, body))));
  });
  document.title = thread.messages[0].subject;
  document.body.append(el('div', { class: 'bodycontainer' }, el('div', { class: 'maincontent' }, el('b', {}, thread.messages[0].subject), el('hr'), ...messages)));
}
