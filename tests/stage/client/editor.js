import { setHtml, show } from './dom.js';
import { options } from './options.js';

/**
 * What Gmail takes for a compose's text. How it learns of changes is an option, as nobody outside
 * knows: `dom` reads the page when asked, `input` follows `input` events, `frozen` follows the
 * user's own input and knows nothing that happens after the press.
 */
export class Editor {
  #model = '';

  /** @param {Record<string, HTMLElement>} parts of the compose @param {() => void} changed */
  constructor(parts, changed) {
    this.parts = parts;
    this.isPlain = false;
    parts.rich.addEventListener('input', (event) => {
      if (options.editor !== 'frozen' || event.isTrusted) this.#read();
      changed();
    });
    parts.plain.addEventListener('input', changed);
    parts.root.addEventListener('mousedown', () => options.editor === 'frozen' && this.#read(), true);
  }

  #read() {
    this.#model = this.parts.rich.innerHTML;
  }

  /** The HTML as Gmail knows it now; of a plain text, its escaped lines. */
  get html() {
    if (!this.isPlain && options.editor === 'dom') this.#read();
    if (!this.isPlain) return this.#model;
    const holder = document.createElement('div');
    holder.innerText = this.parts.plain.value;
    return holder.innerHTML;
  }

  /** Replaces the text. */
  set html(html) {
    setHtml(this.parts.rich, html);
    this.#read();
  }

  /** Switches between rich and plain text. */
  setPlain(isPlain) {
    if (isPlain) this.parts.plain.value = this.parts.rich.innerText;
    else this.parts.rich.innerText = this.parts.plain.value;
    this.isPlain = isPlain;
    this.#read();
    show(this.parts.plainBox, isPlain);
    this.parts.richBox.style.display = isPlain ? 'none' : 'block';
    show(this.parts.plainNote, isPlain);
    show(this.parts.formatting, isPlain);
    this.parts.h_ishtml.value = isPlain ? '0' : '1';
  }
}
