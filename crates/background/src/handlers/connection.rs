//! How things stand with the server, as every page of ours is told.

use crate::accounts::Account;
use crate::backend::poll;
use crate::settings::Settings;
use crate::store::kept::Heard;
use kaifu_protocol::pages::Connection;

/// How things stand with the server in use, which has given `account`; `heard` is what was heard of
/// that last.
pub(super) fn connection(
    settings: &Settings,
    account: Option<&Account>,
    heard: Option<&Heard>,
) -> Connection {
    Connection {
        account: account.is_some(),
        last_news_at: heard.map(|heard| heard.at.0),
        problem: poll::problem(&settings.backend, account),
        reach: settings.backend.reach().into(),
    }
}
