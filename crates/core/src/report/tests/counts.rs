//! Figures, hours, lengths of time and weeks.

use super::*;
use crate::clock::Clocks;
use crate::fetch::{Claim, Class};
use crate::state::{Event, EventKind, Sent, State, View, judge};

fn event(kind: EventKind, at: Millis, class: Class, claim: Claim) -> Event {
    Event {
        id: None,
        of: None,
        kind,
        at,
        class,
        claim,
        reason: None,
        reader: None,
        client: None,
        program: None,
        others: 0,
        clocks: Clocks::default(),
    }
}

/// What a report knows of an email with these events, so many minutes after it was sent.
fn facts(events: &[(i64, EventKind, Class, Claim)], views: &[i64]) -> (State, Facts) {
    let email = email(Standing::Opened, 9 * DAY);
    let at = |minutes: i64| email.sent_at.plus(minutes * MINUTE);
    let events: Vec<Event> = events
        .iter()
        .map(|&(minutes, kind, class, claim)| event(kind, at(minutes), class, claim))
        .collect();
    let views: Vec<View> = views
        .iter()
        .map(|&minutes| View {
            at: at(minutes),
            clocks: Clocks::default(),
        })
        .collect();
    let sent = Sent {
        at: email.sent_at,
        ..Sent::default()
    };
    let judgement = judge(&sent, &events, &views);
    let traces = Traces::of(&events, &judgement);
    (judgement.state, email.with(&traces, Clocks::default()))
}

#[test]
fn an_open_is_what_the_judgement_claims() {
    use Claim::{Likely, No, Unknown};
    use EventKind::{Pixel, Read};
    let (state, facts) = facts(
        &[
            (5, Pixel, Class::Scanner, No),
            (10, Pixel, Class::AppleMpp, Unknown),
            // The sender was looking at it.
            (20, Pixel, Class::GmailProxy, Likely),
            (60, Pixel, Class::Human, Likely),
            (61, Read, Class::Human, Likely),
            (8 * 24 * 60, Pixel, Class::Human, Likely),
        ],
        &[20],
    );
    assert_eq!(state, State::Confirmed);
    let at = |minutes: i64| facts.sent_at.plus(minutes * MINUTE);
    assert_eq!(facts.opens, [at(60), at(8 * 24 * 60)]);
    assert_eq!((facts.automated, facts.own), (2, 1));
    assert_eq!(facts.first_open(), Some(at(60)));
    assert_eq!(facts.activity(), at(8 * 24 * 60));
    let first_week: Vec<_> = facts
        .first_week
        .iter()
        .map(|glimpse| (glimpse.at, glimpse.counts))
        .collect();
    assert_eq!(
        first_week,
        [(at(5), false), (at(10), false), (at(60), true)]
    );
}

#[test]
fn nothing_is_counted_of_an_email_whose_recipient_declined() {
    let at = NOW.plus(-DAY);
    let events = [event(EventKind::Pixel, at, Class::Human, Claim::Likely)];
    let judgement = judge(&Sent::default(), &events, &[]);
    for standing in [Standing::Refused, Standing::Untracked] {
        let traces = Traces::of(&events, &judgement);
        let facts = email(standing, 2 * DAY).with(&traces, Clocks::default());
        assert_eq!(facts, email(standing, 2 * DAY));
    }
}

#[test]
fn a_flood_does_not_fill_the_report() {
    let (_, facts) = facts(
        &(0..500)
            .map(|minute| (minute, EventKind::Pixel, Class::Bot, Claim::No))
            .collect::<Vec<_>>(),
        &[],
    );
    assert_eq!((facts.first_week.len(), facts.automated), (40, 500));
}

#[test]
fn figures_say_what_they_leave_out() {
    let mut emails: Vec<Facts> = Standing::ALL
        .iter()
        .map(|standing| email(*standing, DAY))
        .collect();
    emails.push(email(Standing::Unseen, 3 * DAY));
    emails.push(email(Standing::Unsure, 5 * DAY));
    emails[0].automated = 4;
    emails[1].own = 2;
    let figures = figures(&emails, always());
    assert_eq!(figures.standings, [1, 1, 2, 1, 2, 1, 1, 1, 1, 1]);
    assert_eq!((figures.tracked(), figures.opened()), (8, 2));
    assert_eq!((figures.automated, figures.own), (4, 2));
    // Of one sent yesterday an open may still come.
    assert_eq!(figures.quiet, 2);
}

#[test]
fn a_period_has_the_emails_that_were_sent_in_it() {
    let window = Window::of_days(Some(7), NOW);
    assert!(window.has(&email(Standing::Unseen, 7 * DAY)));
    assert!(!window.has(&email(Standing::Unseen, 7 * DAY + 1)));
    assert!(window.has(&email(Standing::Scheduled, -DAY)));
    assert!(always().has(&email(Standing::Unseen, 4_000 * DAY)));
}

#[test]
fn hours_are_those_of_the_users_zone() {
    // Opened on Wednesday at noon, UTC.
    let emails = [opened(DAY, &[DAY]), opened(0, &[])];
    for (zone, weekday, hour) in [(0, 2, 12), (9, 2, 21), (12, 3, 0), (-13, 1, 23)] {
        let hours = hours(&emails, &ahead(zone));
        assert_eq!(hours.0[weekday][hour], 1, "{zone}");
        assert_eq!((hours.sum(), hours.most()), (1, 1));
    }
}

#[test]
fn a_zone_that_changes_its_clocks_is_asked_for_each_moment() {
    let change = NOW.plus(-DAY);
    let zone = move |at: Millis| if at < change { 2 * HOUR } else { HOUR };
    let hours = hours(&[opened(3 * DAY, &[DAY, 3 * DAY])], &zone);
    assert_eq!((hours.0[0][14], hours.0[2][13]), (1, 1));
}

#[test]
fn lengths_of_time_are_told_from_thirty_opens_on() {
    let of = |count: i64| first_opens(&(1..=count).map(minutes).collect::<Vec<_>>());
    assert_eq!(of(29).quartiles, None);
    let first_opens = of(40);
    let [quarter, half, most] = first_opens.quartiles.unwrap();
    assert_eq!(
        (quarter, half, most),
        (50 * MINUTE, 100 * MINUTE, 150 * MINUTE)
    );
    assert_eq!(first_opens.within, [3, 9, 28, 0, 0]);
    assert_eq!(first_opens.emails, 40);
    assert_eq!(of(0), FirstOpens::default());
}

/// An email that was first opened after five minutes times `number`, and once more.
fn minutes(number: i64) -> Facts {
    opened(2 * DAY, &[5 * number * MINUTE, DAY])
}

#[test]
fn a_first_open_by_a_clock_that_was_set_takes_no_time() {
    let first_opens = first_opens(&[opened(DAY, &[-HOUR]), opened(9 * DAY, &[8 * DAY])]);
    assert_eq!(first_opens.within, [1, 0, 0, 0, 1]);
}

#[test]
fn weeks_begin_on_monday_and_none_is_left_out() {
    let emails = [
        opened(2 * DAY, &[HOUR]),
        email(Standing::Unseen, 3 * DAY),
        email(Standing::Untracked, 3 * DAY),
        email(Standing::Confirmed, 20 * DAY),
    ];
    let monday = NOW.day() - 2;
    let week = |monday, tracked, opened| Week {
        monday,
        tracked,
        opened,
    };
    let expected = [
        week(monday - 21, 1, 1),
        week(monday - 14, 0, 0),
        week(monday - 7, 1, 0),
        week(monday, 1, 1),
    ];
    assert_eq!(trend(&emails, &ahead(0)), expected);
    assert_eq!(trend(&[], &ahead(0)), []);
    // An hour before midnight in UTC is Monday in Tokyo.
    let late = [email(Standing::Unseen, 2 * DAY + 13 * HOUR)];
    assert_eq!(trend(&late, &ahead(9))[0].monday, monday);
    assert_eq!(trend(&late, &ahead(0))[0].monday, monday - 7);
}

#[test]
fn a_long_past_is_cut_to_a_year() {
    let emails = [
        email(Standing::Unseen, 900 * DAY),
        email(Standing::Unseen, DAY),
    ];
    assert_eq!(trend(&emails, &ahead(0)).len(), 1);
    let weekly: Vec<Facts> = (0..80)
        .map(|week| email(Standing::Unseen, week * 7 * DAY))
        .collect();
    let weeks = trend(&weekly, &ahead(0));
    assert_eq!(weeks.len(), MOST_WEEKS);
    assert!(weeks.iter().all(|week| week.tracked == 1));
}
