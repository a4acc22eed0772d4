//! When the sender looked at their own message.

use super::event::Event;
use super::sent::View;
use crate::clock::{Clocks, Holds, Lapse};
use crate::sort::{Rank, in_order};
use crate::time::{Millis, SECOND};

/// How long before and after a reported own view its image may be fetched.
const BEFORE: i64 = 3 * SECOND;
const AFTER: i64 = 10 * SECOND;

/// The views, those together of which the clocks were known alike.
pub(super) struct OwnViews(Vec<(Clocks, Vec<Millis>)>);

impl OwnViews {
    pub(super) fn new(views: &[View]) -> Self {
        let mut alike: Vec<(Clocks, Vec<Millis>)> = Vec::new();
        for view in views {
            // A load may be asked for before its view is told, so the order of answers says nothing.
            let clocks = Clocks {
                answers: None,
                ..view.clocks
            };
            match alike.iter_mut().find(|(known, _)| *known == clocks) {
                Some((_, times)) => times.push(view.at),
                None => alike.push((clocks, vec![view.at])),
            }
        }
        for (_, times) in &mut alike {
            let ranks: Vec<Rank> = times.iter().map(|at| (at.0, 0)).collect();
            *times = in_order(&ranks)
                .into_iter()
                .map(|(at, _)| Millis(at))
                .collect();
        }
        Self(alike)
    }

    /// Whether `event` came of a view.
    pub(super) fn explain(&self, event: &Event) -> Holds {
        let mut explained = Holds::No;
        for (clocks, times) in &self.0 {
            // When the event was, by the browser's clock of these views.
            let at = Lapse::between((Millis(0), *clocks), (event.at, event.clocks));
            let (first, last) = (Millis(at.least).plus(-AFTER), Millis(at.most).plus(BEFORE));
            let start = times.partition_point(|&at| at < first);
            if times.get(start).is_none_or(|&at| at > last) {
                continue;
            }
            if at.least == at.most {
                return Holds::Yes;
            }
            explained = Holds::Perhaps;
        }
        explained
    }
}
