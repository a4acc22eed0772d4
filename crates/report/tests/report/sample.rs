//! A sample answer of the worker.

use kaifu_core::report::{
    Facts, Glimpse, Person, Standing, Window, domains, figures, first_opens, hours, people, spread,
    trend,
};
use kaifu_core::time::{DAY, HOUR, Millis};
use kaifu_protocol::report::{Contact, Email, Report};
use kaifu_report::model::Model;

/// When the sample is looked at: a Wednesday at noon in UTC.
pub(crate) const NOW: Millis = Millis(20_789 * DAY + 12 * HOUR);

/// An email to Anna that was sent so many days ago and opened so many hours after each.
pub(crate) fn facts(standing: Standing, days: i64, hours: &[i64]) -> Facts {
    let anna = Person {
        address: "anna@example.com".to_owned(),
        name: "Anna <b>".to_owned(),
    };
    let sent_at = NOW.plus(-days * DAY);
    let opens: Vec<Millis> = hours.iter().map(|it| sent_at.plus(it * HOUR)).collect();
    Facts {
        first_week: opens
            .iter()
            .map(|&at| Glimpse { at, counts: true })
            .collect(),
        last_at: opens.last().copied(),
        opens,
        ..Facts::new(sent_at, standing, vec![anna])
    }
}

/// What the worker answers where these are all the emails.
pub(crate) fn report(all: &[Facts]) -> Report {
    let zone = &|_| 0;
    let count = |of: usize| u32::try_from(of).unwrap();
    let contact = |all: Vec<_>| all.into_iter().map(Contact::from).collect();
    Report {
        kept: count(all.len()),
        mailboxes: vec!["me@example.org".to_owned()],
        figures: figures(all, Window::of_days(None, NOW)).into(),
        first_opens: first_opens(all).into(),
        hours: hours(all, zone).0.concat(),
        spread: spread(all, NOW, zone).into(),
        weeks: trend(all, zone).into_iter().map(Into::into).collect(),
        people: contact(people(all)),
        domains: contact(domains(all)),
        matching: count(all.len()),
        emails: all
            .iter()
            .zip(1..)
            .map(|(facts, number): (&Facts, u32)| Email {
                mailbox: Some("me@example.org".to_owned()),
                ..Email::new(
                    &format!("message{number}"),
                    &format!("Plan {number}"),
                    facts.standing.into(),
                    facts,
                )
            })
            .collect(),
    }
}

/// A page that was told this.
pub(crate) fn model(all: &[Facts]) -> Model {
    Model {
        report: Some(report(all)),
        now: NOW,
        ..Model::default()
    }
}

/// One email of each standing, and two more that were opened.
pub(crate) fn some() -> Vec<Facts> {
    let mut all: Vec<Facts> = Standing::ALL
        .iter()
        .map(|standing| facts(*standing, 4, &[]))
        .collect();
    all.push(facts(Standing::Opened, 5, &[1, 26]));
    all.push(facts(Standing::Opened, 12, &[3]));
    all[3].automated = 2;
    all[4].own = 1;
    all
}
