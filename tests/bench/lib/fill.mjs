// Fills the server's database with events, as many as years would bring.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { askPostgres } from './service.mjs';

const FILL_SQLITE = `
import sqlite3, sys, time
database, each, age = sqlite3.connect(sys.argv[1], isolation_level=None), int(sys.argv[2]), int(sys.argv[3])
database.execute("PRAGMA journal_mode = off")
database.execute("PRAGMA synchronous = off")
database.execute("BEGIN")
now = int(time.time() * 1000)
accounts, = database.execute("SELECT count(*) FROM accounts").fetchone()
# As the server does it: what came about the same time lies together.
share = 50_000 // accounts
database.execute("""
    WITH RECURSIVE number (seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM number WHERE seq < ?1)
    INSERT INTO opens (bundle, account, seq, message, kind, at, class, claim, reason, client, id, hour)
    SELECT 1 + (seq - 1) / ?2, account, seq, randomblob(8), 1, ?3 - 100 * (?1 - seq), 1, 2, 'browser', 'Firefox', randomblob(8), ?3 / 3600000 - 438288 - ?4
    FROM number CROSS JOIN accounts ORDER BY 1, 2, 3""", (each, share, now, age))
database.execute("INSERT OR REPLACE INTO segment_hours SELECT bundle, min(hour) FROM opens GROUP BY bundle")
database.execute("UPDATE accounts SET last_seq = ?", (each,))
database.execute("COMMIT")
`;

/** Gives each account in the SQLite database of `dir`, which no server uses, `each` events that were stored `age` hours ago. */
export function fillSqlite(dir, each, age = 0) {
  const { status, stderr } = spawnSync('python3', ['-c', FILL_SQLITE, join(dir, 'kaifu.db'), String(each), String(age)], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`filling failed: ${stderr}`);
}

/** This hour as the server counts it. */
const HOUR = 'floor(extract(epoch FROM now()) / 3600)::bigint - 438288';

/** Makes the table of the week that was `age` hours ago, as a server of that week did. */
function makeWeek(url, age) {
  const week = Math.floor(Number(askPostgres(url, `SELECT ${HOUR} - ${age}`)) / 168);
  const [name, from, to] = [`events_week_${week}`, week * 168, (week + 1) * 168];
  askPostgres(url, `CREATE TABLE IF NOT EXISTS ${name} PARTITION OF events FOR VALUES FROM (${from}) TO (${to})`);
}

/**
 * Gives each account in the PostgreSQL database at `url`, which no server uses, `each` events that were
 * stored `age` hours ago; a fourth of old ones five weeks earlier, in the table of what has no week.
 */
export function fillPostgres(url, each, age = 0) {
  if (age > 0) makeWeek(url, age);
  const earlier = age > 0 ? '- CASE WHEN seq % 4 = 0 THEN 5 * 168 ELSE 0 END' : '';
  askPostgres(url, `
    INSERT INTO events (account, seq, hour, id, message, kind, at, class, claim, reason, client)
      SELECT account, seq, ${HOUR} - ${age} ${earlier}, decode(substr(md5(seq || ' ' || account), 1, 16), 'hex'),
        decode(substr(md5(account || ' ' || seq), 1, 16), 'hex'), 1,
        1000 * extract(epoch FROM now())::bigint - 100 * (${each} - seq), 1, 2, 'browser', 'Firefox'
      FROM generate_series(1, ${each}) AS seq CROSS JOIN accounts ORDER BY seq, account`);
  askPostgres(url, `UPDATE accounts SET last_seq = ${each}`);
  askPostgres(url, 'VACUUM ANALYZE');
  askPostgres(url, 'CHECKPOINT');
}
