-- The id of the press that an event takes back, and what a recipient sealed for the sender.
ALTER TABLE events ADD COLUMN undoes BYTEA;
ALTER TABLE events ADD COLUMN sealed TEXT;
ALTER TABLE opens ADD COLUMN undoes BYTEA;
ALTER TABLE opens ADD COLUMN sealed TEXT;

-- Refusals that were lifted: what happened from `at` until then stays out, however late it comes.
CREATE TABLE lifted (
    account BIGINT NOT NULL,
    message BYTEA NOT NULL,
    at BIGINT NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (account, message, until)
);
