//! The extension's button: how many messages have news, and whether anything is wrong.

use crate::error::WorkerError;
use crate::store::{self, Store, events};
use kaifu_chrome::action;
use kaifu_chrome::clock::now;
use kaifu_l10n::{Browser, Words as _, counts, problems};
use kaifu_protocol::pages::Problem;
use std::cell::Cell;

/// The badge's colours: as all is well, and where something is wrong. White stands out on both.
const WELL: &str = "#0b6e4f";
const WRONG: &str = "#b3261e";

/// What stands on the button where something is wrong and nothing is new.
const TROUBLE: &str = "!";

thread_local! {
    /// What is wrong, as far as anybody has said since the worker started, and whether the server has
    /// given an account.
    static WHAT: Cell<Option<(Option<Problem>, bool)>> = const { Cell::new(None) };
}

/// Shows on the button how many messages have news.
pub(crate) async fn update(store: &Store) -> Result<(), WorkerError> {
    let is_wrong = matches!(WHAT.get(), Some((Some(_), _)));
    let text = match events::fresh(store).await? {
        0 if is_wrong => TROUBLE.to_owned(),
        0 => String::new(),
        count => counts::short(u32::try_from(count).unwrap_or(u32::MAX)),
    };
    let color = if is_wrong { WRONG } else { WELL };
    Ok(action::set_badge(&text, color).await?)
}

/// The user looked at `messages`: takes them out of the number.
pub(crate) async fn looked(messages: &[String]) -> Result<(), WorkerError> {
    let store = store::open().await?;
    events::looked_at(&store, messages).await?;
    update(&store).await
}

/// Has the button say that there is `problem` with the server in use, or that there is none.
pub(crate) async fn trouble(
    problem: Option<Problem>,
    has_account: bool,
) -> Result<(), WorkerError> {
    let what = Some((problem, has_account));
    if WHAT.replace(what) == what {
        return Ok(());
    }
    let words = Browser::new();
    // When the server last answered would be wrong before anybody reads it.
    let text = problem.map(|problem| problems::text(problem, has_account, None, now(), &words));
    let title = text.map_or_else(
        || words.text("action_title"),
        |text| format!("Kaifu\n{text}"),
    );
    action::set_title(&title).await?;
    update(&store::open().await?).await
}
