//! What the popup shows.

use super::connection::connection;
use crate::accounts;
use crate::backend::poll;
use crate::emails;
use crate::error::WorkerError;
use crate::judgements::{Judged, Snapshot, lower_case};
use crate::notify::{announce, badge, reminders};
use crate::store::kept::{self, KeptMessage, Telling};
use crate::store::{self, asked, forgotten, messages};
use crate::subscribers::{self, Topic};
use crate::{landmarks, open_in_gmail, own_addresses, secret, settings};
use futures_util::future::try_join_all;
use kaifu_chrome::seal;
use kaifu_core::gmail::mailbox::of_address;
use kaifu_core::id::SealKey;
use kaifu_core::state::EventReason;
use kaifu_core::time::Millis;
use kaifu_protocol::api::{Claim, Event};
use kaifu_protocol::content::Recipient;
use kaifu_protocol::held::Held;
use kaifu_protocol::pages::{
    BringBack, Confirmed, Forget, Looked, Message, Missing, Mute, OpenConversation, Overview,
    Refresh, RegisterAgain, Remind, Reminder, Seen, WatchMessages,
};
use kaifu_protocol::state::Kind;

/// Answers as soon as there is something new; see [`WatchMessages`].
pub(crate) async fn watch(call: WatchMessages) -> Result<Held<Overview>, WorkerError> {
    let waiting = subscribers::wait(Topic::OF_OVERVIEW, call.revision);
    poll::follow();
    let pause_ms = waiting.await;
    let revision = subscribers::revision(Topic::OF_OVERVIEW);
    Ok(Held {
        revision,
        pause_ms,
        value: overview(call).await?,
    })
}

/// Takes messages out of the number on the button: the user has them before their eyes.
pub(crate) async fn looked(call: Looked) -> Result<(), WorkerError> {
    badge::looked(&call.messages).await
}

/// Shows a conversation in Gmail.
pub(crate) async fn open_conversation(call: OpenConversation) -> Result<(), WorkerError> {
    open_in_gmail::open(&call.message).await
}

/// Shows no more notifications of messages, or shows them again.
pub(crate) async fn mute(call: Mute) -> Result<(), WorkerError> {
    announce::mute(&call.messages, call.muted).await
}

/// Removes messages with everything that is known of them.
pub(crate) async fn forget(call: Forget) -> Result<(), WorkerError> {
    let store = store::open().await?;
    forgotten::forget(&store, &call.messages).await?;
    badge::update(&store).await?;
    subscribers::changed(&[Topic::Messages]);
    Ok(())
}

/// Brings back what was forgotten last.
pub(crate) async fn bring_back(_: BringBack) -> Result<(), WorkerError> {
    let store = store::open().await?;
    forgotten::bring_back(&store).await?;
    badge::update(&store).await?;
    subscribers::changed(&[Topic::Messages]);
    Ok(())
}

/// Reminds the user of an email, or does so no more.
pub(crate) async fn remind(call: Remind) -> Result<(), WorkerError> {
    let reminder = call.reminder.map(|reminder| kept::Reminder {
        missing: match reminder.missing {
            Missing::Open => kept::Missing::Open,
            Missing::Confirmation => kept::Missing::Confirmation,
        },
        at: Millis(reminder.at),
    });
    reminders::set(&[call.message], reminder).await
}

/// Asks the server for news. What goes wrong stands in the next answer to the held calls.
pub(crate) async fn refresh(_: Refresh) -> Result<(), WorkerError> {
    poll::refresh().await;
    Ok(())
}

/// Takes a new account in the place of one that the server no longer knows.
pub(crate) async fn register_again(_: RegisterAgain) -> Result<(), WorkerError> {
    poll::register_again().await
}

pub(super) async fn overview(call: WatchMessages) -> Result<Overview, WorkerError> {
    let settings = settings::load().await?;
    let account = accounts::on(&settings.backend).await?;
    let found = found(&call).await?;
    let mut own = own_addresses::all().await?;
    let store = store::open().await?;
    let snapshot = Snapshot::open(&store).await?;
    let mailbox = call.mailbox.as_deref();
    let (records, total) = match found {
        None => messages::newest(&snapshot.transaction, mailbox, call.limit).await?,
        Some((found, total)) => {
            let find = |message| messages::find_in(&snapshot.transaction, message);
            let records = try_join_all(found.iter().map(|message| find(message))).await?;
            (records.into_iter().flatten().collect(), total)
        }
    };
    let mut shown =
        try_join_all(records.into_iter().map(|record| message(&snapshot, record))).await?;
    let heard = account
        .as_ref()
        .and_then(|account| snapshot.heard(&account.given.account));
    let connection = connection(&settings, account.as_ref(), heard);
    let mailboxes = messages::mailboxes(&snapshot.transaction).await?;
    // Nothing is read from the database any more, which would not wait for this.
    let key = secret::seal_key().await?;
    own.extend_from_slice(&mailboxes);
    for own in &mut own {
        *own = of_address(own);
    }
    for message in &mut shown {
        message.to_self = is_to_self(message, &own);
        message.confirmed = confirmed(message, &key).await;
    }
    Ok(Overview {
        messages: shown,
        total,
        mailboxes,
        connection,
        unfamiliar: landmarks::load().await?,
    })
}

/// The first messages that have the words and the kind of `call`, and how many have them in all; `None`
/// where it asks for neither.
async fn found(call: &WatchMessages) -> Result<Option<(Vec<String>, u32)>, WorkerError> {
    let text = lower_case(&call.text);
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.is_empty() && call.kind == Kind::All {
        return Ok(None);
    }
    Ok(Some(emails::search(call, &words).await?))
}

async fn message(snapshot: &Snapshot, record: KeptMessage) -> Result<Message, WorkerError> {
    let sent_at = snapshot.sent_at(&record).0;
    let judged = snapshot.judged(&record).await?;
    let asked = asked::find(&snapshot.transaction, &record.message).await?;
    let judgement = &judged.judgement;
    Ok(Message {
        sent_at,
        state: snapshot.state(&record, judgement),
        reason: judgement.reason.code().to_owned(),
        news: (judged.kept.iter()).any(|kept| kept.telling != Telling::Done),
        muted: asked.muted,
        reminder: asked.reminder.map(|reminder| Reminder {
            missing: match reminder.missing {
                kept::Missing::Open => Missing::Open,
                kept::Missing::Confirmation => Missing::Confirmation,
            },
            at: reminder.at.0,
        }),
        views: u32::try_from(judgement.views).unwrap_or(u32::MAX),
        readers: judgement.readers.map(Into::into),
        to_self: false,
        away: snapshot.absences(&record),
        confirmed: None,
        decided_by: judgement
            .decided_by
            .and_then(|place| u32::try_from(place).ok()),
        later: record.later().map(Into::into),
        sent_by: record.signal.map(Into::into),
        message: record.message,
        subject: record.subject,
        recipients: record.recipients,
        mailbox: record.mailbox,
        alias: record.alias,
        opens: seen(judged),
    })
}

/// Whether `message` went to nobody but the sender, whose mailboxes are `own`.
fn is_to_self(message: &Message, own: &[String]) -> bool {
    let mut all = message.recipients.iter();
    let is_own = |it: &Recipient| {
        own.contains(&of_address(&it.address)) || message.alias.as_ref() == Some(&it.address)
    };
    !message.recipients.is_empty() && all.all(is_own)
}

/// Who pressed "I've read this" on the page of `message`, with the names that they sealed for this browser.
async fn confirmed(message: &Message, key: &SealKey) -> Option<Confirmed> {
    let mut confirmed = Confirmed::default();
    let pressed = EventReason::ReadPressed.code();
    for seen in message.opens.iter().filter(|seen| seen.reason == pressed) {
        confirmed.presses += 1;
        if let Some(sealed) = &seen.open.sealed
            && let Ok(id) = message.message.parse()
        {
            let key = key.of_message(id);
            // What cannot be opened was sealed by a page that had not the whole address.
            confirmed
                .names
                .extend(seal::open(sealed, &key).await.ok().flatten());
        }
    }
    (confirmed.presses > 0).then_some(confirmed)
}

/// The events of a message as they are shown, those that are only counted as one repeat, and behind them
/// those that a newer version would know.
fn seen(judged: Judged) -> Vec<Seen> {
    let Judged {
        kept,
        shown,
        counted,
        unread,
        judgement,
        ..
    } = judged;
    let events = kept.into_iter().zip(shown).zip(&judgement.events);
    let mut all: Vec<Seen> = events
        .map(|((record, at), judged)| {
            let at = at.0;
            Seen::new(Event { at, ..record.event }, judged)
        })
        .collect();
    for counted in counted {
        let like = &all[counted.place];
        let repeats = like.repeats.or_else(|| u32::try_from(counted.place).ok());
        let mut seen = Seen {
            repeats,
            ..like.clone()
        };
        seen.open.at = counted.last.0;
        seen.open.repeats = counted.count.saturating_sub(1);
        all.push(seen);
    }
    all.extend(unread.into_iter().map(|(record, at)| Seen {
        open: Event {
            at: at.0,
            ..record.event
        },
        claim: Claim::Unknown,
        reason: EventReason::Reported.code().to_owned(),
        repeats: None,
    }));
    all
}
