//! Gets events from the server: by one long poll while somebody waits, else by an alarm.

use crate::backend::account::{self, Account, AccountError};
use crate::backend::api::{self, BackendError};
use crate::error::WorkerError;
use crate::notify::announce;
use crate::store::{self, cursors, events};
use crate::subscribers::{self, Topic};
use crate::turn::Turns;
use gloo_timers::callback::Timeout;
use kaifu_chrome::alarms;
use kaifu_chrome::clock::now;
use kaifu_protocol::call::Failure;
use kaifu_protocol::pages::Problem;
use std::cell::{Cell, RefCell};
use wasm_bindgen_futures::spawn_local;
use web_sys::AbortController;

/// The alarm that asks for news while no Gmail tab is open.
pub(crate) const ALARM: &str = "news";

const ALARM_MINUTES: f64 = 0.5;

/// Chrome ends an event handler after five minutes; a held call must be answered long before.
const WAIT_SECS: u32 = 50;

/// How much longer than it was told to wait a server may take.
const GRACE_SECS: u32 = 15;

/// At least one answer comes in this time, or the end of the wait for it: a long poll, the fetching
/// of many pages behind it and the telling of what is new in them.
const FOLLOWING_MS: i64 = 4 * 60_000;

/// How many events a page has at most.
const PAGE_LEN: u32 = 500;

const LONGEST_PAUSE_MS: u32 = 30_000;

thread_local! {
    static FOLLOWING: Turns = Turns::new(FOLLOWING_MS);
    static FAILURES: Cell<u32> = const { Cell::new(0) };
    static PROBLEM: Cell<Option<Problem>> = const { Cell::new(None) };
    /// What ends the long poll under way; taken out by who ends it.
    static LONG_POLL: RefCell<Option<AbortController>> = const { RefCell::new(None) };
}

/// What went wrong when the server was last asked.
pub(crate) fn problem() -> Option<Problem> {
    PROBLEM.get()
}

/// Asks for news once, and makes sure that the alarm will ask again.
pub(crate) async fn check() {
    // Each part must be tried, whatever becomes of the others: the next alarm tries again.
    let _ = alarms::ensure(ALARM, ALARM_MINUTES).await;
    let _ = account::block_own_views().await;
    let _ = announce::pending().await;
    if !FOLLOWING.with(|turns| turns.is_taken(now())) {
        note(ask(0).await);
    }
}

/// Keeps a long poll going for as long as somebody waits.
pub(crate) fn follow() {
    let Some(turn) = FOLLOWING.with(|turns| turns.take(now())) else {
        return;
    };
    spawn_local(async move {
        let _ = alarms::ensure(ALARM, ALARM_MINUTES).await;
        while subscribers::has_any() {
            turn.goes_on(now());
            let asked = ask(WAIT_SECS).await;
            let failed = asked.is_err();
            note(asked);
            subscribers::release(if failed { pause_ms() } else { 0 });
        }
    });
}

/// Asks for news now, whatever was agreed about pauses, and first for a new account where the server
/// no longer knows the present one.
pub(crate) async fn refresh() {
    FAILURES.set(0);
    interrupt();
    if PROBLEM.get() == Some(Problem::Rejected) {
        note(account::request_new().await.map(|_| ()).map_err(Into::into));
    }
    note(ask(0).await);
    subscribers::changed(&[Topic::Server]);
}

/// Ends the long poll under way: what it asks for is no longer wanted.
pub(crate) fn interrupt() {
    LONG_POLL.with_borrow_mut(|poll| {
        if let Some(controller) = poll.take() {
            controller.abort();
        }
    });
}

#[derive(Debug)]
enum Trouble {
    Backend(BackendError),
    /// The worker itself could not.
    Worker(WorkerError),
    /// Ended on purpose.
    Interrupted,
}

impl From<AccountError> for Trouble {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Backend(error) => Self::Backend(error),
            AccountError::Worker(error) => Self::Worker(error),
        }
    }
}

impl From<WorkerError> for Trouble {
    fn from(error: WorkerError) -> Self {
        Self::Worker(error)
    }
}

impl Trouble {
    /// What the user is told; `None` where nothing went wrong.
    fn problem(&self) -> Option<Problem> {
        match self {
            Self::Backend(error) => Some((*error).into()),
            // The address in the settings cannot be asked at all.
            Self::Worker(WorkerError::Refused(Failure::InvalidBackend)) => {
                Some(Problem::Unintelligible)
            }
            Self::Worker(_) => Some(Problem::Storage),
            Self::Interrupted => None,
        }
    }
}

async fn ask(wait_secs: u32) -> Result<(), Trouble> {
    let had_account = account::current().await?.is_some();
    let account = account::ensure().await?;
    if !had_account {
        subscribers::changed(&[Topic::Server]);
    }
    // Whole pages are fetched without waiting until there is no more.
    let mut wait_secs = wait_secs;
    loop {
        let more = fetch_page(&account, wait_secs).await?;
        if !more {
            return Ok(());
        }
        wait_secs = 0;
    }
}

/// Fetches and keeps one page; true when it was full.
async fn fetch_page(account: &Account, wait_secs: u32) -> Result<bool, Trouble> {
    let store = store::open().await?;
    let cursor = cursors::cursor(&store, &account.given.account).await?;
    let controller = AbortController::new().ok();
    let signal = controller.as_ref().map(AbortController::signal);
    // A server that hangs must not hold the callers longer than one that answers.
    let _deadline = controller.clone().map(|controller| {
        Timeout::new((wait_secs + GRACE_SECS) * 1_000, move || controller.abort())
    });
    if wait_secs > 0 {
        LONG_POLL.with_borrow_mut(|poll| poll.clone_from(&controller));
    }
    let given = &account.given;
    let asked = api::events(
        &account.backend,
        &given.api_token,
        cursor,
        PAGE_LEN,
        wait_secs,
        signal.as_ref(),
    )
    .await;
    if wait_secs > 0 && LONG_POLL.take().is_none() {
        return Err(Trouble::Interrupted);
    }
    let api::Answer { page, lead } = asked.map_err(Trouble::Backend)?;
    let full = page.events.len() >= PAGE_LEN as usize;
    let new = events::keep(&store, &given.account, page, lead).await?;
    if new {
        announce::pending().await?;
        subscribers::changed(&[Topic::Messages]);
    }
    Ok(full)
}

fn note(asked: Result<(), Trouble>) {
    let problem = match asked {
        Ok(()) => {
            FAILURES.set(0);
            None
        }
        Err(trouble) => {
            let Some(problem) = trouble.problem() else {
                return;
            };
            FAILURES.set(FAILURES.get().saturating_add(1));
            Some(problem)
        }
    };
    if PROBLEM.replace(problem) != problem {
        subscribers::changed(&[Topic::Server]);
    }
}

/// Doubles with each failure in a row, and is spread so that a thousand browsers do not return to a
/// server in the same instant.
fn pause_ms() -> u32 {
    let longest = LONGEST_PAUSE_MS.min(500 << FAILURES.get().min(10));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a fraction of a u32 is one"
    )]
    let spread = (js_sys::Math::random() * f64::from(longest / 2)) as u32;
    longest / 2 + spread
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trouble_is_told_as_what_it_is() {
        let full = || WorkerError::from(Failure::Storage("the disk is full".to_owned()));
        for (trouble, expected) in [
            (
                Trouble::from(AccountError::from(BackendError::Busy)),
                Some(Problem::Busy),
            ),
            (
                Trouble::from(AccountError::from(full())),
                Some(Problem::Storage),
            ),
            (Trouble::from(full()), Some(Problem::Storage)),
            (
                Trouble::from(WorkerError::from(Failure::InvalidBackend)),
                Some(Problem::Unintelligible),
            ),
            (Trouble::Interrupted, None),
        ] {
            assert_eq!(trouble.problem(), expected, "{trouble:?}");
        }
    }
}
