import { el } from './dom.js';

const STEPS = ['Write a mail and address it to anybody: nothing leaves this machine.', 'Switch the eye in the toolbar on.', 'Send.', 'Open it as the recipient, below.'];
const PROGRAMS = { gmail: 'Gmail', apple: 'Apple Mail', outlook: 'Outlook', firefox: 'a browser', prefetch: 'Gmail, ahead of any view' };

async function post(path) {
  return (await fetch(path, { method: 'POST' })).json();
}

/**
 * The stage's own panel, outside of Gmail's markup: what to do, and buttons that open the mails
 * that left as a recipient's program would.
 */
export class Guide {
  #mails = el('div');

  constructor() {
    const note = 'This is a stage that behaves like Gmail. No account, no network.';
    document.body.append(el('aside', { id: 'stage-guide', 'aria-label': 'Stage' }, el('strong', {}, 'Kaifu stage'), el('p', {}, note), el('ol', {}, ...STEPS.map((step) => el('li', {}, step))), this.#mails));
  }

  /** Shows the mails that left. */
  render(threads) {
    const mails = threads.flatMap((thread) => thread.messages).filter((message) => message.labels.includes('^pfg'));
    this.#mails.replaceChildren(...mails.slice(-3).reverse().map((mail) => this.#mail(mail)));
  }

  #mail(mail) {
    const result = el('small', { role: 'status' });
    const buttons = Object.entries(PROGRAMS).map(([program, name]) => {
      const button = el('button', { type: 'button', 'data-stage-open': program }, name);
      button.addEventListener('click', async () => {
        result.textContent = 'On its way: Gmail delivers when the send can be undone no longer.';
        const images = await post(`/stage/open?message=${encodeURIComponent(mail.id)}&as=${program}`);
        result.textContent = `${images.length} image${images.length === 1 ? '' : 's'} fetched.`;
      });
      return button;
    });
    return el('div', { 'data-stage-mail': mail.id }, el('p', {}, `Open “${mail.subject || 'no subject'}” as the recipient in`), ...buttons, el('div', {}, result));
  }
}

/** Tells the stage when the extension's toggle stands in an opened compose. */
export function reportToggle() {
  const look = () => {
    if (!document.querySelector('.M9 [data-kaifu="toggle"]')) return;
    observer.disconnect();
    void post('/stage/ready');
  };
  const observer = new MutationObserver(look);
  observer.observe(document.body, { childList: true, subtree: true });
  look();
}
