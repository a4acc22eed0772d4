//! Which events are one view, and how many readers there are.

use super::*;

#[test]
fn repeats_are_folded_and_kept() {
    let times = [60, 62, 85, 300, 301];
    let events: Vec<Event> = times
        .iter()
        .map(|&at| pixel(at, Class::GmailProxy))
        .collect();
    let judgement = judged(&events, &[]);
    let folded: Vec<_> = judgement
        .events
        .iter()
        .map(|judged| judged.folded_into)
        .collect();
    assert_eq!(folded, [None, Some(0), Some(0), None, Some(3)]);
    assert_eq!(judgement.views, 2);
    let two = [
        by("a", pixel(60, Class::Human)),
        by("b", pixel(61, Class::Human)),
    ];
    assert_eq!(judged(&two, &[]).views, 2);
}

#[test]
fn a_view_ends_half_a_minute_after_it_began() {
    let loads: Vec<Event> = (0..144)
        .map(|place| pixel(60 + 25 * place, Class::GmailProxy))
        .collect();
    // Every second load comes 50 s after the last view began.
    assert_eq!(judged(&loads, &[]).views, 72);
}

#[test]
fn two_services_are_two_readers() {
    let by = |service, seconds| Event {
        client: Some(Client::new(service)),
        ..pixel(seconds, Class::PrivacyProxy)
    };
    let judgement = judged(&[by("HEY", 60), by("Fastmail", 80), by("HEY", 85)], &[]);
    assert_eq!(judgement.views, 2);
    assert_eq!(judgement.readers.map(|readers| readers.estimate), Some(2));
}

#[test]
fn the_end_of_a_day_splits_nobody() {
    let midnight = crate::time::DAY;
    let at = |reader, millis, program| Event {
        at: Millis(midnight + millis),
        program: Some(Program(program)),
        ..by(reader, pixel(0, Class::Human))
    };
    let views = |events: &[Event]| {
        let message = Sent::default();
        judge(&message, events, &[]).views
    };
    assert_eq!(views(&[at("a", -10_000, 1), at("b", 5_000, 1)]), 1);
    assert_eq!(views(&[at("a", -10_000, 1), at("b", 5_000, 2)]), 2);
    assert_eq!(views(&[at("a", -10_000, 1), at("b", 21_000, 1)]), 2);
    // Within a day, another reader is another one.
    assert_eq!(views(&[at("a", 1_000, 1), at("b", 5_000, 1)]), 2);
}

#[test]
fn readers_are_an_estimate() {
    let readers = |events: &[Event], recipients| {
        judge(
            &Sent {
                at: SENT,
                recipients,
                ..Sent::default()
            },
            events,
            &[],
        )
        .readers
    };
    let day = 24 * 60 * 60;
    let events = [
        by("a", pixel(60, Class::Human)),
        by("a", pixel(600, Class::Human)),
        by("b", pixel(700, Class::Human)),
        by("x", pixel(800, Class::GmailProxy)),
        by("y", pixel(900, Class::GmailProxy)),
        // The next day's keys are others, so that they say nothing about yesterday's readers.
        by("c", pixel(2 * day, Class::Human)),
    ];
    assert_eq!(
        readers(&events, 3),
        Some(Readers {
            estimate: 3,
            beyond_recipients: false
        })
    );
    assert_eq!(
        readers(&events, 1),
        Some(Readers {
            estimate: 3,
            beyond_recipients: true
        })
    );
    let bot = event(EventKind::Pixel, 60, Class::Bot, Claim::No);
    assert_eq!(readers(&[bot], 3), None);
}

/// A flood that a server counts: some fetches, and one event for the others.
#[test]
fn the_count_of_a_flood_is_nobodys() {
    let mut events: Vec<Event> = (0..30)
        .map(|second| by("a", pixel(100 + second, Class::Human)))
        .collect();
    let alone = judged(&events, &[]);
    events.push(Event {
        others: 70,
        ..pixel(160, Class::Human)
    });
    let counted = judged(&events, &[]);
    assert_eq!(counted.views, alone.views);
    assert_eq!(counted.readers, alone.readers);
    assert_eq!(counted.state, State::Opened);
    assert_eq!(counted.events[30].folded_into, Some(0));
    // Where what it belongs to is missing it stays by itself, and is no view either.
    let lone = judged(&events[30..], &[]);
    assert_eq!((lone.views, lone.readers), (0, None));
}
