//! What the check on the user's own Gmail is told.

use super::overview;
use crate::error::WorkerError;
use crate::store::{self, views};
use crate::tabs;
use kaifu_protocol::pages::{Check, Checked, CheckedEmail, WatchMessages};
use kaifu_protocol::state::Kind;

/// What works so far.
pub(crate) async fn check(call: Check) -> Result<Checked, WorkerError> {
    let newest = WatchMessages {
        revision: 0,
        limit: 1,
        mailbox: None,
        text: String::new(),
        kind: Kind::All,
    };
    let overview = overview::overview(newest).await?;
    let shown = tabs::shown();
    let newest = overview.messages.into_iter().next();
    let email = match newest.filter(|it| it.sent_at >= call.since) {
        None => None,
        Some(newest) => Some(CheckedEmail {
            viewed: views::has(&store::open().await?, &newest.message).await?,
            marked: shown.marked.contains(&newest.message),
            arrived: !newest.opens.is_empty(),
            state: newest.state,
            reason: newest.reason,
            sent_by: newest.sent_by,
        }),
    };
    Ok(Checked {
        account: overview.connection.account,
        problem: overview.connection.problem,
        runtime: shown.runtime,
        unfamiliar: overview.unfamiliar,
        email,
    })
}
