//! Which events are worth telling the user about at once.

use crate::fetch::Claim;
use crate::state::{Event, EventKind};
use crate::time::Millis;

/// Loads this close to an earlier one are taken for the same look at the mail: programs fetch an
/// image more than once, and Gmail's proxy asks from several machines.
pub const SAME_VIEW_MILLIS: i64 = 30_000;

/// What a notification may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// The mail was probably opened.
    Opened,
    /// The recipient said that they read it.
    Confirmed,
    /// The recipient refused tracking.
    Refused,
}

/// What `event` is worth telling, for a mail sent at `sent_at` with these `earlier` events.
pub fn news_of<'a>(
    event: &Event,
    sent_at: Millis,
    earlier: impl IntoIterator<Item = &'a Event>,
) -> Option<News> {
    match event.kind {
        EventKind::Read => Some(News::Confirmed),
        EventKind::Refuse => Some(News::Refused),
        EventKind::Pixel | EventKind::Link => {
            let is_view = |event: &Event| {
                event.claim == Claim::Likely
                    && event.at >= sent_at
                    && matches!(event.kind, EventKind::Pixel | EventKind::Link)
            };
            let repeats = |other: &Event| {
                is_view(other) && (0..SAME_VIEW_MILLIS).contains(&event.at.since(other.at))
            };
            (is_view(event) && !earlier.into_iter().any(repeats)).then_some(News::Opened)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::Class;

    fn event(kind: EventKind, at: i64, claim: Claim) -> Event {
        Event {
            kind,
            at: Millis(at),
            class: Class::Human,
            claim,
        }
    }

    #[test]
    fn only_what_probably_is_a_new_view_is_news() {
        use EventKind::{Pixel, Read, Refuse};
        let first = event(Pixel, 2_000, Claim::Likely);
        for (event, earlier, expected) in [
            (first, vec![], Some(News::Opened)),
            (event(Pixel, 2_000, Claim::Unknown), vec![], None),
            (event(Pixel, 2_000, Claim::No), vec![], None),
            (event(Pixel, 999, Claim::Likely), vec![], None),
            (event(Pixel, 31_999, Claim::Likely), vec![first], None),
            (
                event(Pixel, 32_000, Claim::Likely),
                vec![first],
                Some(News::Opened),
            ),
            (
                event(Pixel, 3_000, Claim::Likely),
                vec![event(Pixel, 2_000, Claim::No)],
                Some(News::Opened),
            ),
            (
                event(Read, 2_500, Claim::Likely),
                vec![first],
                Some(News::Confirmed),
            ),
            (
                event(Refuse, 2_500, Claim::Likely),
                vec![first],
                Some(News::Refused),
            ),
        ] {
            assert_eq!(
                news_of(&event, Millis(1_000), &earlier),
                expected,
                "{event:?}"
            );
        }
    }
}
