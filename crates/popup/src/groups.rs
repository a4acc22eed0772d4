//! The order of the list: by the latest activity, and under headings of days.

use kaifu_core::sort::sorted_by;
use kaifu_core::time::Millis;
use kaifu_l10n::Words;
use kaifu_protocol::pages::{Later, Message};

/// Messages under one heading.
#[derive(Debug)]
pub struct Group<'a> {
    /// What stands above them; `None` for what is new since the user last looked.
    pub day: Option<String>,
    /// The newest activity first.
    pub messages: Vec<&'a Message>,
}

/// When `message` came to what it is: the newest event that decided its state, else the newest that
/// was not the sender's own, else the send.
#[must_use]
pub fn activity(message: &Message) -> Millis {
    let decisive = message.decided_by.and_then(|place| {
        let place = usize::try_from(place).ok()?;
        Some(message.opens.get(place)?.open.at)
    });
    let others = message.opens.iter().filter(|seen| !seen.is_own());
    Millis(
        decisive
            .or_else(|| others.map(|seen| seen.open.at).max())
            .unwrap_or(message.sent_at),
    )
}

/// `messages` in groups: those that are new first, the others by the days of the user's zone.
#[must_use]
pub fn groups<'a>(
    messages: impl IntoIterator<Item = &'a Message>,
    is_new: impl Fn(&Message) -> bool,
    now: Millis,
    words: &impl Words,
) -> Vec<Group<'a>> {
    let latest_first = |messages| {
        sorted_by(messages, |(at, message): &(Millis, &Message)| {
            (at.0.saturating_neg(), message.sent_at.saturating_neg())
        })
    };
    let (new, old): (Vec<_>, Vec<_>) = (messages.into_iter())
        .map(|message| (activity(message), message))
        .partition(|(_, message)| is_new(message));
    let new = latest_first(new).into_iter().map(|it| (false, it));
    let old = latest_first(old).into_iter().map(|it| (true, it));
    let mut groups: Vec<Group<'a>> = Vec::new();
    for (is_old, (at, message)) in new.chain(old) {
        let day = is_old.then(|| day(at, now, words));
        match groups.last_mut() {
            Some(group) if group.day == day => group.messages.push(message),
            _ => groups.push(Group {
                day,
                messages: vec![message],
            }),
        }
    }
    groups
}

/// Today, yesterday, this or last week, or the month. Weeks begin on Monday, as they do in ISO 8601.
fn day(at: Millis, now: Millis, words: &impl Words) -> String {
    // The first of January 1970 was a Thursday.
    const MONDAY: i64 = 3;
    let (day, today) = (words.local_day(at), words.local_day(now));
    let week = |day: i64| (day + MONDAY).div_euclid(7);
    match (today - day, week(today) - week(day)) {
        (..=0, _) => words.distance(0, "day"),
        (1, _) => words.distance(-1, "day"),
        (_, 0) => words.distance(0, "week"),
        (_, 1) => words.distance(-1, "week"),
        _ => words.month(at),
    }
}

/// The time in a message's row: the clock for today and yesterday, which stand under their headings,
/// else the date.
#[must_use]
pub fn row_time(message: &Message, now: Millis, words: &impl Words) -> String {
    let at = activity(message);
    let (day, today) = (words.local_day(at), words.local_day(now));
    let clock = words.clock(at, at);
    if message.later == Some(Later::Timed) && at > now {
        return match day - today {
            0 => clock,
            1 => format!("{} {clock}", words.distance(1, "day")),
            _ => words.date(at),
        };
    }
    let time = if today - day > 1 {
        words.date(at)
    } else {
        clock
    };
    if at == Millis(message.sent_at) && message.later.is_none() {
        words.with("popup_sent_at", &[&time])
    } else {
        time
    }
}
