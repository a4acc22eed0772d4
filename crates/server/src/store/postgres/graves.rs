//! The end of accounts: all goes at once but their events, which a purge removes in slices.

/// Ends the accounts that `over` selects, as `account` and `id`, with all that says something about
/// them, and notes that they ended at `$1`, in milliseconds, so that no server brings one back.
pub(super) fn bury(over: &str) -> String {
    format!(
        "WITH over AS MATERIALIZED ({over}), ended AS (
            DELETE FROM accounts a USING over WHERE a.account = over.account
        ), counts AS (
            DELETE FROM floods f USING over WHERE f.account = over.account
        ), refused AS (
            DELETE FROM refusals r USING over WHERE r.account = over.account
        ), allowed AS (
            DELETE FROM lifted l USING over WHERE l.account = over.account
        ), erased AS (
            DELETE FROM erasures e USING over WHERE e.account = over.account
        ), known AS (
            INSERT INTO gone SELECT sha256(id), $1 FROM over ON CONFLICT DO NOTHING
        )
        INSERT INTO graves SELECT account FROM over ON CONFLICT DO NOTHING"
    )
}
