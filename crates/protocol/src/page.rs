//! A page of events as it is read, one event at a time.

use crate::api::{Event, EventsPage};

/// The largest whole number that JavaScript counts exactly.
const MAX_WHOLE: u64 = (1 << 53) - 1;

/// What of an answer could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw {
    cursor: u64,
    last: Option<u64>,
    len: usize,
    events: Vec<Event>,
}

impl Raw {
    /// An answer whose cursor is `cursor`, without events yet.
    #[must_use]
    pub const fn new(cursor: u64) -> Self {
        Self {
            cursor,
            last: None,
            len: 0,
            events: Vec::new(),
        }
    }

    /// Takes the next event in: its number and itself, each where it could be read.
    pub fn push(&mut self, seq: Option<u64>, event: Option<Event>) {
        self.len += 1;
        self.last = self.last.max(seq.filter(|&seq| seq <= MAX_WHOLE));
        self.events.extend(event.filter(Event::is_storable));
    }

    /// How many events the answer had, readable or not.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether the answer had none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The page of the answer to a question about what is `after` a cursor: the events that can be
    /// kept, and where to go on.
    ///
    /// The server's cursor is taken as it comes where it is lower, as its history may have gone back;
    /// but none leads behind the last event that was told, since nothing between could ever be heard.
    #[must_use]
    pub fn page(self, after: u64) -> EventsPage {
        EventsPage {
            cursor: self.cursor.min(self.last.unwrap_or(after)),
            events: self.events,
        }
    }
}

impl Event {
    /// Whether its numbers are some that JavaScript can write.
    #[must_use]
    pub const fn is_storable(&self) -> bool {
        self.seq <= MAX_WHOLE && self.at.unsigned_abs() <= MAX_WHOLE && self.repeats <= MAX_WHOLE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Claim, Class, Kind, Source};

    fn event(seq: u64) -> Event {
        Event {
            seq,
            id: String::new(),
            message: "AAAAAAAAAAA".to_owned(),
            kind: Kind::Pixel,
            at: 0,
            source: Source {
                class: Class::Human,
                client: None,
                device: None,
                country: None,
                reader: None,
            },
            claim: Claim::Likely,
            reason: String::new(),
            repeats: 0,
            sealed: None,
            of: None,
        }
    }

    fn page(cursor: u64, events: &[(Option<u64>, Option<Event>)], after: u64) -> (u64, Vec<u64>) {
        let mut raw = Raw::new(cursor);
        for (seq, event) in events {
            raw.push(*seq, event.clone());
        }
        assert_eq!(
            (raw.len(), raw.is_empty()),
            (events.len(), events.is_empty())
        );
        let page = raw.page(after);
        let seqs = page.events.iter().map(|event| event.seq).collect();
        (page.cursor, seqs)
    }

    #[test]
    fn no_cursor_makes_an_account_deaf() {
        // A server whose history went back.
        assert_eq!(page(9, &[], 15), (9, vec![]));
        // A cursor beyond everything that was told.
        assert_eq!(page(MAX_WHOLE, &[], 15), (15, vec![]));
        let told = [(Some(16), Some(event(16)))];
        assert_eq!(page(MAX_WHOLE, &told, 15), (16, vec![16]));
        assert_eq!(page(16, &told, 15), (16, vec![16]));
    }

    #[test]
    fn an_event_that_cannot_be_read_or_kept_costs_itself_alone() {
        let unreadable = (Some(17), None);
        let events = [
            (Some(16), Some(event(16))),
            unreadable.clone(),
            (Some(18), Some(event(18))),
        ];
        assert_eq!(page(18, &events, 15), (18, vec![16, 18]));
        assert_eq!(page(17, &[unreadable], 16), (17, vec![]));
        for spoil in [
            |event: &mut Event| event.at = i64::MIN,
            |event: &mut Event| event.repeats = 1 << 53,
        ] {
            let mut spoiled = event(16);
            spoil(&mut spoiled);
            assert_eq!(page(16, &[(Some(16), Some(spoiled))], 15), (16, vec![]));
        }
        let beyond = [(Some(1 << 53), Some(event(1 << 53)))];
        assert_eq!(page(1 << 53, &beyond, 15), (15, vec![]));
    }
}
