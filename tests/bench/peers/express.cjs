// A tracking pixel as one would write it with Express: a row in SQLite, on the disk before the answer.
// Arguments: the directory of its packages, the database, the port, and the way: `plain` syncs for each
// row, `batch` for all rows that wait, `cluster` has a process for each core, which each sync as `plain`.
const cluster = require('node:cluster');
const { createRequire } = require('node:module');
const { availableParallelism } = require('node:os');

const [packages, database, port, way] = process.argv.slice(2);

if (way === 'cluster' && cluster.isPrimary) {
  for (let core = 0; core < availableParallelism(); core += 1) cluster.fork();
} else {
  serve();
}

function serve() {
  const load = createRequire(`${packages}/`);
  const express = load('express');
  const Database = load('better-sqlite3');

  const GIF = Buffer.from('R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64');

  const db = new Database(database, { timeout: 60_000 });
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE IF NOT EXISTS opens (id INTEGER PRIMARY KEY, token TEXT NOT NULL, at INTEGER NOT NULL, agent TEXT)');
  const insert = db.prepare('INSERT INTO opens (token, at, agent) VALUES (?, ?, ?)');
  const count = db.prepare('SELECT count(*) AS rows FROM opens');
  const store = db.transaction((rows) => rows.forEach((row) => insert.run(...row)));

  const show = (reply) => reply.set('Cache-Control', 'no-store').type('gif').send(GIF);
  let waiting = [];
  const batch = (row, reply) => {
    waiting.push([row, reply]);
    if (waiting.length > 1) return;
    setImmediate(() => {
      const taken = waiting;
      waiting = [];
      store(taken.map(([one]) => one));
      taken.forEach(([, one]) => show(one));
    });
  };

  const app = express();
  app.disable('etag').disable('x-powered-by');
  app.get('/p/:token', (request, reply) => {
    const row = [request.params.token, Date.now(), request.get('user-agent')];
    if (way === 'batch') return batch(row, reply);
    insert.run(...row);
    show(reply);
  });
  app.get('/rows', (request, reply) => reply.send(String(count.get().rows)));
  app.listen(Number(port), '127.0.0.1');
}
