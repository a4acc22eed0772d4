import { Conversation } from './conversation.js';
import { el, nest } from './dom.js';
import { Guide, reportToggle } from './guide.js';
import { readComposeToken } from './ids.js';
import { List } from './lists.js';
import { options } from './options.js';
import { printView } from './print.js';
import { installToast, showToast } from './toast.js';
import { label, mailbox } from './wire.js';
import { Windows } from './windows.js';
import { words } from './words.js';

const TITLES = { inbox: words.inbox, sent: words.sentMail, drafts: words.drafts, search: words.search };
const query = new URLSearchParams(location.search);
const mains = new Map();
const holder = el('div', { class: 'nH' });
const page = { changed, reopen: (mail) => windows.open(draftOf(mail)), view: (thread) => openThread(thread), cancel: (thread) => cancelOpen(thread) };
const windows = new Windows(page);
let threads = [];
let guide;

/** A stored draft in the form in which a compose takes it. */
function draftOf(mail) {
  const part = (code) => mail.parts.filter((each) => each[0] === code).map((each) => each[1]).join('');
  const legacy = threads.find((thread) => thread.id === mail.thread)?.legacy;
  return { ...mail, html: part(0), quote: part(2), legacy, saved: true };
}

function findDraft(id) {
  for (const thread of threads) {
    const found = thread.messages.find((message) => message.id === id);
    if (found) return draftOf({ ...found, thread: thread.id });
  }
  return null;
}

async function changed() {
  threads = await mailbox();
  for (const main of mains.values()) main.render(threads);
  guide?.render(threads);
  windows.saved();
}

/** What is done with a scheduled mail: which labels come and go. In what form Gmail asks for it, nobody has recorded. */
const ACTIONS = {
  cancel: { add: ['^r', '^r_bt'], remove: ['^scheduled'], says: words.cancelled },
  archive: { add: [], remove: ['^i'], says: words.archived },
  bin: { add: ['^k'], remove: [], says: words.binned },
};

async function act(name, thread) {
  const mail = thread.messages.find((message) => message.labels.includes('^scheduled'));
  const { add, remove, says } = ACTIONS[name];
  await label(thread.id, mail.id, add, remove);
  await changed();
  const undo = async () => {
    await label(thread.id, mail.id, remove, add);
    await changed();
  };
  showToast(says, { thread: thread.id, seconds: options.undo, undo });
  return mail;
}

/** Cancels a mail that is looked at: it opens as a draft, with the same id. */
async function cancelOpen(thread) {
  const mail = await act('cancel', thread);
  windows.open(draftOf({ ...mail, labels: ['^all', '^r', '^r_bt'], thread: thread.id }));
}

function choose(view, thread) {
  const draft = thread.messages.at(-1);
  if (view === 'drafts' && draft.labels.includes('^r')) windows.open(draftOf({ ...draft, thread: thread.id }));
  else location.hash = `#${view}/${thread.token}`;
  return null;
}

function openThread(id) {
  const thread = threads.find((other) => other.id === id);
  if (thread) location.hash = `#sent/${thread.token}`;
}

/** The conversation that a route names: by its token, or by its legacy id after `#all/`. */
function threadOf(route) {
  const [name, ...rest] = route.split('/');
  const token = name === 'search' ? rest[1] : rest[0];
  return threads.find((thread) => token && (thread.token === token || thread.legacy === token));
}

/** Shows the route's main; the others stay in the page, hidden. */
function navigate() {
  const route = location.hash.slice(1).split('?')[0] || 'inbox';
  const thread = threadOf(route);
  const pane = options.layout === 'split' && thread && route.split('/')[0];
  const view = pane || (thread ? `thread/${thread.id}` : route);
  if (!mains.has(view)) {
    const main = thread && !pane ? new Conversation(thread, page) : new List(view, (chosen) => choose(view, chosen), act);
    mains.set(view, main);
    holder.append(main.main);
    main.render(threads);
  }
  if (pane) mains.get(view).preview(new Conversation(thread, page), threads);
  for (const [name, { main }] of mains) main.style.display = name === view ? '' : 'none';
  const name = thread ? thread.messages[0].subject : TITLES[route.split('/')[0]] ?? route;
  document.title = `${name} - ${options.account.email} - Gmail`;
}

function banner() {
  const { name, email } = options.account;
  const account = el('a', { class: 'gb_B', role: 'button', tabindex: '0', 'aria-label': `${words.account}: ${name}  \n(${email})`, href: 'https://accounts.google.com/SignOutOptions' }, email);
  account.addEventListener('click', (event) => event.preventDefault());
  return el('header', { role: 'banner' }, el('div'), el('div', {}, el('div'), el('div', {}, account)));
}

function navigation() {
  const link = (hash) => el('a', { href: `#${hash}` }, TITLES[hash]);
  const compose = el('div', { class: 'T-I T-I-KE L3', role: 'button', tabindex: '0', gh: 'cm' }, words.compose);
  compose.addEventListener('click', () => windows.open());
  return el('div', { class: 'aeN WR nH oy8Mbf nn', role: 'navigation' }, compose, link('inbox'), link('sent'), link('drafts'));
}

function mailto() {
  const people = (name) => (query.get(name) ?? '').split(',').filter(Boolean).map((email) => ({ email, name: '' }));
  return { to: people('to'), cc: people('cc'), bcc: people('bcc'), subject: query.get('su') ?? '', html: query.get('body') ?? '' };
}

/** A conversation in a page of its own: no banner, no lists. */
function popOut(thread) {
  document.body.classList.add('aAU', 'xE', 'Su');
  const main = new Conversation(thread, page);
  mains.set('popout', main);
  document.body.append(nest(['nH'], main.main));
  document.addEventListener('stage:render', changed);
}

/** What Gmail's page tells its own scripts: the language, the key of its old requests, the address. */
function globals() {
  const values = [];
  values[4] = `gmail.${options.lang}`;
  values[9] = 'stage';
  values[10] = options.account.email;
  return values;
}

async function start() {
  window.GLOBALS = globals();
  installToast();
  threads = await mailbox();
  document.title = `${words.compose} - ${options.account.email} - Gmail`;
  if (query.get('view') === 'btop') return windows.openAlone(findDraft(query.get('draft')) ?? {});
  if (query.get('view') === 'pt') return printView(threadOf(`all/${query.get('th')}`));
  if (location.pathname.endsWith('/popout')) return popOut(threadOf(`all/${query.get('th')}`));
  if (query.get('view') === 'cm') return windows.openAlone(mailto());
  const content = nest(['nH bkK nn', 'nH', 'nH ar4 z', 'aeI', 'AO', 'Tm aeJ', 'aeF'], holder);
  document.body.classList.add('aAA');
  document.body.append(banner(), el('div', { class: 'nH' }, el('div', { class: 'nH bkL' }), el('div', { class: 'no' }, navigation(), content)));
  if (options.guide) guide = new Guide();
  guide?.render(threads);
  const composes = new URLSearchParams(location.hash.split('?')[1]).get('compose')?.split(',') ?? [];
  navigate();
  window.addEventListener('hashchange', navigate);
  document.addEventListener('stage:render', changed);
  for (const token of composes) {
    const draft = findDraft(readComposeToken(token)?.draft);
    if (draft ?? token === 'new') windows.open(draft ?? {});
  }
  return null;
}

reportToggle();
await start();
