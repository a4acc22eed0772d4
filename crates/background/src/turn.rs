//! Work that one task at a time is at.
//!
//! A flag that is set and taken back by hand stays set for the life of the worker when the work ends
//! by an error, or when a JavaScript call throws: that unwinds nothing in WebAssembly, so not even
//! the end of a scope is reached. A turn ends with its scope, and where that is never reached it
//! runs out.

use kaifu_core::time::Millis;
use std::cell::Cell;
use std::rc::Rc;

/// Whose turn it is. Made once, and asked before the work begins.
#[derive(Debug)]
pub(crate) struct Turns {
    /// Until when somebody has the turn.
    until: Rc<Cell<Option<Millis>>>,
    lasts_ms: i64,
}

/// The turn at some work, for as long as this lives and is not silent for too long.
#[derive(Debug)]
pub(crate) struct Turn {
    until: Rc<Cell<Option<Millis>>>,
    own: Cell<Millis>,
    lasts_ms: i64,
}

impl Turns {
    /// Turns that run out when nothing was heard of them for `lasts_ms` milliseconds.
    pub(crate) fn new(lasts_ms: i64) -> Self {
        Self {
            until: Rc::default(),
            lasts_ms,
        }
    }

    /// The turn at `now`; `None` while another task has it.
    pub(crate) fn take(&self, now: Millis) -> Option<Turn> {
        if self.is_taken(now) {
            return None;
        }
        let turn = Turn {
            until: Rc::clone(&self.until),
            own: Cell::new(now),
            lasts_ms: self.lasts_ms,
        };
        turn.goes_on(now);
        Some(turn)
    }

    /// Whether a task has the turn at `now`.
    pub(crate) fn is_taken(&self, now: Millis) -> bool {
        self.until.get().is_some_and(|until| now < until)
    }
}

impl Turn {
    /// The work goes on at `now`.
    pub(crate) fn goes_on(&self, now: Millis) {
        let until = now.plus(self.lasts_ms);
        self.own.set(until);
        self.until.set(Some(until));
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // One that had run out may have been taken by another task since.
        if self.until.get() == Some(self.own.get()) {
            self.until.set(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_790_000_000_000);
    const LASTS: i64 = 1_000;

    #[test]
    fn a_turn_ends_with_its_scope_whichever_way_that_is_left() {
        let turns = Turns::new(LASTS);
        let work = |fails: bool| -> Result<(), ()> {
            let _turn = turns.take(NOW).ok_or(())?;
            assert!(turns.take(NOW).is_none(), "one at a time");
            if fails { Err(()) } else { Ok(()) }
        };
        assert_eq!(work(false), Ok(()));
        assert_eq!(work(true), Err(()));
        assert!(!turns.is_taken(NOW));
    }

    #[test]
    fn a_turn_whose_task_was_thrown_out_runs_out() {
        let turns = Turns::new(LASTS);
        // A call that throws leaves everything as it is.
        std::mem::forget(turns.take(NOW));
        assert!(turns.take(NOW.plus(LASTS - 1)).is_none());
        assert!(turns.take(NOW.plus(LASTS)).is_some());
    }

    #[test]
    fn a_turn_that_goes_on_does_not_run_out() {
        let turns = Turns::new(LASTS);
        let turn = turns.take(NOW).unwrap();
        turn.goes_on(NOW.plus(LASTS - 1));
        assert!(turns.is_taken(NOW.plus(LASTS)));
        drop(turn);
        assert!(!turns.is_taken(NOW.plus(LASTS)));
    }

    #[test]
    fn one_that_ran_out_does_not_end_the_next_ones_turn() {
        let turns = Turns::new(LASTS);
        let slow = turns.take(NOW).unwrap();
        let later = NOW.plus(LASTS);
        let next = turns.take(later).unwrap();
        drop(slow);
        assert!(turns.is_taken(later));
        drop(next);
        assert!(!turns.is_taken(later));
    }
}
