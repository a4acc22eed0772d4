/**
 * Makes an element. `null` and `false` attributes are left out, `true` ones are empty.
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...(Node|string|null)} children
 */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

/** Wraps `inner` in one `div` for each class text, the first one outermost. */
export function nest(classes, inner) {
  return classes.reduceRight((child, name) => el('div', { class: name || null }, child), inner);
}

const policy = globalThis.trustedTypes?.createPolicy('stage-mail', { createHTML: (html) => html });

/** Puts a mail's HTML into an element; the page enforces Trusted Types, so this is the only way in. */
export function setHtml(node, html) {
  node.innerHTML = policy ? policy.createHTML(html) : html;
}

/** Shows or hides an element the way Gmail does, by its inline style. */
export function show(node, visible) {
  node.style.display = visible ? '' : 'none';
}

/** Runs `act` for a click, and for Enter or Space while `node` has the focus. */
export function onPress(node, act) {
  node.addEventListener('click', act);
  node.addEventListener('keydown', (event) => {
    if ((event.key !== 'Enter' && event.key !== ' ') || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    act(event);
  });
}
