//! Which events only repeat an earlier one.
//!
//! Programs load an image again while one person looks at one message: the same program for one
//! reader within half a minute of the first load is one view. It ends, so that a person who stays is
//! seen again, and so that the many readers behind one proxy do not become one view without end.

use super::event::{Client, Event, EventKind, Reader};
use crate::fetch::{Claim, Class};
use crate::time::{Millis, SECOND};
use std::collections::HashMap;

/// For how long after the first load of a view another one is a repeat.
const FOLD: i64 = 30 * SECOND;

/// What a view and its repeats have in common. A proxy asks from many addresses for one view, so the
/// service takes the reader's place.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    kind: EventKind,
    class: Class,
    claim: Claim,
    reader: Option<Reader>,
    service: Option<Client>,
}

/// The views that have begun: when, and with which event.
type Views = HashMap<Key, (Millis, usize)>;

/// The events that only repeat an earlier one, each with that one. `order` holds their indexes in the
/// order of time, `claims` what may be claimed of each.
pub(super) fn repeats(order: &[usize], events: &[Event], claims: &[Claim]) -> Vec<(usize, usize)> {
    let mut views = Views::new();
    let mut repeats = Vec::new();
    for &index in order {
        let event = &events[index];
        if !event.kind.is_fetch() {
            continue;
        }
        let is_proxy = event.class.is_proxy();
        let key = Key {
            kind: event.kind,
            class: event.class,
            claim: claims[index],
            reader: event.reader.filter(|_| !is_proxy),
            service: event.client.filter(|_| is_proxy),
        };
        let known = views.get(&key).copied();
        let repeated = known
            .filter(|&(first, _)| event.at.since(first) <= FOLD)
            .or_else(|| over_midnight(&views, key, event, events));
        match repeated {
            Some((_, first)) => repeats.push((index, first)),
            None => {
                views.insert(key, (event.at, index));
            }
        }
    }
    repeats
}

/// The view of the day before that `event` repeats. At midnight (UTC) every reader gets another key,
/// so only the program is left to tell by.
fn over_midnight(
    views: &Views,
    key: Key,
    event: &Event,
    events: &[Event],
) -> Option<(Millis, usize)> {
    key.reader?;
    views
        .iter()
        .filter(|(other, (first, index))| {
            let is_alike = Key {
                reader: key.reader,
                ..**other
            } == key;
            is_alike
                && other.reader.is_some()
                && first.day() < event.at.day()
                && event.at.since(*first) <= FOLD
                && events[*index].program == event.program
        })
        .map(|(_, &view)| view)
        .max()
}
