//! What the popup shows.

use crate::error::WorkerError;
use crate::judged::judged;
use crate::store::messages::MessageRecord;
use crate::store::{self, Store, messages, opens};
use crate::{account, announce, health, held, news, settings};
use kaifu_protocol::content::Outcome;
use kaifu_protocol::popup::{Connection, Message, Overview, Seen, WatchMessages};

/// Answers as soon as there is something new; see [`WatchMessages`].
pub(crate) async fn watch(call: WatchMessages) -> Result<Overview, WorkerError> {
    announce::looked_at().await?;
    let held = held::until_changed(call.revision);
    news::follow();
    let pause_ms = held.await;
    let revision = held::revision();
    let store = store::open().await?;
    let (records, total) = messages::newest(&store, call.limit).await?;
    let mut shown = Vec::with_capacity(records.len());
    for record in records {
        shown.push(message(&store, record).await?);
    }
    let settings = settings::load().await?;
    let account = account::current().await?;
    let last_news_at = match &account {
        Some(account) => opens::heard_at(&store, &account.given.account).await?,
        None => None,
    };
    let connection = Connection {
        account: account.is_some(),
        last_news_at,
        problem: news::problem(),
        reach: settings::parse(&settings.backend)?.reach().into(),
    };
    Ok(Overview {
        revision,
        pause_ms,
        messages: shown,
        total,
        connection,
        settings,
        unfamiliar: health::load().await?,
    })
}

async fn message(store: &Store, record: MessageRecord) -> Result<Message, WorkerError> {
    let judged = judged(store, &record).await?;
    let seen = judged
        .opens
        .into_iter()
        .map(|open| Seen {
            before_send: open.at < record.sent_at,
            open,
        })
        .collect();
    Ok(Message {
        state: judged.judgement.state.into(),
        confirmed_sent: matches!(record.outcome, Some(Outcome::Sent | Outcome::Untracked)),
        message: record.message,
        subject: record.subject,
        recipients: record.recipients,
        mailbox: record.mailbox,
        sent_at: record.sent_at,
        opens: seen,
    })
}
