//! Which events only repeat an earlier one.
//!
//! Programs load an image again while one person looks at one message: the same program for one
//! reader within half a minute of the first load is one view. It ends, so that a person who stays is
//! seen again, and so that the many readers behind one proxy do not become one view without end.

use super::event::{Client, Event, EventKind, Program, Reader};
use crate::fetch::{Claim, Class};
use crate::time::{MINUTE, Millis, SECOND};
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
    by: By,
    service: Option<Client>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum By {
    Reader(Option<Reader>),
    /// At midnight (UTC) every reader gets another key, so only the program is left to tell by.
    Program(Option<Program>),
}

/// For how long after a fetch of its kind and class the count of a flood belongs to that one: the
/// server counts by the minute.
const COUNTED: i64 = 2 * MINUTE;

/// A view that has begun: when, and with which event.
type View = (Millis, usize);

/// The views that have begun, of the events up to some time; those that a day's end may split also by
/// their program.
#[derive(Default)]
struct Views(HashMap<Key, View>);

impl Views {
    /// The view that `event` repeats; where there is none, it begins one.
    fn repeated(&mut self, key: Key, event: &Event, index: usize) -> Option<View> {
        let is_repeat = |view: &View| event.at.since(view.0) <= FOLD;
        let found = |key: Key| self.0.get(&key).copied().filter(is_repeat);
        if let Some(view) = found(key) {
            return Some(view);
        }
        let nameless = nameless(key, event);
        let day = event.at.day();
        if event.at.plus(-FOLD).day() < day
            && let Some(view) = nameless.and_then(found)
        {
            return Some(view);
        }
        let view = (event.at, index);
        self.0.insert(key, view);
        if event.at.plus(FOLD).day() > day
            && let Some(key) = nameless
        {
            let last = self.0.get(&key).copied();
            self.0.insert(key, last.map_or(view, |last| view.max(last)));
        }
        None
    }
}

/// What is left of a reader's key to tell a view by when the reader is called something else; `None`
/// where no reader was told.
fn nameless(key: Key, event: &Event) -> Option<Key> {
    let by = By::Program(event.program);
    matches!(key.by, By::Reader(Some(_))).then_some(Key { by, ..key })
}

/// The events that only repeat an earlier one, each with that one. `order` holds their indexes in the
/// order of time, `claims` what may be claimed of each.
pub(super) fn repeats(order: &[usize], events: &[Event], claims: &[Claim]) -> Vec<(usize, usize)> {
    let mut views = Views::default();
    let mut repeats = Vec::new();
    // There are few kinds and classes.
    let mut newest: Vec<((EventKind, Class), View)> = Vec::new();
    for &index in order {
        let event = &events[index];
        if !event.kind.is_fetch() {
            continue;
        }
        let alike = (event.kind, event.class);
        if event.is_count() {
            let counted = newest.iter().find(|(other, _)| *other == alike);
            let counted = counted.filter(|(_, (at, _))| event.at.since(*at) <= COUNTED);
            repeats.extend(counted.map(|&(_, (_, first))| (index, first)));
            continue;
        }
        let is_proxy = event.class.is_proxy();
        let key = Key {
            kind: event.kind,
            class: event.class,
            claim: claims[index],
            by: By::Reader(event.reader.filter(|_| !is_proxy)),
            service: event.client.filter(|_| is_proxy),
        };
        let repeated = views.repeated(key, event, index);
        repeats.extend(repeated.map(|(_, first)| (index, first)));
        newest.retain(|(other, _)| *other != alike);
        let view = (event.at, repeated.map_or(index, |(_, first)| first));
        newest.push((alike, view));
    }
    repeats
}
