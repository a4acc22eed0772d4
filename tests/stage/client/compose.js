import { composeView } from './compose-view.js';
import { askTime, refuse } from './dialogs.js';
import { onPress, show } from './dom.js';
import { Editor } from './editor.js';
import { newId } from './ids.js';
import { options } from './options.js';
import { Recipients, isAddress } from './recipients.js';
import { showToast } from './toast.js';
import { save, label } from './wire.js';
import { words } from './words.js';

const DRAFT = ['^all', '^r', '^r_bt'];
const SEND = ['^all', '^pfg', '^f_bt', '^f_btns', '^f_cl', '^i', '^u'];
const SCHEDULED = ['^all', '^scheduled'];
const RETRY_MS = 500;

/**
 * A compose in every form. `page` is what it needs of the page around it:
 * `changed()` reloads the mailbox, `opened(compose)` and `closed(compose)` keep the address,
 * `reopen(mail)` shows a draft again, `view(thread)` shows a conversation.
 */
export class Compose {
  #timer;
  #queue = Promise.resolve();

  /**
   * @param {'docked'|'window'|'inline'} kind
   * @param {object} mail the draft, or what a new one begins with
   */
  constructor(kind, mail, page) {
    this.page = page;
    this.id = mail.id ?? newId('msg');
    this.thread = mail.thread ?? newId('thread');
    this.replyTo = mail.replyTo ?? null;
    this.inReplyTo = mail.inReplyTo ?? null;
    this.saved = mail.saved ?? false;
    this.gone = false;
    this.recipients = new Recipients(() => this.#changed());
    this.parts = composeView({ kind, draft: this.id, thread: this.thread, recipients: this.recipients.element });
    this.editor = new Editor(this.parts, () => this.#changed());
    this.#fill(mail);
    this.#listen();
  }

  #fill(mail) {
    const { parts } = this;
    parts.h_from.value = options.alias;
    parts.h_draft.value = `#${this.id}`;
    parts.h_rt.value = `#${this.thread}`;
    parts.h_rm.value = this.replyTo ? `#${this.replyTo}` : '';
    parts.h_lts.value = mail.legacy ?? '';
    parts.subject.value = parts.h_subject.value = mail.subject ?? '';
    this.recipients.set(mail);
    this.editor.html = mail.html ?? '';
    this.#quote(mail.quote ?? '');
  }

  #quote(html) {
    this.parts.h_uet.value = html;
    show(this.parts.trimmed, html !== '');
  }

  #listen() {
    const { parts } = this;
    parts.subject.addEventListener('input', () => {
      parts.h_subject.value = parts.subject.value;
      this.#changed();
    });
    onPress(parts.send, () => this.send());
    if (parts.archive) onPress(parts.archive, () => this.send({ archive: true }));
    onPress(parts.discard, () => this.discard());
    onPress(parts.trimmed, () => {
      this.editor.html += parts.h_uet.value;
      this.#quote('');
      this.#changed();
    });
    this.#menu(parts.arrow, parts.sendMenu, parts.schedule, () => this.schedule());
    this.#menu(parts.more, parts.moreMenu, parts.togglePlain, () => this.#plain(!this.editor.isPlain));
    onPress(parts.toRich, () => this.#plain(false));
    onPress(parts.locker, () => parts.locker.setAttribute('aria-pressed', String(parts.locker.getAttribute('aria-pressed') !== 'true')));
    if (parts.popOut) onPress(parts.popOut, () => this.#popOut());
    onPress(parts.attach, () => parts.file.click());
    parts.root.addEventListener('keydown', (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      if (event.key === 'Enter') event.preventDefault();
      if (event.key === 'Enter') this.send({ archive: event.shiftKey && parts.archive !== null });
      if (event.shiftKey && event.code === 'KeyD') this.discard();
    });
  }

  /** Gmail's menus open on the press of the mouse and choose on its release. */
  #menu(button, menu, item, choose) {
    const toggle = (open) => {
      show(menu, open);
      button.setAttribute('aria-expanded', String(open));
      if (open) item.focus();
    };
    button.addEventListener('mousedown', (event) => {
      event.preventDefault();
      toggle(menu.style.display === 'none');
    });
    button.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.ctrlKey) return;
      event.preventDefault();
      toggle(true);
    });
    item.addEventListener('mouseup', () => (toggle(false), choose()));
    item.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') toggle(false);
      if (event.key === 'Enter') event.preventDefault();
      if (event.key === 'Enter') (toggle(false), choose());
    });
  }

  #plain(isPlain) {
    this.editor.setPlain(isPlain);
    this.#changed();
  }

  #changed() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.store(), options.autosave);
  }

  /** An answer moves from its conversation into a window: new nodes, the same draft. */
  #popOut() {
    const mail = this.mail(DRAFT);
    this.#leave();
    this.#end();
    this.page.reopen(mail);
  }

  /** The mail as Gmail would hand it to its server now. */
  mail(labels) {
    const html = this.editor.html;
    const typed = /^<div dir="(ltr|rtl)">/.test(html) ? html : `<div dir="${options.dir}">${html}</div>`;
    const quote = this.parts.h_uet.value;
    return {
      id: this.id, thread: this.thread, from: options.alias ? { ...options.account, email: options.alias } : options.account, ...this.recipients.people, subject: this.parts.subject.value,
      parts: quote && !this.editor.isPlain ? [[0, typed], [2, quote]] : [[0, typed]], labels, replyTo: this.replyTo,
      inReplyTo: this.inReplyTo, saved: this.saved,
    };
  }

  /** Saves the draft; saves of one compose reach the server in their order. */
  store() {
    clearTimeout(this.#timer);
    if (this.gone) return this.#queue;
    return this.#hand(() => this.mail(DRAFT));
  }

  #hand(mail) {
    this.#queue = this.#queue.then(async () => {
      const ids = await save(mail());
      if (ids) {
        this.saved = true;
        if (!this.parts.h_lts.value) this.parts.h_lts.value = ids.thread;
        await this.page.changed();
      }
      return ids;
    });
    return this.#queue;
  }

  /** Whether Gmail refuses to send; says why in a dialog over the page. */
  #refused(again) {
    const everyone = Object.values(this.recipients.people).flat();
    const text = this.parts.rich.innerText.split('\n>')[0];
    if (everyone.length === 0) refuse(words.noRecipient);
    else if (!everyone.every((person) => isAddress(person.email))) refuse(words.badAddress);
    else if (again && this.parts.file.files.length === 0 && text.toLowerCase().includes(words.attachWord)) refuse(words.forgotten, again);
    else return false;
    return true;
  }

  /** Sends, or refuses to. */
  async send({ archive = false, sure = false } = {}) {
    if (this.gone) return;
    const html = this.mail(SEND);
    this.recipients.commit();
    if (this.#refused(sure ? null : () => this.send({ archive, sure: true }))) return;
    const mail = { ...html, ...this.recipients.people };
    this.#leave();
    showToast(words.sending, { thread: this.thread, seconds: 60 });
    if (this.parts.kind === 'inline') this.page.provisional(mail);
    while (!(await this.#hand(() => ({ ...mail, saved: this.saved })))) {
      showToast(words.failed, { thread: this.thread, seconds: 60 });
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
    if (archive) await label(this.thread, this.replyTo, [], ['^i']);
    this.#end();
    showToast(words.sent, { thread: this.thread, seconds: options.undo, undo: () => this.#undo(mail), view: () => this.page.view(this.thread) });
  }

  /** Asks for a time and hands the mail over with it. */
  schedule() {
    const html = this.mail(SCHEDULED);
    this.recipients.commit();
    if (this.#refused(null)) return;
    askTime(async (time) => {
      // The text is read when the time has been chosen, unless the editor was frozen at the press.
      const mail = { ...(options.editor === 'frozen' ? html : this.mail(SCHEDULED)), ...this.recipients.people };
      this.#leave();
      await this.#hand(() => ({ ...mail, time, saved: this.saved }));
      this.#end();
      showToast(words.scheduled, { thread: this.thread, seconds: options.undo, undo: () => this.#undo(mail) });
    });
  }

  async #undo(mail) {
    const draft = { ...mail, labels: DRAFT, saved: true };
    await save(draft);
    await this.page.changed();
    this.page.reopen(draft);
    showToast(words.undone);
  }

  #leave() {
    clearTimeout(this.#timer);
    this.gone = true;
    // An inline compose stays until the answer is there; the others vanish with the press.
    if (this.parts.kind !== 'inline') this.page.closed(this);
  }

  #end() {
    if (this.parts.kind === 'inline') this.page.closed(this);
  }

  /** Throws the draft away. */
  async discard() {
    if (this.gone) return;
    clearTimeout(this.#timer);
    this.gone = true;
    this.page.closed(this);
    await this.#queue;
    const mail = this.mail(DRAFT);
    if (this.saved) await label(this.thread, this.id, ['^k'], DRAFT);
    await this.page.changed();
    const undo = async () => {
      await save(mail);
      await this.page.changed();
      this.page.reopen({ ...mail, saved: true });
    };
    showToast(words.discarded, { thread: this.thread, undo });
  }

  /** Saves and closes. */
  async close() {
    if (this.saved || this.parts.rich.innerHTML || this.parts.subject.value) await this.store();
    this.gone = true;
    this.page.closed(this);
  }
}
