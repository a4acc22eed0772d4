-- Stores a server's next batch of events in one transaction; false where it is not its turn, and
-- nothing is stored.
--
-- The accounts of the batch are `ids`, each once and in their order. `owners` says by place in
-- `ids`, counted from 1, whose each row is, `ranks` which of the account's events in the batch it
-- is, and `totals` how many each account has. `times` and `minutes` are empty unless a row is a
-- refusal or the count of a flood, which has times over 0 and occurs once. `news` names the accounts
-- for whoever listens.
CREATE FUNCTION store_batch(
    its_server BYTEA, its_epoch BIGINT, number BIGINT, ids BYTEA[], totals INT[],
    owners INT[], ranks INT[], messages BYTEA[], kinds SMALLINT[], ats BIGINT[],
    classes SMALLINT[], claims SMALLINT[], reasons TEXT[], clients TEXT[], devices SMALLINT[],
    countries TEXT[], readers BYTEA[], times BIGINT[], minutes BIGINT[], news TEXT[]
) RETURNS BOOLEAN LANGUAGE plpgsql AS $$
DECLARE
    refuse CONSTANT SMALLINT := 4;
    -- The accounts' numbers and those of their last events, by place in `ids`; null where an
    -- account is gone.
    holders BIGINT[];
    lasts BIGINT[];
    -- The places of refusals that are their messages' first.
    firsts BIGINT[];
BEGIN
    UPDATE servers SET last_batch = number
        WHERE server = its_server AND epoch = its_epoch AND last_batch + 1 = number;
    IF NOT FOUND THEN
        RETURN FALSE;
    END IF;

    -- Holds every account until the commit, in one order for all servers, so that the numbers of
    -- events become visible in their order and no two servers wait for each other. What follows
    -- sees all that was stored before.
    SELECT array_agg(held.account), array_agg(held.last_seq) INTO holders, lasts
        FROM (
            SELECT account, last_seq FROM accounts WHERE id = ANY (ids)
            ORDER BY id FOR NO KEY UPDATE
        ) AS held;
    IF cardinality(holders) IS DISTINCT FROM cardinality(ids) THEN
        SELECT array_agg(a.account ORDER BY i.place), array_agg(a.last_seq ORDER BY i.place)
            INTO holders, lasts
            FROM unnest(ids) WITH ORDINALITY AS i (id, place)
            LEFT JOIN accounts a ON a.id = i.id AND a.account = ANY (holders);
    END IF;

    -- Mostly nobody has refused anything, so a look at the accounts is enough.
    IF cardinality(times) > 0
        OR EXISTS (SELECT FROM refusals WHERE account = ANY (holders))
        AND EXISTS (
            SELECT FROM unnest(owners, messages) AS i (owner, message)
            JOIN refusals r ON r.account = holders[i.owner] AND r.message = i.message)
    THEN
        WITH refused AS (
            INSERT INTO refusals (account, message)
            SELECT holders[i.owner], i.message
            FROM unnest(owners, messages, kinds) AS i (owner, message, kind)
            WHERE i.kind = refuse AND holders[i.owner] IS NOT NULL
            ON CONFLICT DO NOTHING RETURNING account, message
        )
        SELECT array_agg(f.place) INTO firsts FROM (
            SELECT min(i.place) AS place
            FROM unnest(owners, messages, kinds) WITH ORDINALITY AS i (owner, message, kind, place)
            JOIN refused r ON r.account = holders[i.owner] AND r.message = i.message
            WHERE i.kind = refuse
            GROUP BY r.account, r.message
        ) AS f;

        INSERT INTO floods
            (minute, account, message, kind, at, class, claim, reason, client, times)
        SELECT i.minute, holders[i.owner], i.message, i.kind, i.at, i.class, i.claim, i.reason,
            i.client, i.times
        FROM unnest(owners, messages, kinds, ats, classes, claims, reasons, clients, times, minutes)
            AS i (owner, message, kind, at, class, claim, reason, client, times, minute)
        WHERE i.times > 0 AND holders[i.owner] IS NOT NULL AND NOT EXISTS (
            SELECT FROM refusals r WHERE r.account = holders[i.owner] AND r.message = i.message)
        ON CONFLICT (minute, account, message, kind, class)
            DO UPDATE SET times = floods.times + excluded.times;

        SELECT array_agg(CASE WHEN k.kept THEN k.rank END ORDER BY k.place) INTO ranks FROM (
            SELECT j.place, j.kept,
                row_number() OVER (PARTITION BY j.owner, j.kept ORDER BY j.place) AS rank
            FROM (
                SELECT i.place, i.owner,
                    CASE WHEN i.kind = refuse THEN coalesce(i.place = ANY (firsts), FALSE)
                    ELSE coalesce(i.times, 0) = 0 AND NOT EXISTS (
                        SELECT FROM refusals r
                        WHERE r.account = holders[i.owner] AND r.message = i.message)
                    END AS kept
                FROM unnest(owners, messages, kinds, times) WITH ORDINALITY
                    AS i (owner, message, kind, times, place)
            ) AS j
        ) AS k;
        SELECT array_agg(coalesce(o.total, 0) ORDER BY i.place) INTO totals
            FROM unnest(ids) WITH ORDINALITY AS i (id, place)
            LEFT JOIN (
                SELECT j.owner, max(j.rank) AS total
                FROM unnest(owners, ranks) AS j (owner, rank) GROUP BY j.owner
            ) AS o ON o.owner = i.place;
    END IF;

    INSERT INTO opens
        (account, seq, message, kind, at, class, claim, reason, client, device, country, reader)
    SELECT holders[i.owner], lasts[i.owner] + i.rank, i.message, i.kind, i.at, i.class, i.claim,
        i.reason, i.client, i.device, i.country, i.reader
    FROM unnest(owners, ranks, messages, kinds, ats, classes, claims, reasons, clients, devices,
            countries, readers)
        AS i (owner, rank, message, kind, at, class, claim, reason, client, device, country, reader)
    WHERE i.rank IS NOT NULL AND holders[i.owner] IS NOT NULL;
    UPDATE accounts a SET last_seq = a.last_seq + n.total
        FROM unnest(holders, totals) AS n (account, total)
        WHERE a.account = n.account AND n.total > 0;

    -- Every server that stores events shares this lock, so whoever gets it alone has nobody to tell.
    -- A server that comes waits for this batch's end, and then looks for itself.
    IF NOT pg_try_advisory_xact_lock(118066124322049) THEN
        PERFORM pg_notify('kaifu_news', told.payload) FROM unnest(news) AS told (payload);
    END IF;
    RETURN TRUE;
END
$$;
