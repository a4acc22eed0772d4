//! The end of accounts: all goes at once but their events, which a purge removes in slices.

/// Parts of a statement that remove the accounts that it calls `over`, and what says something about
/// them. The statement itself then puts them into `graves`.
pub(super) const BURIED: &str = "gone AS (
        DELETE FROM accounts a USING over WHERE a.account = over.account
    ), counts AS (
        DELETE FROM floods f USING over WHERE f.account = over.account
    ), refused AS (
        DELETE FROM refusals r USING over WHERE r.account = over.account
    ), allowed AS (
        DELETE FROM lifted l USING over WHERE l.account = over.account
    ), erased AS (
        DELETE FROM erasures e USING over WHERE e.account = over.account
    )";
