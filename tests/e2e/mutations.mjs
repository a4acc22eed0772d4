/** What is done to each page: one or several changes by name, see {@link mutate}. */
export const MUTATIONS = [
  ['ids', 'labels', 'right to left', 'no compose id', 'buttons in the title bar'],
  ['classes', 'ids', 'labels'],
  ['attribute jslog'],
  ['attribute role'],
  ['attribute g_editable'],
  ['attributes aria-'],
  ['attributes data-'],
  ['attribute command', 'attribute selector', 'attribute tabindex'],
  ['attribute name of inputs'],
  ['classes', 'attribute jslog'],
  ['classes', 'attribute role'],
  ['classes', 'attributes aria-'],
  ['classes', 'attribute g_editable'],
  ['attribute jslog', 'attribute role'],
  ['classes', 'nested', 'current recipients'],
  ['nested', 'classic recipients'],
  ['no table'],
  ['classes', 'no table', 'no arrow'],
  ['send and archive', 'another extension'],
  ['classes', 'send and archive', 'no arrow'],
  ['classes', 'another extension'],
  ['attribute jslog', 'another extension', 'no arrow'],
  ['quote unfolded', 'minimised'],
];

/**
 * Changes a page. Runs in a browser, in a page without any policy.
 * @param {object} task
 * @param {string} task.html the page
 * @param {object[]} task.composes what is known of its composes; their parts are marked by
 *   `data-test-…` attributes first, by which they can be found afterwards
 * @param {string[]} task.changes names of changes, done in this order
 * @param {{html: string, compose: object}} [task.extra] a compose of another page that is added
 * @returns {string} the page as it is then
 */
export function mutate({ html, composes, changes, extra }) {
  const page = new DOMParser().parseFromString(html, 'text/html');
  const mark = (of, compose, index) => {
    for (const [name, selector] of [['root', compose.root], ['row', compose.toolbar_row], ['send', compose.send_button], ['body', compose.body]]) {
      of.querySelector(selector).setAttribute(`data-test-${name}`, index);
    }
  };
  composes.forEach((compose, index) => mark(page, compose, index));
  if (extra) {
    const other = new DOMParser().parseFromString(extra.html, 'text/html');
    mark(other, extra.compose, composes.length);
    const place = page.createElement('div');
    place.append(page.adoptNode(other.querySelector('[data-test-root]')));
    page.body.append(place);
  }
  const all = (selector) => [...page.querySelectorAll(selector)];
  const roots = () => all('[data-test-root]');
  const each = (selector, change) => roots().forEach((root) => [...root.querySelectorAll(selector)].forEach(change));
  const add = (tag, attributes, ...content) => {
    const node = page.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...content);
    return node;
  };
  const wrap = (node, depth) => {
    for (let level = 0; level < depth; level += 1) {
      const around = page.createElement('div');
      node.replaceWith(around);
      around.append(node);
    }
  };
  const isMarker = (name) => name.startsWith('data-test-');
  const strip = (matches) => {
    for (const node of all('*')) for (const { name } of [...node.attributes]) if (matches(name) && !isMarker(name)) node.removeAttribute(name);
  };
  const FIELDS = ['to', 'cc', 'bcc'];
  const recipients = (field) => each('form', (form) => {
    form.querySelectorAll('.anm, .vR, textarea.vO').forEach((node) => node.remove());
    form.prepend(...FIELDS.map(field));
  });
  const known = {
    'as it is': () => {},
    classes: () => {
      // The mail's own classes are the sender's, not Gmail's.
      for (const node of all('[class]')) if (!node.closest('[data-test-body], .a3s') || node.matches('[data-test-body]')) node.className = node.className.replace(/\S+/g, 'x-$&');
    },
    ids: () => strip((name) => ['id', 'for', 'aria-labelledby'].includes(name)),
    labels: () => {
      for (const node of all('*')) for (const name of ['aria-label', 'data-tooltip', 'title', 'alt', 'placeholder']) if (node.hasAttribute(name)) node.setAttribute(name, '送信 \u202a(⌘Enter)\u202c');
      all('[data-test-send]').forEach((node) => (node.textContent = '送信'));
    },
    'right to left': () => {
      page.documentElement.dir = 'rtl';
      page.documentElement.lang = 'ar';
    },
    'attributes aria-': () => strip((name) => name.startsWith('aria-')),
    'attributes data-': () => strip((name) => name.startsWith('data-')),
    'attribute name of inputs': () => each('input[type="hidden"], form input', (input) => input.name !== 'draft' && input.name !== 'subjectbox' && input.removeAttribute('name')),
    nested: () => {
      for (const selector of ['[data-test-root]', '[data-test-send]', '[data-test-body]', '[data-test-row] > td > *']) all(selector).forEach((node) => wrap(node, 2));
    },
    'no table': () => all('[data-test-row]').forEach((row) => {
      // The same buttons in a row of boxes.
      const table = row.closest('table');
      const boxes = [...row.children].map((cell) => add('div', { class: cell.className }, ...cell.childNodes));
      const group = add('div', { role: table.getAttribute('role') ?? 'group', class: table.className });
      const box = add('div', { class: row.className, 'data-test-row': row.dataset.testRow }, ...boxes);
      group.append(box);
      table.replaceWith(group);
    }),
    'no arrow': () => all('[data-test-send]').forEach((send) => send.parentElement.querySelectorAll('[aria-haspopup="true"]').forEach((arrow) => arrow.remove())),
    'send and archive': () => all('[data-test-send]').forEach((send) => {
      const archive = add('div', { class: 'T-I J-J5-Ji Uo v7 T-I-atl L3', role: 'button', tabindex: '1' }, 'Send + Archive');
      send.parentElement.before(add('div', {}, archive));
    }),
    'buttons in the title bar': () => all('img.Hl, img.Hq, img.Ha').forEach((image) => image.replaceWith(add('button', { class: image.className, type: 'button', 'aria-label': image.alt }))),
    'no compose id': () => all('[data-compose-id]').forEach((node) => node.removeAttribute('data-compose-id')),
    'current recipients': () => recipients((name) => add('div', { class: 'anm', name },
      add('div', { role: 'listbox' }, add('div', { role: 'option', 'data-name': 'Ann', 'data-hovercard-id': `${name}@example.org` }, 'Ann')),
      add('input', { type: 'text', role: 'combobox', 'peoplekit-id': 'x', 'aria-haspopup': 'listbox' }))),
    'classic recipients': () => recipients((name) => add('div', {},
      add('div', { class: 'vR' }, add('span', { email: `${name}@example.org` }, 'Ann'), add('input', { type: 'hidden', name, value: `Ann <${name}@example.org>` })),
      add('textarea', { class: 'vO', name }))),
    'quote unfolded': () => all('[data-test-body]').forEach((body) => body.append('Words', add('br', {}),
      add('div', { class: 'gmail_quote gmail_quote_container' }, add('blockquote', { class: 'gmail_quote' }, add('img', { src: 'https://ci3.googleusercontent.com/meips/X=s0-d-e1-ft#https://other.example/p/1.gif' }))))),
    'another extension': () => all('[data-test-row]').forEach((row) => {
      const button = () => add('div', { class: 'other-button', role: 'button', tabindex: '0', 'aria-haspopup': 'true' }, 'Other');
      row.prepend(add(row.tagName === 'TR' ? 'td' : 'div', { class: 'other' }, button()));
      row.firstElementChild.after(add(row.tagName === 'TR' ? 'td' : 'div', { class: 'gU' }, add('div', { role: 'button', tabindex: '0' }, 'Later')));
      const body = row.closest('[data-test-root]').querySelector('[data-test-body]');
      body.after(add('div', { contenteditable: 'true', class: 'other-note' }), add('div', { contenteditable: 'true', role: 'textbox', class: 'other-note' }));
    }),
    minimised: () => roots().forEach((root) => (root.parentElement.style.display = 'none')),
    'plain text': () => all('.Ar').forEach((box) => (box.style.display = box.querySelector('textarea') ? 'block' : 'none')),
    confidential: () => all('[command="locker"]').forEach((button) => button.setAttribute('aria-pressed', 'true')),
  };
  for (const change of changes) {
    const [, kind, name] = /^(class|attribute) (\S+)$/.exec(change) ?? [];
    if (known[change]) known[change]();
    else if (kind === 'class') all(`.${name}`).forEach((node) => node.classList.replace(name, `x-${name}`));
    else if (kind === 'attribute') strip((each) => each === name);
    else throw new RangeError(`no change is called ${change}`);
  }
  return `<!doctype html>${page.documentElement.outerHTML}`;
}
