//! Tells the user: desktop notifications and the badge.

use crate::conversation;
use crate::error::WorkerError;
use crate::store::messages::{self, MessageRecord};
use crate::store::opens::{self, OpenRecord};
use crate::store::{self, Store};
use js_sys::Date;
use kaifu_chrome::action;
use kaifu_chrome::i18n::{language, text, text_with};
use kaifu_chrome::notifications::{self, Notice};
use kaifu_core::news::{News, news_of};
use kaifu_core::state::Event;
use kaifu_core::time::Millis;
use kaifu_protocol::api::{Class, Open};
use std::cell::Cell;
use wasm_bindgen::JsValue;

/// Every notification is named after its message, so that a later one takes its place.
const ID_PREFIX: &str = "message:";

thread_local! {
    static AT_WORK: Cell<bool> = const { Cell::new(false) };
}

/// Tells of every event that was not told of yet. What was interrupted is told at the next start.
pub(crate) async fn pending() -> Result<(), WorkerError> {
    if AT_WORK.replace(true) {
        return Ok(());
    }
    let told = tell_all().await;
    AT_WORK.set(false);
    told
}

async fn tell_all() -> Result<(), WorkerError> {
    let store = store::open().await?;
    loop {
        let records = opens::unannounced(&store).await?;
        if records.is_empty() {
            return update_badge(&store).await;
        }
        for record in records {
            tell(&store, record).await?;
        }
    }
}

async fn tell(store: &Store, record: OpenRecord) -> Result<(), WorkerError> {
    let open = &record.open;
    let message = messages::find(store, &open.message)
        .await?
        .filter(MessageRecord::left);
    let Some(message) = message else {
        return opens::announced(store, record, false).await;
    };
    let earlier: Vec<Event> = opens::of_message(store, &open.message)
        .await?
        .iter()
        .filter(|other| other.seq < open.seq)
        .filter_map(|other| other.try_into().ok())
        .collect();
    let news = Event::try_from(open)
        .ok()
        .and_then(|event| news_of(&event, Millis(message.sent_at), &earlier));
    if let Some(news) = news {
        let id = format!("{ID_PREFIX}{}", open.message);
        // A desktop that shows none still has the badge; it must not hold up what comes after.
        let _ = notifications::show(&id, &notice(news, open, &message)).await;
    }
    opens::announced(store, record, news.is_some()).await
}

fn notice(news: News, open: &Open, message: &MessageRecord) -> Notice {
    let subject = match message.subject.trim() {
        "" => text("no_subject"),
        subject => subject.to_owned(),
    };
    let title = match news {
        News::Opened => text_with("notice_opened", &[&subject]),
        News::Confirmed => text_with("notice_confirmed", &[&subject]),
        News::Refused => text_with("notice_refused", &[&subject]),
    };
    let recipients: Vec<_> = message
        .recipients
        .iter()
        .map(|who| {
            if who.name.is_empty() {
                who.address.as_str()
            } else {
                who.name.as_str()
            }
        })
        .collect();
    #[expect(
        clippy::cast_precision_loss,
        reason = "the clock in milliseconds fits 53 bits"
    )]
    let at = open.at as f64;
    Notice {
        title,
        message: text_with("notice_by", &[&source(open), &clock_time(at)]),
        context_message: text_with("notice_to", &[&recipients.join(", ")]),
        event_time: at,
    }
}

fn source(open: &Open) -> String {
    match open.source.class {
        Class::Human => open
            .source
            .client
            .clone()
            .unwrap_or_else(|| text("source_human")),
        Class::GmailProxy => text("source_gmail_proxy"),
        Class::GmailPrefetch => text("source_gmail_prefetch"),
        Class::AppleMpp => text("source_apple_mpp"),
        Class::YahooProxy => text("source_yahoo_proxy"),
        Class::OutlookClient => text("source_outlook_client"),
        Class::PrivacyProxy => text("source_privacy_proxy"),
        Class::Scanner => text("source_scanner"),
        Class::Bot => text("source_bot"),
        Class::Unknown => text("source_unknown"),
    }
}

fn clock_time(at: f64) -> String {
    Date::new(&JsValue::from_f64(at))
        .to_locale_time_string(&language())
        .into()
}

/// Shows on the button how many messages have news.
async fn update_badge(store: &Store) -> Result<(), WorkerError> {
    let text = match opens::fresh(store).await? {
        0 => String::new(),
        count @ 1..=99 => count.to_string(),
        _ => "99+".to_owned(),
    };
    Ok(action::set_badge(&text).await?)
}

/// The user looks at the popup: takes the badge away.
pub(crate) async fn looked_at() -> Result<(), WorkerError> {
    let store = store::open().await?;
    opens::looked_at(&store).await?;
    update_badge(&store).await
}

/// The user clicked notification `id`: shows the conversation.
pub(crate) async fn clicked(id: &str) {
    let _ = notifications::clear(id).await;
    if let Some(message) = id.strip_prefix(ID_PREFIX) {
        // There is nobody to tell about a failure here: the notification is gone.
        let _ = conversation::open(message).await;
    }
}
