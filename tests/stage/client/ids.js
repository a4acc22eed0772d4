const random = () => {
  const [high, low] = crypto.getRandomValues(new BigInt64Array(2));
  return (high ^ low) >> 1n;
};

/** A new sync id of something that this page creates, such as `msg-a:r-123`. */
export const newId = (kind) => `${kind}-a:r${random()}`;

const encode = (text) => btoa(text).replaceAll('=', '.').replaceAll('+', '-').replaceAll('/', '_');

/** The `jslog` of an element that belongs to a draft, with what it reports (`events`): its ids stand after `11:`. */
export function jslog(number, events, draft, thread) {
  const context = encode(JSON.stringify([`#${draft}`, null, null, null, 1, null, [`#${thread}`], false]));
  return `${number}; u014N:${events}; dYFj7e:true; 11:${context}`;
}

/** How the address names a draft that is open as a compose. */
export const composeToken = (draft, thread) => encode(`${thread}+${draft}`);

/** The draft that such a name stands for, or `null`. */
export function readComposeToken(token) {
  try {
    const [thread, draft] = atob(token.replaceAll('.', '=').replaceAll('-', '+').replaceAll('_', '/')).split(/\+(?=msg-)/);
    return draft ? { thread, draft } : null;
  } catch {
    return null;
  }
}
