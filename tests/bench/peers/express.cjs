// A tracking pixel as one would write it with Express: a row in SQLite, on the disk before the answer.
// Arguments: the directory of its packages, the database, the port.
const { createRequire } = require('node:module');

const [packages, database, port] = process.argv.slice(2);
const load = createRequire(`${packages}/`);
const express = load('express');
const Database = load('better-sqlite3');

const GIF = Buffer.from('R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64');

const db = new Database(database);
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
db.exec('CREATE TABLE opens (id INTEGER PRIMARY KEY, token TEXT NOT NULL, at INTEGER NOT NULL, agent TEXT)');
const insert = db.prepare('INSERT INTO opens (token, at, agent) VALUES (?, ?, ?)');
const count = db.prepare('SELECT count(*) AS rows FROM opens');

const app = express();
app.get('/p/:token', (request, reply) => {
  insert.run(request.params.token, Date.now(), request.get('user-agent'));
  reply.set('Cache-Control', 'no-store').type('gif').send(GIF);
});
app.get('/rows', (request, reply) => reply.send(String(count.get().rows)));
app.listen(Number(port), '127.0.0.1');
