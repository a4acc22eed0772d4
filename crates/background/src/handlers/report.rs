//! What the report page shows.

use crate::backend::poll;
use crate::emails::{self, Email, Emails};
use crate::error::WorkerError;
use crate::judgements::lower_case;
use crate::subscribers::{self, Topic};
use kaifu_chrome::clock;
use kaifu_core::report::{
    Contact, Facts, Order, Which, Window, Zone, domains, figures, first_opens, hours, people,
    spread, trend,
};
use kaifu_core::sort::sorted;
use kaifu_core::time::Millis;
use kaifu_protocol::held::Held;
use kaifu_protocol::report::{self, Question, Report, WatchReport};

/// At most how many recipients, and how many domains, a report names.
const MOST_CONTACTS: usize = 10;

/// Answers as soon as there is something new; see [`WatchReport`].
pub(crate) async fn watch(call: WatchReport) -> Result<Held<Report>, WorkerError> {
    let waiting = subscribers::wait(Topic::OF_REPORT, call.revision);
    poll::follow();
    let pause_ms = waiting.await;
    let window = Window::of_days(call.question.days, clock::now());
    let (revision, emails) = emails::of(window).await?;
    Ok(Held {
        revision,
        pause_ms,
        value: answer(&emails, &call.question, window),
    })
}

/// The answer to `question`, which is about the emails of `window`.
fn answer(known: &Emails, question: &Question, window: Window) -> Report {
    let zone = &clock::zone_by_day();
    let now = window.now;
    let wanted = question.mailbox.as_ref();
    let in_window: Vec<&Email> = known
        .all
        .iter()
        .filter(|email| wanted.is_none() || email.mailbox.as_ref() == wanted)
        .filter(|email| window.has(&email.facts))
        .collect();
    let facts: Vec<&Facts> = in_window.iter().map(|email| &email.facts).collect();
    let all = || facts.iter().copied();
    let listed = listed(&in_window, question, now, zone);
    let count = |of: usize| u32::try_from(of).unwrap_or(u32::MAX);
    Report {
        kept: known.kept,
        mailboxes: known.mailboxes.clone(),
        figures: figures(all(), window).into(),
        first_opens: first_opens(all()).into(),
        hours: hours(all(), zone).0.concat(),
        spread: spread(all(), now, zone).into(),
        weeks: trend(all(), zone).into_iter().map(Into::into).collect(),
        people: contacts(people(all())),
        domains: contacts(domains(all())),
        matching: count(listed.len()),
        emails: listed
            .into_iter()
            .take(question.limit as usize)
            .map(|email| report::Email {
                mailbox: email.mailbox.clone(),
                ..report::Email::new(&email.message, &email.subject, email.state, &email.facts)
            })
            .collect(),
    }
}

fn contacts(all: Vec<Contact>) -> Vec<report::Contact> {
    let first = all.into_iter().take(MOST_CONTACTS);
    first.map(Into::into).collect()
}

/// Those of `emails` that `question` asks for, in its order.
fn listed<'a>(
    emails: &[&'a Email],
    question: &Question,
    now: Millis,
    zone: Zone<'_>,
) -> Vec<&'a Email> {
    let which = Which::from_code(&question.which).unwrap_or_default();
    let order = Order::from_code(&question.order).unwrap_or_default();
    let text = lower_case(&question.text);
    let words: Vec<&str> = text.split_whitespace().collect();
    let found: Vec<&Email> = emails
        .iter()
        .filter(|email| which.has(&email.facts, now, zone))
        .filter(|email| words.is_empty() || email.has_all(&words))
        .copied()
        .collect();
    let ranks: Vec<(i64, i64)> = found.iter().map(|it| order.rank(&it.facts)).collect();
    let mut places = sorted(&ranks);
    if question.reversed {
        places.reverse();
    }
    places.into_iter().map(|place| found[place]).collect()
}
