// What the browser keeps of thousands of emails.

/** Fills the extension's database; runs in one of its own pages, and so stands alone. */
export function fillDatabase({ messages, opensEach, quietEvery = Infinity }) {
  const id = (number) => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setUint32(4, number);
    return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  };
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('kaifu');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const writing = opening.result.transaction(['messages', 'opens'], 'readwrite');
      const [kept, opens] = [writing.objectStore('messages'), writing.objectStore('opens')];
      const now = Date.now();
      let seq = 0;
      for (let number = 0; number < messages; number += 1) {
        const message = id(number);
        const sentAt = now - (messages - number) * 600_000;
        kept.put({
          message, account: 'bench', mailbox: 'sender@example.com', subject: `Offer number ${number}`,
          recipients: [{ address: `reader${number}@example.org`, name: `Reader ${number}` }], sent_at: sentAt, outcome: 'sent',
        });
        for (let open = 0; open < opensEach && number % quietEvery !== 0; open += 1) {
          seq += 1;
          opens.put({
            account: 'bench', seq, message, kind: 'pixel', at: sentAt + 60_000 * (open + 1), claim: 'likely', reason: 'browser',
            source: { class: 'human', client: 'Firefox', reader: `r${open}` },
          });
        }
      }
      writing.oncomplete = () => {
        opening.result.close();
        resolve();
      };
      writing.onerror = () => reject(writing.error);
    };
  });
}

/**
 * Adds what the worker keeps of so many events of one message to the extension's database: some one by one,
 * which count the others. Runs in one of its own pages, and so stands alone.
 */
export function floodDatabase({ message, events }) {
  const KEPT = 500;
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('kaifu');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const writing = opening.result.transaction(['opens', 'summaries'], 'readwrite');
      const opens = writing.objectStore('opens');
      const first = Date.now() - 86_400_000;
      for (let seq = 1; seq <= KEPT; seq += 1) {
        opens.put({
          account: 'bench', seq, message, kind: 'pixel', at: first + seq * 1_000, claim: 'unknown', reason: 'proxy',
          source: { class: 'unknown', reader: `r${seq}` }, more: events / KEPT - 1, more_at: first + 80_000_000 + seq,
        });
      }
      // What the email came to before is not what it comes to now.
      writing.objectStore('summaries').clear();
      writing.oncomplete = () => {
        opening.result.close();
        resolve();
      };
      writing.onerror = () => reject(writing.error);
    };
  });
}
