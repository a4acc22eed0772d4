//! Gets events from the servers: from the one in use by one long poll while somebody waits; from it
//! and all others by an alarm.

use crate::accounts::{self, Account};
use crate::agreement;
use crate::backend::account::{self, AccountError};
use crate::backend::api::{self, Asked};
use crate::backend::pace::Attention;
use crate::backend::question::{self, Question};
use crate::backend::refusal::BackendError;
use crate::backend::standing::{End, Party, Standings, Trouble, Yield};
use crate::clocks;
use crate::emails;
use crate::error::WorkerError;
use crate::notify::{announce, badge, reminders};
use crate::settings;
use crate::store::{self, cursors, events, retention};
use crate::subscribers::{self, Topic};
use crate::turn::Turns;
use futures_channel::oneshot;
use futures_util::future::{join_all, select};
use gloo_timers::future::TimeoutFuture;
use kaifu_chrome::alarms;
use kaifu_chrome::clock::{now, steady};
use kaifu_chrome::navigator::is_online;
use kaifu_chrome::storage;
use kaifu_core::backend::BackendUrl;
use kaifu_core::clock::Answer;
use kaifu_core::time::DAY;
use kaifu_protocol::pages::Problem;
use std::cell::{Cell, RefCell};
use wasm_bindgen_futures::spawn_local;

/// The alarm that asks for news while no Gmail tab is open.
pub(crate) const ALARM: &str = "news";

const ALARM_MINUTES: f64 = 0.5;

/// Under this stands the day from before which emails were last removed: days since the epoch.
const REMOVED: &str = "removed_before";

/// Chrome ends an event handler after five minutes; a held call must be answered long before.
const WAIT_SECS: u32 = 50;

/// By how much earlier than agreed an answer without news may come: clocks and proxies differ.
const EARLY_MS: i64 = 5_000;

/// At least one answer comes in this time, or the end of the wait for it: a pause, a long poll, the
/// fetching of many pages behind it and the telling of what is new in them.
const FOLLOWING_MS: i64 = 4 * 60_000;

/// How many events a page has at most.
const PAGE_LEN: u32 = 500;

thread_local! {
    static FOLLOWING: Turns = Turns::new(FOLLOWING_MS);
    static STANDINGS: RefCell<Standings> = const { RefCell::new(Standings::new()) };
    /// How often another server was put in use: who began before asks nothing any more.
    static SWITCHES: Cell<u64> = const { Cell::new(0) };
    /// What ends the pause before the next question.
    static PAUSED: RefCell<Option<oneshot::Sender<()>>> = const { RefCell::new(None) };
}

/// What went wrong when the server of `account`, or else `backend`, was last asked.
pub(crate) fn problem(backend: &BackendUrl, account: Option<&Account>) -> Option<Problem> {
    let party = Party::of(backend, account);
    let refused = account.is_some_and(|account| account.refused);
    STANDINGS
        .with_borrow(|all| all.problem(&party))
        .or(refused.then_some(Problem::Rejected))
}

/// Asks for the news of every account once, and makes sure that the alarm will ask again.
pub(crate) async fn check() {
    // Each part must be tried, whatever becomes of the others: the next alarm tries again.
    let _ = alarms::ensure(ALARM, ALARM_MINUTES).await;
    let _ = account::block_own_views().await;
    let _ = announce::pending().await;
    let _ = reminders::tell_due().await;
    let _ = remove_old().await;
    let _ = emails::judge_changed().await;
    if !FOLLOWING.with(|turns| turns.is_taken(steady())) {
        ask_in_use(0, Pauses::Kept).await;
    }
    let in_use = settings::load().await.map(|settings| settings.backend);
    let current = match in_use {
        Ok(backend) => accounts::on(&backend).await.ok().flatten(),
        Err(_) => None,
    };
    let current = current.map(|account| account.given.account);
    let all = accounts::all().await.unwrap_or_default();
    let others = all
        .iter()
        .filter(|it| Some(&it.given.account) != current.as_ref());
    join_all(others.map(|account| ask(account, 0, Attention::Aside))).await;
}

/// Removes emails that were sent before the time for which the user keeps them: once a day, and when
/// that time was changed.
async fn remove_old() -> Result<(), WorkerError> {
    let keep_ms = i64::from(settings::load().await?.keep_days) * DAY;
    let before = now().plus(-keep_ms);
    #[expect(clippy::cast_precision_loss, reason = "a day is below 2^53")]
    let day = before.day() as f64;
    if !agreement::is_given().await? || storage::local::get(REMOVED).await? == Some(day) {
        return Ok(());
    }
    let store = store::open().await?;
    while retention::remove(&store, before).await? {
        subscribers::changed(&[Topic::Messages]);
    }
    Ok(storage::local::set(REMOVED, &day).await?)
}

/// Keeps a long poll going for as long as somebody waits.
pub(crate) fn follow() {
    let Some(turn) = FOLLOWING.with(|turns| turns.take(steady())) else {
        return;
    };
    spawn_local(async move {
        let _ = alarms::ensure(ALARM, ALARM_MINUTES).await;
        while subscribers::has_any() {
            turn.goes_on(steady());
            let pause_ms = ask_in_use(WAIT_SECS, Pauses::Waited).await;
            subscribers::release(pause_ms);
        }
    });
}

/// Asks the server in use for news now, whatever was agreed about pauses.
pub(crate) async fn refresh() {
    let Ok(settings) = settings::load().await else {
        return;
    };
    let account = accounts::on(&settings.backend).await.ok().flatten();
    let party = Party::of(&settings.backend, account.as_ref());
    STANDINGS.with_borrow_mut(|all| {
        all.ask_now(&party);
        all.ask_now(&Party::Browser);
    });
    question::end(&settings.backend);
    end_pause();
    ask_in_use(0, Pauses::Kept).await;
    subscribers::changed(&[Topic::Server]);
}

/// Another server than `before` was put in use: ends what is being asked of that one, as the alarm
/// asks it from now on, and asks the new one.
pub(crate) async fn switched(before: BackendUrl) {
    SWITCHES.set(SWITCHES.get() + 1);
    question::end(&before);
    refresh().await;
}

/// Asks the server in use for a new account, if it still says that it does not know the present one.
pub(crate) async fn register_again() -> Result<(), WorkerError> {
    refresh().await;
    let Some(account) = accounts::current().await?.filter(|account| account.refused) else {
        return Ok(());
    };
    let party = Party::of(&account.backend, Some(&account));
    if let Err(error) = account::replace(&account).await {
        note(&party, Attention::Watched, &Err(error.into()));
    }
    refresh().await;
    // Emails of the old account are followed no more.
    subscribers::changed(&[Topic::Messages, Topic::Server]);
    Ok(())
}

impl From<AccountError> for Trouble {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Backend(error) => Self::Backend(error),
            AccountError::Worker(error) => Self::Worker(error),
        }
    }
}

/// What is done in the pauses between two questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pauses {
    /// Nothing is asked in them.
    Kept,
    /// The question waits until they are over.
    Waited,
}

/// Asks the server in use. Returns for how many milliseconds it is not to be asked again.
async fn ask_in_use(wait_secs: u32, pauses: Pauses) -> u32 {
    let switches = SWITCHES.get();
    let known = async {
        let backend = settings::load().await?.backend;
        let account = accounts::on(&backend).await?;
        Ok::<_, WorkerError>((backend, account))
    };
    let (backend, account) = match known.await {
        Ok(known) => known,
        Err(error) => return note(&Party::Browser, Attention::Watched, &Err(error.into())),
    };
    let party = Party::of(&backend, account.as_ref());
    let pause_ms = pause_ms(&party);
    if pause_ms > 0 {
        match pauses {
            Pauses::Kept => return pause_ms,
            Pauses::Waited => pause(pause_ms).await,
        }
    }
    let account = match account {
        Some(account) => account,
        None => match account::ensure(&backend).await {
            Ok((account, new)) => {
                note(&party, Attention::Watched, &Ok(Yield::Something));
                if new {
                    subscribers::changed(&[Topic::Server]);
                }
                account
            }
            Err(error) => {
                let is_agreed = !matches!(&error, AccountError::Backend(BackendError::NotAgreed));
                let pause_ms = note(&party, Attention::Watched, &Err(error.into()));
                // Nobody was asked anything. Whoever waits is held here in the pause, so that they
                // hear at once when the user agrees.
                return if is_agreed { pause_ms } else { 0 };
            }
        },
    };
    // The present one is asked by who comes next.
    if SWITCHES.get() != switches {
        return 0;
    }
    ask(&account, wait_secs, Attention::Watched).await
}

fn pause_ms(party: &Party) -> u32 {
    STANDINGS.with_borrow(|all| {
        let of = |party| all.pause_ms(party, steady());
        of(party).max(of(&Party::Browser))
    })
}

async fn pause(pause_ms: u32) {
    let (end, ended) = oneshot::channel();
    PAUSED.set(Some(end));
    select(TimeoutFuture::new(pause_ms), ended).await;
}

fn end_pause() {
    if let Some(end) = PAUSED.take() {
        // One that is over needs no end.
        let _ = end.send(());
    }
}

/// Asks the server of `account`, unless it is to be left in peace. Returns for how many milliseconds
/// it is not to be asked again.
async fn ask(account: &Account, wait_secs: u32, attention: Attention) -> u32 {
    let party = Party::of(&account.backend, Some(account));
    if attention == Attention::Aside {
        let pause_ms = pause_ms(&party);
        if pause_ms > 0 {
            return pause_ms;
        }
    }
    let asked = fetch(account, wait_secs, attention).await;
    let refused = matches!(asked, Err(Trouble::Backend(BackendError::Rejected)));
    if (refused || asked.is_ok())
        && accounts::note_refused(account, refused)
            .await
            .unwrap_or(false)
    {
        subscribers::changed(&[Topic::Messages, Topic::Server]);
    }
    // Without a network of its own the browser hears of no server.
    if matches!(asked, Err(Trouble::Backend(BackendError::Unreachable))) && is_online() {
        // What is wrong with the storage is told where something was to be read.
        let _ = unanswered(account).await;
    }
    note(&party, attention, &asked)
}

async fn unanswered(account: &Account) -> Result<(), WorkerError> {
    cursors::unanswered(&store::open().await?, &account.given.account).await
}

/// Fetches and keeps all that there is.
async fn fetch(account: &Account, wait_secs: u32, attention: Attention) -> Result<Yield, Trouble> {
    let began = steady();
    let mut any_new = false;
    // Whole pages are fetched without waiting until there is no more.
    let mut wait = wait_secs;
    loop {
        let switches = SWITCHES.get();
        let (more, new) = fetch_page(account, wait, || {
            attention == Attention::Aside || SWITCHES.get() == switches
        })
        .await?;
        any_new |= new;
        if !more {
            break;
        }
        wait = 0;
    }
    let waited = steady().since(began) + EARLY_MS >= 1_000 * i64::from(wait_secs);
    Ok(if any_new || waited {
        Yield::Something
    } else {
        Yield::Nothing
    })
}

/// Fetches and keeps one page: whether there may be more behind it, and whether anything was new.
async fn fetch_page(
    account: &Account,
    wait_secs: u32,
    is_wanted: impl Fn() -> bool,
) -> Result<(bool, bool), Trouble> {
    let store = store::open().await?;
    let after = cursors::cursor(&store, &account.given.account).await?;
    if !is_wanted() {
        return Err(BackendError::Ended.into());
    }
    let question = Question::begin(&account.backend, wait_secs).await?;
    let asked = Asked {
        api_token: &account.given.api_token,
        after,
        limit: PAGE_LEN,
        wait_secs,
    };
    let api::Answer { page, full, lead } = api::events(&account.backend, asked, &question).await?;
    let answer = Answer {
        lead,
        set: clocks::set_since_heard(&account.given.account),
        is_last: !full,
    };
    drop(question);
    let more = full && page.cursor > after;
    // The database may have gone in the meantime.
    let store = store::open().await?;
    let new = events::keep(&store, &account.given.account, page, answer).await?;
    if new {
        announce::pending().await?;
        subscribers::changed(&[Topic::Messages]);
    }
    Ok((more, new))
}

/// Takes in how a question to `party` ended. Returns for how many milliseconds nobody is to ask again.
fn note(party: &Party, attention: Attention, ended: &Result<Yield, Trouble>) -> u32 {
    let end = End {
        attention,
        at: steady(),
        chance: js_sys::Math::random(),
    };
    if STANDINGS.with_borrow_mut(|all| all.note(party, ended, end)) {
        subscribers::changed(&[Topic::Server]);
    }
    spawn_local(async {
        // What is wrong with the storage may be in its way; the popup says that as well.
        let _ = show_trouble().await;
    });
    pause_ms(party)
}

/// Shows on the button how things stand with the server in use.
async fn show_trouble() -> Result<(), WorkerError> {
    let backend = settings::load().await?.backend;
    let account = accounts::on(&backend).await?;
    badge::trouble(problem(&backend, account.as_ref()), account.is_some()).await
}
