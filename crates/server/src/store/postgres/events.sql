-- Where events are kept: by weeks of the database's own clock, so that a week which is over goes at
-- once. `hour` counts from 2020-01-01. What stands in `opens` stays there until its time is over.
CREATE TABLE store (
    -- The upper bits of the numbers of events; raised whenever the database may have gone back.
    era BIGINT NOT NULL,
    -- Which database this is, and on which timeline.
    place TEXT NOT NULL,
    -- How late it is at least, for retention. See `clock.rs`.
    hour BIGINT NOT NULL
);
INSERT INTO store VALUES (0, '', 0);

CREATE TABLE events (
    account BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    hour BIGINT NOT NULL,
    id BYTEA,
    message BYTEA NOT NULL,
    kind SMALLINT NOT NULL,
    at BIGINT NOT NULL,
    class SMALLINT NOT NULL,
    claim SMALLINT NOT NULL,
    reason TEXT NOT NULL,
    client TEXT,
    repeats BIGINT NOT NULL DEFAULT 0,
    device SMALLINT,
    country TEXT,
    reader BYTEA
) PARTITION BY RANGE (hour);
-- Not unique, as no key can be over all weeks: whoever numbers an account's events holds its row.
CREATE INDEX events_of_account ON events (account, seq);
CREATE INDEX events_hour ON events USING brin (hour);
CREATE TABLE events_else PARTITION OF events DEFAULT;

ALTER TABLE opens ADD COLUMN id BYTEA;
ALTER TABLE floods ADD COLUMN id BYTEA;
-- When the message was refused, by the clock of the server that was told.
ALTER TABLE refusals ADD COLUMN at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE migrations ADD COLUMN IF NOT EXISTS oldest BIGINT;

-- What was erased: events of the message up to `last_seq` are gone for whoever reads, and are
-- removed by and by.
CREATE TABLE erasures (
    account BIGINT NOT NULL,
    message BYTEA NOT NULL,
    last_seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    is_done BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (account, message)
);
-- Accounts that are gone, whose events are removed by and by.
CREATE TABLE graves (account BIGINT PRIMARY KEY);
-- Hashes of the ids of accounts that are gone, so that none comes again after a failover; for as long
-- as events are kept.
CREATE TABLE gone (hash BYTEA PRIMARY KEY, at BIGINT NOT NULL);
