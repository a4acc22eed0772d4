import { el, nest, show } from './dom.js';
import { jslog } from './ids.js';
import { options } from './options.js';
import { words } from './words.js';

let ordinal = 0;
const cleardot = 'images/cleardot.gif';
const HIDDEN = ['composeid', 'from', 'subject', 'draft', 'rt', 'lts', 'bwd', 'rm', 'ac', 'adc', 'ishtml', 'body', 'pte', 'pti', 'bpfs', 'uet', 'pbgt', 'pbgas', 'pbgir'];

/** An id that changes with every page load, as all of Gmail's do. */
const id = () => `:${(100 + ordinal++).toString(36)}`;
const sentinel = () => el('div', { style: 'background-color: transparent; width: 1px; height: 1px; position: absolute;', tabindex: '1' });
const icon = (name, command, label) =>
  el('div', { class: 'wG J-Z-I', command, 'data-tooltip': label, 'aria-label': label, tabindex: '1', role: 'button', id: id() },
    nest(['J-J5-Ji J-Z-I-Kv-H', 'J-J5-Ji J-Z-I-J6-H'], el('div', { class: `${name} aaA aMZ` }, el('div', { class: 'a3I', 'aria-hidden': 'true' }))));

function toolbar(parts, draft, thread) {
  const sendLog = jslog(32601, 'cOuCgd,Kr2w4b', draft, thread);
  parts.send = el('div', { id: id(), class: 'T-I J-J5-Ji aoO v7 T-I-atl L3', role: 'button', tabindex: '1', style: 'user-select: none;', 'data-tooltip': words.sendTip, 'aria-label': words.sendTip, 'data-tooltip-delay': '800', jslog: sendLog }, words.send);
  parts.arrow = el('div', { id: id(), class: 'T-I J-J5-Ji hG T-I-atl L3', role: 'button', tabindex: '1', 'aria-label': words.more, 'data-tooltip': words.more, 'aria-expanded': 'false', 'aria-haspopup': 'true' }, el('div', { class: 'G-asx' }, '\u25be'));
  parts.archive = parts.kind === 'inline' && options.archive
    ? el('div', { id: id(), class: 'T-I J-J5-Ji Uo v7 T-I-atl L3', role: 'button', tabindex: '1', 'aria-label': words.sendArchive }, words.sendArchive)
    : null;
  parts.discard = el('div', { id: id(), class: 'oh J-Z-I J-J5-Ji T-I-ax7', tabindex: '1', role: 'button', 'data-tooltip': words.discard, 'aria-label': words.discard }, nest(['J-J5-Ji J-Z-I-Kv-H', 'J-J5-Ji J-Z-I-J6-H', 'og T-I-J3'], ''));
  parts.more = el('div', { id: id(), class: 'J-JN-M-I J-J5-Ji Xv L3 T-I-ax7 T-I', role: 'button', tabindex: '1', 'aria-haspopup': 'true', 'aria-expanded': 'false', 'aria-label': words.options }, el('div', { class: 'J-J5-Ji J-JN-M-I-Jm' }, el('img', { class: 'Y1', src: cleardot, alt: '' }), '\u22ee'));
  parts.attach = icon('a1', 'Files', words.attach);
  parts.locker = icon('buc', 'locker', words.confidential);
  parts.locker.setAttribute('aria-pressed', 'false');
  parts.file = el('input', { type: 'file', name: 'Filedata', multiple: true, style: 'display: none;' });
  const sendCell = el('td', { class: 'gU Up' }, el('div', { id: id(), class: 'J-J5-Ji btA' },
    el('div', { class: 'J-J5-Ji' }), parts.archive && el('div', {}, parts.archive), el('div', { class: 'dC' }, parts.send, parts.arrow), el('div', { class: 'J-J5-Ji' })));
  const row = el('tr', { class: 'btC' }, sendCell,
    el('td', { class: 'oc gU', id: id() }, el('div', { 'data-tooltip': words.format, 'aria-label': words.format }, el('div', { class: 'J-Z-I J-J5-Ji', role: 'button', 'aria-haspopup': 'true', 'aria-pressed': 'false' }, nest(['J-J5-Ji J-Z-I-Kv-H', 'J-J5-Ji J-Z-I-J6-H', 'dv'], 'A')))),
    el('td', { class: 'gU btB' }, el('div', { class: 'Uz', 'aria-hidden': 'true' })),
    el('td', { class: 'a8X gU', id: id() }, el('div', { class: 'bAK' }, parts.attach, parts.file, parts.locker)),
    el('td', { class: 'gU az5' }, el('div', { class: 'J-J5-Ji btx' }, el('div', { class: 'J-J5-Ji bty' }, parts.more), el('div', { class: 'J-J5-Ji bty' }, parts.discard), sentinel())));
  const columns = el('colgroup', {}, ...['', 'Uf', 'UA', 'Uy', 'az8', ''].map((name) => el('col', { class: name || null })));
  return el('table', { class: 'IZ', role: 'group', id: id() }, columns, el('tbody', {}, row));
}

function editors(parts) {
  parts.plain = el('textarea', { id: id(), class: 'Ak aXjCH', 'aria-label': words.body, spellcheck: 'true', tabindex: '1', form: 'nosend' });
  parts.rich = el('div', { id: id(), class: 'Am Al editable LW-avf tS-tW', hidefocus: 'true', 'aria-label': words.body, g_editable: 'true', role: 'textbox', 'aria-multiline': 'true', tabindex: '1', spellcheck: 'false', contenteditable: 'true', style: `direction: ${options.dir};` });
  parts.plainBox = el('div', { id: 'undefined', class: 'Ar As', style: 'display: none;' }, el('div', { class: 'At' }, parts.plain));
  parts.richBox = el('div', { id: id(), class: 'Ar Au', style: 'display: block;' }, parts.rich);
  parts.trimmed = el('div', { id: id(), class: 'ajR', role: 'button', tabindex: '-1', style: 'display:none', 'aria-label': words.quote, 'data-tooltip': words.quote }, el('div', { class: 'uC' }, el('img', { class: 'ajT', src: cleardot, alt: '' })));
  const cell = el('td', { class: 'Ap' }, parts.plainBox, parts.richBox);
  const table = el('table', { class: 'cf An' }, el('tbody', {}, el('tr', {}, el('td', { class: 'Aq' }), cell, el('td', { class: 'Aq' }))));
  return el('div', { id: id(), class: 'GP' }, nest(['qz aXjCH'], el('div', { class: 'et' }, nest(['ZyRVue', ''], table), parts.trimmed)));
}

function menus(parts) {
  const item = (name, label, more = {}) => (parts[name] = el('div', { class: 'J-N yr', role: 'menuitem', tabindex: '-1', id: id(), ...more }, el('div', { class: 'J-N-Jz' }, label)));
  parts.sendMenu = el('div', { class: 'q8NmZb J-M jQjAxd', style: 'display: none; user-select: none;', role: 'menu', 'aria-haspopup': 'true' }, nest(['SK AX'], item('schedule', words.schedule, { selector: 'scheduledSend' })));
  parts.moreMenu = el('div', { class: 'J-M J-M-ayU', style: 'display: none; user-select: none;', role: 'menu' }, item('togglePlain', words.plainMode));
  return [parts.moreMenu, parts.sendMenu];
}

/**
 * Builds the markup of a compose from its landmarks outward in, without any behaviour.
 * @param {{kind: 'docked'|'window'|'inline', draft: string, thread: string, recipients: HTMLElement}} compose
 * @returns {Record<string, HTMLElement>} its parts by name; `root` is the whole
 */
export function composeView({ kind, draft, thread, recipients }) {
  const parts = { kind };
  const number = String(++ordinal);
  parts.subject = el('input', { name: 'subjectbox', class: 'aoT', tabindex: '1', placeholder: words.subject, 'aria-label': words.subject, spellcheck: 'true', id: id() });
  parts.response = el('img', { class: 'HQ', src: cleardot, alt: '' });
  const hidden = HIDDEN.map((name) => (parts[`h_${name}`] = el('input', { type: 'hidden', name, value: '', id: name.startsWith('pt') ? 'undefined' : id() })));
  parts.h_composeid.value = number;
  parts.h_ishtml.value = '1';
  const subjectBox = el('div', { class: 'aoD az6' }, el('div', {}, parts.subject, el('div', { class: 'bzm', style: 'display: none' })));
  show(subjectBox, kind !== 'inline');
  const form = el('form', { id: id(), class: 'bAs', method: 'POST', action: '', enctype: 'multipart/form-data', 'accept-charset': 'utf-8' }, recipients,
    el('div', { class: 'aoD hl', tabindex: '1', style: 'display: none;' }, el('div', { class: 'oL aDm' })), subjectBox, ...hidden,
    ...['msg_encrypt', 'signature', 'securityindicator'].map((name) => el('input', { name, type: 'hidden', value: '0', id: id() })));
  form.addEventListener('submit', (event) => event.preventDefault());
  parts.plainNote = el('div', { class: 'J-Z aA3', style: 'display:none' }, el('span', {}, words.plainNow), ' ', (parts.toRich = el('span', { class: 'aA5', role: 'link', tabindex: '0' }, words.rich)));
  parts.formatting = el('div', { class: 'aX', style: 'display: none;' }, el('div', { class: 'aZ' }, el('div', { class: 'J-Z', role: 'toolbar', 'aria-label': words.format }), parts.plainNote, el('div', { class: 'aA4' })));
  const footer = nest(['aDg'], el('div', { class: 'aDj' }, el('div', { class: 'aDl' }, el('div', { class: 'nc' }), nest(['Ur'], parts.formatting), el('span', { class: 'eq' })), nest(['aDh'], toolbar(parts, draft, thread))));
  const body = el('table', { class: 'iN' }, el('tbody', {}, el('tr', {}, el('td', { class: 'GQ' }, editors(parts))), el('tr', {}, el('td', { class: 'HE' }, footer))));
  parts.popOut = kind === 'inline' ? el('div', { class: 'J-J5-Ji Hq2', role: 'button', tabindex: '1', 'aria-label': words.popOutReply }, '\u2197') : null;
  const responseBox = kind === 'inline'
    ? el('div', { class: 'aB5' }, el('div', { class: 'J-JN-M-I J-J5-Ji Un L3 T-I-ax7 T-I', role: 'button', tabindex: '1', 'aria-haspopup': 'true', 'aria-label': words.response }, el('div', { class: 'J-J5-Ji J-JN-M-I-Jm' }, parts.response)), parts.popOut)
    : null;
  const cell = el('td', { class: 'I5', id: id() }, responseBox, form, body);
  const table = el('table', { id: id(), class: kind === 'inline' ? 'aoP HM' : 'aoP aoC' }, el('tbody', {}, el('tr', {}, el('td', { class: 'aoY' }), cell)));
  parts.region = el('div', { id: id(), class: 'aoI', role: 'region', 'aria-label': words.newMessage, 'data-compose-id': number }, sentinel(), table);
  parts.root = el('div', { class: 'M9', jsaction: 'taiVP:.CLIENT', jslog: jslog(77394, 'xr6bB', draft, thread) }, el('div', { class: 'HX' }), el('div'), parts.region, el('div'), ...menus(parts));
  return parts;
}

/**
 * The frame of a docked compose: title bar with its three buttons, and the box that is minimised.
 * `moved` is what leaves its `home` to stand over the page.
 * @returns {{frame: HTMLElement, home: HTMLElement, moved: HTMLElement, box: HTMLElement, title: HTMLElement, minimize: HTMLElement, full: HTMLElement, close: HTMLElement}}
 */
export function dockFrame(root) {
  const titleId = id();
  const button = (name, label) => el('button', { class: name, type: 'button', 'aria-label': label, 'data-tooltip': label });
  const [minimize, full, close] = [button('Hl', words.minimize), button('Hq aUG', words.full), button('Ha', words.close)];
  const title = el('div', { class: 'aYF' }, words.newMessage);
  const bar = el('table', { class: 'cf Ht' }, el('tbody', {}, el('tr', {}, el('td', {}, el('div', { id: titleId, class: 'Hp' }, el('h2', { class: 'a3E' }, title))), el('td', { class: 'Hm' }, minimize, full, close))));
  const box = el('div', { class: 'nH' }, el('div', { class: 'aaZ' }, root));
  const dialog = el('div', { class: 'nH Hd', role: 'dialog', 'aria-labelledby': titleId }, el('div', { class: 'nH' }), el('div', { class: 'nH Hy aXJ' }, nest(['l m', 'l n', 'k', 'aCk', 'nH wKggEb'], bar)), box, el('div', { class: 'nH' }));
  const moved = nest(['nH'], dialog);
  const home = el('div', { class: 'AD' }, moved);
  return { frame: el('div', { class: 'nH nn' }, home), home, moved, box, title, minimize, full, close };
}
