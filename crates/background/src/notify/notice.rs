//! What a notification says.

use crate::store::kept::{KeptMessage, Missing};
use kaifu_chrome::clock;
use kaifu_chrome::notifications::Notice;
use kaifu_core::news::{Manner, News};
use kaifu_core::state::EventReason;
use kaifu_core::time::Millis;
use kaifu_l10n::{Browser, Words, events, people, states};
use kaifu_protocol::api::Event;

/// How many subjects one notification names: desktops show a few lines.
const SUBJECTS: usize = 4;

/// What there is to tell, and when: all times are by the browser's clock as it goes now.
pub(super) struct Occasion<'a> {
    /// What it is.
    pub(super) news: News,
    /// What brought it.
    pub(super) event: &'a Event,
    /// Why that is worth telling.
    pub(super) reason: EventReason,
    /// When it was.
    pub(super) at: Millis,
    /// When the email was sent.
    pub(super) sent_at: Millis,
    /// How it is shown.
    pub(super) manner: Manner,
    /// Whether the subject is left out.
    pub(super) hide_subjects: bool,
}

/// The reminder of `message`, of which something is missing.
pub(super) fn reminder(missing: Missing, message: &KeptMessage, hide_subjects: bool) -> Notice {
    let words = Browser::new();
    let (title, text) = match missing {
        Missing::Open => ("notice_no_open", "notice_no_open_text"),
        Missing::Confirmation => ("notice_no_word", "notice_no_word_text"),
    };
    Notice {
        title: words.with(title, &[&subject(message, hide_subjects, &words)]),
        message: words.text(text),
        context_message: words.with("notice_to", &[&people::names(&message.recipients, &words)]),
        event_time: clock::now(),
        silent: false,
        button: None,
    }
}

fn subject(message: &KeptMessage, is_hidden: bool, words: &impl Words) -> String {
    if is_hidden {
        words.text("notice_hidden")
    } else {
        people::subject(&message.subject, words)
    }
}

/// A notification that tells of nothing, for the user to see whether the system shows any.
pub(super) fn test() -> Notice {
    let words = Browser::new();
    Notice {
        title: words.text("notice_test"),
        message: words.text("notice_test_text"),
        context_message: String::new(),
        event_time: clock::now(),
        silent: false,
        button: None,
    }
}

/// The notification of what there is to tell of `message`.
pub(super) fn notice(occasion: &Occasion<'_>, message: &KeptMessage) -> Notice {
    worded(occasion, message, clock::now(), &Browser::new())
}

fn worded(
    occasion: &Occasion<'_>,
    message: &KeptMessage,
    now: Millis,
    words: &impl Words,
) -> Notice {
    let at = occasion.at;
    let title = match occasion.news {
        News::Reopened => "notice_reopened",
        News::Opened => "notice_opened",
        News::Confirmed => "notice_confirmed",
        News::Refused => "notice_refused",
    };
    let program = events::program(&occasion.event.source, words);
    let mut text = words.with("notice_by", &[&program, &words.clock(at, now)]);
    if let Some(after) = events::after_sending(at, occasion.sent_at, words) {
        text.push_str(" · ");
        text.push_str(&after);
    }
    // Of a confirmation or a refusal, the title says it all.
    if matches!(occasion.news, News::Opened | News::Reopened) {
        text.insert(0, '\n');
        text.insert_str(0, &states::reason(occasion.reason.code(), words));
    }
    let subject = subject(message, occasion.hide_subjects, words);
    Notice {
        title: words.with(title, &[&subject]),
        message: text,
        context_message: words.with("notice_to", &[&people::names(&message.recipients, words)]),
        event_time: at,
        silent: occasion.manner == Manner::Silent,
        button: Some(words.text("notice_mute")),
    }
}

/// The notification of several emails to the same people that were opened one right after the other;
/// `one` is that of the last of them.
pub(super) fn gathered(subjects: &[String], one: Notice, hide_subjects: bool) -> Notice {
    gathered_in(subjects, one, hide_subjects, &Browser::new())
}

fn gathered_in(
    subjects: &[String],
    one: Notice,
    hide_subjects: bool,
    words: &impl Words,
) -> Notice {
    let count = subjects.len().to_string();
    let subjects: Vec<String> = (subjects.iter().rev().take(SUBJECTS))
        .map(|subject| people::subject(subject, words))
        .collect();
    Notice {
        title: words.with("notice_opened_many", &[&count]),
        message: if hide_subjects {
            words.text("notice_hidden")
        } else {
            subjects.join("\n")
        },
        silent: true,
        button: Some(words.text("notice_mute_many")),
        ..one
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Locale;
    use kaifu_core::fetch::Reason;
    use kaifu_protocol::api::{Claim, Class, Kind, Source};
    use kaifu_protocol::content::Recipient;

    const SENT_AT: i64 = 1_790_000_000_000;
    const HOUR: i64 = 3_600_000;

    fn event(after: i64) -> Event {
        Event {
            seq: 1,
            id: String::new(),
            message: "AAAAAAAAAAA".to_owned(),
            kind: Kind::Pixel,
            at: SENT_AT + after,
            source: Source {
                class: Class::Human,
                client: Some("Firefox".to_owned()),
                device: None,
                country: None,
                reader: None,
            },
            claim: Claim::Likely,
            reason: "browser".to_owned(),
            repeats: 0,
            sealed: None,
            of: None,
        }
    }

    fn told(news: News, after: i64, recipients: &[&str], words: &Locale) -> [String; 3] {
        let message = KeptMessage {
            subject: "Plan".to_owned(),
            recipients: recipients
                .iter()
                .map(|&address| Recipient {
                    address: address.to_owned(),
                    name: String::new(),
                })
                .collect(),
            sent_at: Millis(SENT_AT),
            ..KeptMessage::default()
        };
        let occasion = Occasion {
            news,
            event: &event(after),
            reason: EventReason::Fetch(Reason::Browser),
            at: Millis(SENT_AT + after),
            sent_at: Millis(SENT_AT),
            manner: Manner::Aloud,
            hide_subjects: false,
        };
        let notice = worded(&occasion, &message, Millis(SENT_AT + 3 * HOUR), words);
        assert_eq!(notice.event_time, Millis(SENT_AT + after));
        [notice.title, notice.message, notice.context_message]
    }

    #[test]
    fn an_open_is_told_with_its_reason_program_and_time() {
        let words = Locale::english();
        let at = SENT_AT + 2 * HOUR;
        assert_eq!(
            told(
                News::Opened,
                2 * HOUR,
                &["anna@example.com", "ben@example.com"],
                &words
            ),
            [
                "Probably opened: Plan".to_owned(),
                format!(
                    "A browser loaded the image.\nFirefox · clock:{at} · 2 hours after sending"
                ),
                "To anna@example.com, ben@example.com".to_owned(),
            ]
        );
    }

    #[test]
    fn what_the_recipient_said_themselves_needs_no_reason() {
        for words in Locale::all() {
            for news in [News::Confirmed, News::Refused] {
                let [title, text, _] = told(news, HOUR, &["anna@example.com"], &words);
                assert!(title.contains("Plan"), "{title}");
                assert!(!text.contains('\n'), "{text}");
            }
        }
    }

    #[test]
    fn several_emails_are_named_in_one_notification() {
        let words = Locale::english();
        let one = Notice {
            title: "Probably opened: Plan".to_owned(),
            message: "A browser loaded the image.".to_owned(),
            context_message: "To anna@example.com".to_owned(),
            event_time: Millis(SENT_AT),
            silent: false,
            button: None,
        };
        let subjects: Vec<String> = (1..=6).map(|number| format!("Part {number}")).collect();
        let hidden = gathered_in(&subjects, one.clone(), true, &words);
        assert!(!hidden.message.contains("Part"), "{hidden:?}");
        let notice = gathered_in(&subjects, one, false, &words);
        assert_eq!(notice.title, "6 emails probably opened");
        assert_eq!(notice.message, "Part 6\nPart 5\nPart 4\nPart 3");
        assert_eq!(notice.context_message, "To anna@example.com");
        assert!(notice.silent);
    }

    #[test]
    fn nobody_known_is_called_so() {
        for words in Locale::all() {
            let [_, _, to] = told(News::Opened, HOUR, &[], &words);
            assert!(to.contains(&words.text("popup_no_recipients")), "{to}");
        }
    }
}
