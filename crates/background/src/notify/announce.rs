//! Tells the user: desktop notifications and the badge.

use crate::error::WorkerError;
use crate::judgements::Judge;
use crate::open_in_gmail;
use crate::store::events::{self, OpenRecord};
use crate::store::messages::{self, MessageRecord};
use crate::store::{self, Store};
use js_sys::Intl::{NumberFormat, NumberFormatOptions, NumberFormatStyle, UnitDisplay};
use js_sys::{Array, Date};
use kaifu_chrome::i18n::{language, text, text_with};
use kaifu_chrome::notifications::{self, Notice};
use kaifu_chrome::{action, clock};
use kaifu_core::news::{News, news};
use kaifu_core::relative;
use kaifu_core::state::EventReason;
use kaifu_core::time::Millis;
use kaifu_protocol::api::{Class, Event};
use kaifu_protocol::content::{Outcome, Settle, Signal};
use std::cell::Cell;
use std::collections::BTreeMap;
use wasm_bindgen::JsValue;

/// Every notification is named after its message, so that a later one takes its place.
const ID_PREFIX: &str = "message:";

thread_local! {
    static AT_WORK: Cell<bool> = const { Cell::new(false) };
    /// Whether something may have come that who is at work has not seen.
    static AGAIN: Cell<bool> = const { Cell::new(false) };
}

/// Tells of every event that was not told of yet. What was interrupted is told at the next start.
pub(crate) async fn pending() -> Result<(), WorkerError> {
    AGAIN.set(true);
    if AT_WORK.replace(true) {
        return Ok(());
    }
    let mut told = Ok(());
    while told.is_ok() && AGAIN.replace(false) {
        told = tell_all().await;
    }
    AT_WORK.set(false);
    told
}

async fn tell_all() -> Result<(), WorkerError> {
    let store = store::open().await?;
    loop {
        let mut of_messages: BTreeMap<String, Vec<OpenRecord>> = BTreeMap::new();
        for record in events::unannounced(&store).await? {
            let message = record.open.message.clone();
            of_messages.entry(message).or_default().push(record);
        }
        if of_messages.is_empty() {
            return update_badge(&store).await;
        }
        for (message, records) in of_messages {
            tell(&store, &message, records).await?;
        }
    }
}

/// Tells what is new about `message`, and only then notes that `records` and whatever came
/// meanwhile were told: when this is interrupted, they are told again, under the same id.
async fn tell(store: &Store, message: &str, records: Vec<OpenRecord>) -> Result<(), WorkerError> {
    let judge = Judge::begin(store).await?;
    let found = messages::find_in(&judge.transaction, message).await?;
    // By their sequence; each with whether it is news.
    let mut done: BTreeMap<u64, (OpenRecord, bool)> = records
        .into_iter()
        .map(|record| (record.open.seq, (record, false)))
        .collect();
    let mut strongest = None;
    let mut left_after_all = false;
    if let Some(message) = &found
        && let judged = judge.judged(message).await?
        && (message.left() || judged.left_after_all(message))
    {
        left_after_all = !message.left();
        let handled: Vec<bool> = judged.opens.iter().map(OpenRecord::is_handled).collect();
        let news = news(&judged.events, &judged.judgement, &handled);
        let events = judged.judgement.events.iter().zip(news);
        for (record, (event, news)) in judged.opens.into_iter().zip(events) {
            if record.is_handled() {
                continue;
            }
            if let Some(news) = news {
                // They would take each other's place, so only the one that says the most is shown.
                if strongest.as_ref().is_none_or(|&(shown, _)| shown <= news) {
                    strongest = Some((news, notice(news, &record.open, event.reason, message)));
                }
            }
            done.insert(record.open.seq, (record, news.is_some()));
        }
    }
    if let Some((_, notice)) = strongest {
        // A desktop that shows none still has the badge; it must not hold up what comes after.
        let _ = notifications::show(&format!("{ID_PREFIX}{message}"), &notice).await;
    }
    if left_after_all {
        let settle = Settle {
            message: message.to_owned(),
            outcome: Outcome::Scheduled,
            signal: Signal::Fetch,
        };
        messages::settle(store, &settle).await?;
    }
    events::announced(store, done.into_values()).await
}

fn notice(news: News, open: &Event, reason: EventReason, message: &MessageRecord) -> Notice {
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
    let at = Millis(open.at);
    let by = text_with("notice_by", &[&source(open), &clock_time(at)]);
    let after = at.since(Millis(message.sent_at));
    let by = if after < 0 {
        by
    } else {
        let (amount, unit) = relative::length(after);
        let after = text_with("event_after", &[&written(amount, unit)]);
        format!("{by} · {after}")
    };
    Notice {
        title,
        message: match news {
            News::Opened => format!("{}\n{by}", text(&format!("reason_{}", reason.code()))),
            // The title says it all.
            News::Confirmed | News::Refused => by,
        },
        context_message: text_with("notice_to", &[&recipients.join(", ")]),
        event_time: at,
    }
}

fn source(open: &Event) -> String {
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

fn clock_time(at: Millis) -> String {
    Date::new(&JsValue::from_f64(clock::to_js(at)))
        .to_locale_time_string(&language())
        .into()
}

/// An amount of one of Intl's units, such as "3 hours".
fn written(amount: i32, unit: &'static str) -> String {
    let locales = Array::of1(&JsValue::from_str(&text("locale_language")));
    let options = NumberFormatOptions::new();
    options.set_style(NumberFormatStyle::Unit);
    options.set_unit(unit);
    options.set_unit_display(UnitDisplay::Long);
    NumberFormat::new(&locales, &options)
        .format()
        .call1(&JsValue::UNDEFINED, &JsValue::from(amount))
        .ok()
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}

/// Shows on the button how many messages have news.
async fn update_badge(store: &Store) -> Result<(), WorkerError> {
    let text = match events::fresh(store).await? {
        0 => String::new(),
        count @ 1..=99 => count.to_string(),
        _ => "99+".to_owned(),
    };
    Ok(action::set_badge(&text).await?)
}

/// The user looks at the popup: takes the badge away.
pub(crate) async fn looked_at() -> Result<(), WorkerError> {
    let store = store::open().await?;
    events::looked_at(&store).await?;
    update_badge(&store).await
}

/// The user clicked notification `id`: shows the conversation.
pub(crate) async fn clicked(id: &str) {
    let _ = notifications::clear(id).await;
    if let Some(message) = id.strip_prefix(ID_PREFIX) {
        // There is nobody to tell about a failure here: the notification is gone.
        let _ = open_in_gmail::open(message).await;
    }
}
