//! What a notification says.

use crate::store::messages::MessageRecord;
use js_sys::Intl::{NumberFormat, NumberFormatOptions, NumberFormatStyle, UnitDisplay};
use js_sys::{Array, Date};
use kaifu_chrome::clock;
use kaifu_chrome::i18n::{language, text, text_with};
use kaifu_chrome::notifications::Notice;
use kaifu_core::news::News;
use kaifu_core::relative;
use kaifu_core::state::EventReason;
use kaifu_core::time::Millis;
use kaifu_protocol::api::{Class, Event};
use wasm_bindgen::JsValue;

/// The notification that `news` came of `message` by the event `open`, which is worth what `reason`
/// says.
pub(super) fn notice(
    news: News,
    open: &Event,
    reason: EventReason,
    message: &MessageRecord,
) -> Notice {
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
