-- Stores a server's next batch of events in one transaction. `outcome` is 0 when it is stored; 1
-- where it is not its turn, and 2 where no synchronous standby is named though `its_standby` asks
-- for one: then nothing is stored. `dropped` are the places of rows that a refusal or an erasure
-- keeps out, `unknown` of those whose account is gone, `raised` the places in `ids` of accounts that
-- have new events.
--
-- The accounts of the batch are `ids`, each once and in their order. `owners` says by place in
-- `ids`, counted from 1, whose each row is, `ranks` which of the account's events in the batch it
-- is, and `totals` how many each account has. `times` and `minutes` are empty unless a row is a
-- refusal or the count of a flood, which has times over 0. `news` names the accounts for whoever
-- listens. With `is_late` the rows were acknowledged some time ago, so their times tell whether they
-- came before a refusal or between it and its end; others come now, and after it. With `was_stored`
-- as well the database has had them, and went back: no refusal kept them out then, and its end may
-- come again after them.
CREATE FUNCTION store_events(
    its_server BYTEA, its_epoch BIGINT, number BIGINT, its_standby BOOLEAN, is_late BOOLEAN,
    was_stored BOOLEAN, ids BYTEA[], totals INT[], owners INT[], ranks INT[], times BIGINT[], minutes BIGINT[],
    news TEXT[],
    event_ids BYTEA[], messages BYTEA[], kinds SMALLINT[], ats BIGINT[], classes SMALLINT[],
    claims SMALLINT[], reasons TEXT[], clients TEXT[], devices SMALLINT[], countries TEXT[],
    readers BYTEA[], undone BYTEA[], seals TEXT[],
    OUT outcome INT, OUT dropped BIGINT[], OUT unknown BIGINT[], OUT raised INT[]
) LANGUAGE plpgsql AS $$
DECLARE
    refuse CONSTANT SMALLINT := 4;
    undo CONSTANT SMALLINT := 6;
    -- The accounts' numbers and those of their last events, by place in `ids`; null where an
    -- account is gone.
    holders BIGINT[];
    lasts BIGINT[];
    least BIGINT;
    its_hour BIGINT;
BEGIN
    IF its_standby AND current_setting('synchronous_standby_names') = '' THEN
        outcome := 2;
        RETURN;
    END IF;
    UPDATE servers SET last_batch = number
        WHERE server = its_server AND epoch = its_epoch AND last_batch + 1 = number;
    IF NOT FOUND THEN
        outcome := 1;
        RETURN;
    END IF;
    outcome := 0;
    SELECT s.era << 32, greatest(s.hour, floor(extract(epoch FROM now()) / 3600)::bigint - 438288)
        INTO least, its_hour FROM store s;

    -- Holds every account until the commit, in one order for all servers, so that the numbers of
    -- events become visible in their order and no two servers wait for each other. What follows
    -- sees all that was stored before.
    SELECT array_agg(held.account), array_agg(greatest(held.last_seq, least)) INTO holders, lasts
        FROM (
            SELECT account, last_seq FROM accounts WHERE id = ANY (ids)
            ORDER BY id FOR NO KEY UPDATE
        ) AS held;
    IF cardinality(holders) IS DISTINCT FROM cardinality(ids) THEN
        SELECT array_agg(a.account ORDER BY i.place),
            array_agg(greatest(a.last_seq, least) ORDER BY i.place)
            INTO holders, lasts
            FROM unnest(ids) WITH ORDINALITY AS i (id, place)
            LEFT JOIN accounts a ON a.id = i.id AND a.account = ANY (holders);
        SELECT array_agg(i.place) INTO unknown
            FROM unnest(owners) WITH ORDINALITY AS i (owner, place)
            WHERE holders[i.owner] IS NULL;
    END IF;

    -- A refusal that comes after its own end says from when on it held.
    IF is_late AND cardinality(times) > 0 THEN
        UPDATE lifted l SET at = r.at FROM (
            SELECT account, message, until, min(at) AS at FROM (
                SELECT e.account, e.message, min(e.until) AS until, i.at
                FROM unnest(owners, messages, kinds, ats) AS i (owner, message, kind, at)
                JOIN lifted e ON e.account = holders[i.owner] AND e.message = i.message
                WHERE i.kind = refuse AND e.until >= i.at
                GROUP BY e.account, e.message, i.at
            ) AS ended GROUP BY account, message, until
        ) AS r
        WHERE l.account = r.account AND l.message = r.message AND l.until = r.until AND l.at > r.at;
    END IF;

    -- Mostly nobody has refused or erased anything, so a look at the accounts is enough.
    IF cardinality(times) > 0
        OR EXISTS (SELECT FROM refusals WHERE account = ANY (holders))
        OR is_late AND EXISTS (SELECT FROM erasures WHERE account = ANY (holders))
        OR is_late AND EXISTS (SELECT FROM lifted WHERE account = ANY (holders))
    THEN
        WITH given AS (
            SELECT i.place, i.owner, i.message, i.kind, i.at, coalesce(i.times, 0) AS times
            FROM unnest(owners, messages, kinds, ats, times) WITH ORDINALITY
                AS i (owner, message, kind, at, times, place)
            WHERE holders[i.owner] IS NOT NULL
        ), firsts AS (
            SELECT DISTINCT ON (g.owner, g.message) g.owner, g.message, g.place, g.at
            FROM given g
            -- One that was lifted meanwhile is not in force again.
            WHERE g.kind = refuse AND NOT (is_late AND EXISTS (
                SELECT FROM lifted l WHERE l.account = holders[g.owner]
                    AND l.message = g.message AND l.until >= g.at))
            ORDER BY g.owner, g.message, g.place
        ), refused AS (
            INSERT INTO refusals (account, message, at)
            SELECT holders[f.owner], f.message, f.at FROM firsts f
            ON CONFLICT DO NOTHING
        ), judged AS (
            SELECT g.place, g.owner, g.times, CASE
                WHEN g.kind = undo THEN TRUE
                WHEN was_stored THEN g.kind = refuse OR e.at IS NULL OR e.at < g.at
                WHEN g.kind = refuse THEN r.account IS NULL AND g.place IS NOT DISTINCT FROM f.place
                WHEN r.account IS NOT NULL AND (NOT is_late OR g.at >= r.at) THEN FALSE
                WHEN is_late AND e.at >= g.at THEN FALSE
                WHEN is_late AND EXISTS (
                    SELECT FROM lifted l WHERE l.account = holders[g.owner]
                        AND l.message = g.message AND l.at <= g.at AND l.until > g.at) THEN FALSE
                ELSE f.place IS NULL OR g.place < f.place
                END AS is_kept
            FROM given g
            LEFT JOIN firsts f USING (owner, message)
            -- What this statement inserts is not seen by it.
            LEFT JOIN refusals r ON r.account = holders[g.owner] AND r.message = g.message
            LEFT JOIN erasures e ON e.account = holders[g.owner] AND e.message = g.message
        ), ranked AS (
            SELECT j.place, j.is_kept, CASE WHEN j.is_kept AND j.times = 0 THEN
                row_number() OVER (PARTITION BY j.owner, j.is_kept, j.times = 0 ORDER BY j.place)
                END AS rank
            FROM judged j
        )
        SELECT array_agg(k.rank::int ORDER BY i.place),
            array_agg(i.place) FILTER (WHERE NOT k.is_kept)
            INTO ranks, dropped
            FROM unnest(owners) WITH ORDINALITY AS i (owner, place)
            LEFT JOIN ranked k USING (place);

        INSERT INTO floods
            (minute, account, message, kind, at, class, claim, reason, client, id, times)
        SELECT i.minute, holders[i.owner], i.message, i.kind, i.at, i.class, i.claim, i.reason,
            i.client, i.id, i.times
        FROM unnest(owners, messages, kinds, ats, classes, claims, reasons, clients, event_ids,
                times, minutes) WITH ORDINALITY
            AS i (owner, message, kind, at, class, claim, reason, client, id, times, minute, place)
        WHERE i.times > 0 AND holders[i.owner] IS NOT NULL
            AND i.place <> ALL (coalesce(dropped, '{}'))
        ON CONFLICT (minute, account, message, kind, class)
            DO UPDATE SET times = floods.times + excluded.times;

        SELECT array_agg(coalesce(o.total, 0) ORDER BY i.place) INTO totals
            FROM unnest(ids) WITH ORDINALITY AS i (id, place)
            LEFT JOIN (
                SELECT j.owner, max(j.rank) AS total
                FROM unnest(owners, ranks) AS j (owner, rank) GROUP BY j.owner
            ) AS o ON o.owner = i.place;
    END IF;

    INSERT INTO events
        (account, seq, hour, id, message, kind, at, class, claim, reason, client, device, country,
        reader, undoes, sealed)
    SELECT holders[i.owner], lasts[i.owner] + i.rank, its_hour, i.id, i.message, i.kind, i.at,
        i.class, i.claim, i.reason, i.client, i.device, i.country, i.reader, i.undoes, i.sealed
    FROM unnest(owners, ranks, event_ids, messages, kinds, ats, classes, claims, reasons, clients,
            devices, countries, readers, undone, seals)
        AS i (owner, rank, id, message, kind, at, class, claim, reason, client, device, country,
            reader, undoes, sealed)
    WHERE i.rank IS NOT NULL AND holders[i.owner] IS NOT NULL;
    WITH counted AS (
        UPDATE accounts a SET last_seq = n.last + n.total
        FROM unnest(holders, lasts, totals) WITH ORDINALITY AS n (account, last, total, place)
        WHERE a.account = n.account AND n.total > 0
        RETURNING n.place
    )
    SELECT array_agg(place::int) INTO raised FROM counted;

    -- Every server that stores events shares this lock, so whoever gets it alone has nobody to tell.
    -- A server that comes waits for this batch's end, and then looks for itself.
    IF raised IS NOT NULL AND NOT pg_try_advisory_xact_lock(118066124322049) THEN
        PERFORM pg_notify('kaifu_news', told.payload) FROM unnest(news) AS told (payload);
    END IF;
END
$$;
