//! Tells the user of what is new, as long as they were not told.

use super::badge;
use super::gathering::{self, Gathering};
use super::notice::{self, Occasion};
use crate::consents;
use crate::error::WorkerError;
use crate::judgements::Snapshot;
use crate::open_in_gmail;
use crate::settings;
use crate::store::kept::{KeptEvent, KeptMessage};
use crate::store::{self, Store, asked, events, messages};
use crate::subscribers::{self, Topic};
use crate::turn::{Turn, Turns};
use kaifu_chrome::clock::{self, now, steady};
use kaifu_chrome::notifications::{self, Notice};
use kaifu_core::news::{News, news};
use kaifu_core::outcome::{Origin, Outcome, Signal, Statement};
use std::cell::{Cell, RefCell};

/// Telling of one message takes a fraction of a second.
const TELLING_MS: i64 = 30_000;

/// The notification that tells of nothing.
const TEST: &str = "test";

thread_local! {
    static TELLING: Turns = Turns::new(TELLING_MS);
    /// Whether something may have come that who is telling has not seen.
    static AGAIN: Cell<bool> = const { Cell::new(false) };
    /// The opens that were told of last.
    static GATHERED: RefCell<Gathering> = RefCell::default();
}

/// Tells of every event that was not told of yet. What was interrupted is told at the next start.
pub(crate) async fn pending() -> Result<(), WorkerError> {
    AGAIN.set(true);
    let Some(turn) = TELLING.with(|turns| turns.take(steady())) else {
        return Ok(());
    };
    while AGAIN.replace(false) {
        tell_all(&turn).await?;
    }
    Ok(())
}

async fn tell_all(turn: &Turn) -> Result<(), WorkerError> {
    let store = store::open().await?;
    loop {
        let mut of_messages: Vec<(String, Vec<KeptEvent>)> = Vec::new();
        for record in events::unannounced(&store).await? {
            let message = &record.event.message;
            match of_messages.iter_mut().find(|(it, _)| it == message) {
                Some((_, records)) => records.push(record),
                None => of_messages.push((message.clone(), vec![record])),
            }
        }
        if of_messages.is_empty() {
            return badge::update(&store).await;
        }
        for (message, records) in of_messages {
            turn.goes_on(steady());
            tell(&store, &message, records).await?;
        }
    }
}

/// Tells what is new about `message`, and only then notes that `records` and whatever came
/// meanwhile were told: when this is interrupted, they are told again, under the same id.
async fn tell(store: &Store, message: &str, records: Vec<KeptEvent>) -> Result<(), WorkerError> {
    bring_back(store, message).await?;
    let settings = settings::load().await?;
    let minute = clock::minute_of_day(now());
    let snapshot = Snapshot::open(store).await?;
    let found = messages::find_in(&snapshot.transaction, message).await?;
    // Each with whether it is news.
    let mut done: Vec<(KeptEvent, bool)> = Vec::new();
    let mut strongest = None;
    if let Some(message) = &found
        && message.left()
    {
        let asked = asked::find(&snapshot.transaction, &message.message).await?;
        let judged = snapshot.judged(message).await?;
        consents::hear(message, &judged.judgement).await?;
        let handled: Vec<bool> = judged.kept.iter().map(KeptEvent::is_handled).collect();
        let news = news(&judged.events, &judged.judgement, &handled);
        let events = judged.judgement.events.iter().zip(news);
        let kept = judged.kept.into_iter().zip(judged.shown);
        let sent_at = snapshot.sent_at(message);
        for ((record, at), (event, news)) in kept.zip(events) {
            if record.is_handled() {
                continue;
            }
            let news = news.filter(|_| !asked.muted);
            if let Some(news) = news
                && let Some(manner) = settings.wishes.manner(news, minute)
            {
                // They would take each other's place, so only the one that says the most is shown.
                if strongest.as_ref().is_none_or(|&(shown, _)| shown <= news) {
                    strongest = Some((
                        news,
                        notice::notice(
                            &Occasion {
                                news,
                                event: &record.event,
                                reason: event.reason,
                                at,
                                sent_at,
                                manner,
                                hide_subjects: settings.hide_subjects,
                            },
                            message,
                        ),
                    ));
                }
            }
            done.push((record, news.is_some()));
        }
    }
    for record in records {
        let is_it = |(other, _): &(KeptEvent, bool)| other.event.seq == record.event.seq;
        if !done.iter().any(is_it) {
            done.push((record, false));
        }
    }
    if let (Some((news, notice)), Some(message)) = (strongest, &found) {
        show(news, notice, message, settings.hide_subjects).await;
    }
    events::announced(store, done).await
}

/// Shows what there is to tell of `message`, together with what came right before.
async fn show(news: News, notice: Notice, message: &KeptMessage, hide_subjects: bool) {
    let mut id = gathering::id(&message.message);
    let (mut before, mut notice) = (id.clone(), notice);
    if matches!(news, News::Opened | News::Reopened) {
        // What the user has put away does not come back.
        let last = GATHERED.with_borrow(Gathering::id);
        if !notifications::is_shown(&last).await.unwrap_or(true) {
            GATHERED.take();
        }
        GATHERED.with_borrow_mut(|gathered| {
            if let Some(gave_way) = gathered.take(message, steady()) {
                before = gave_way;
                id = gathered.id();
                notice = match gathered.subjects() {
                    [_] => notice.clone(),
                    subjects => notice::gathered(subjects, notice.clone(), hide_subjects),
                };
            }
        });
    }
    // Some desktops show none in the place of one that was not taken away.
    let _ = notifications::clear(&before).await;
    // A desktop that shows none still has the badge; it must not hold up what comes after.
    let _ = notifications::show(&id, &notice).await;
}

/// Settles anew what was thought not to have left, or not with its image, where somebody else has
/// fetched that image: it left after all.
async fn bring_back(store: &Store, message: &str) -> Result<(), WorkerError> {
    let snapshot = Snapshot::open(store).await?;
    let found = messages::find_in(&snapshot.transaction, message).await?;
    let Some(found) = found.filter(|it| it.known().disproved_from().is_some()) else {
        return Ok(());
    };
    if !snapshot.judged(&found).await?.left_after_all(&found) {
        return Ok(());
    }
    let statement = Statement {
        since: kaifu_core::time::Millis::default(),
        outcome: if found.outcome == Some(Outcome::Cancelled) {
            Outcome::Scheduled
        } else {
            Outcome::Sent
        },
        signal: Signal::Fetch,
        origin: Origin::Server,
        at: now(),
    };
    messages::settle(store, message, statement).await
}

/// Shows no more notifications of `messages`, or shows them again.
pub(crate) async fn mute(messages: &[String], muted: bool) -> Result<(), WorkerError> {
    let store = store::open().await?;
    asked::change(&store, messages, &|asked| asked.muted = muted).await?;
    subscribers::changed(&[Topic::Messages]);
    Ok(())
}

/// Shows a notification that tells of nothing.
pub(crate) async fn test() -> Result<(), WorkerError> {
    let _ = notifications::clear(TEST).await;
    Ok(notifications::show(TEST, &notice::test()).await?)
}

/// The user pressed the button of notification `id`: none is shown any more of what it tells of.
pub(crate) async fn button_pressed(id: &str) {
    let _ = notifications::clear(id).await;
    // There is nobody to tell about a failure here, either: the next notification has the button again.
    let _ = mute(&gathering::messages(id), true).await;
}

/// The user clicked notification `id`: shows the conversation.
pub(crate) async fn clicked(id: &str) {
    let _ = notifications::clear(id).await;
    if let Some(message) = gathering::message(id) {
        // There is nobody to tell about a failure here: the notification is gone.
        let _ = open_in_gmail::open(message).await;
    }
}
