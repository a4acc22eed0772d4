//! Fetches whose programs ask not to be tracked.

use super::{DAY_MILLIS, Recorder, new_id};
use crate::store::{NewEvent, Period, Press};
use kaifu_core::fetch::Verdict;
use kaifu_core::id::MessageId;
use kaifu_core::state::EventKind;
use kaifu_core::time::Millis;
use kaifu_core::token::Token;

impl Recorder {
    /// What is stored of a fetch whose program asks not to be tracked: one more in a number that is
    /// the account's for the whole day and names neither message nor time.
    pub(super) fn withheld(&self, token: &Token, kind: EventKind) -> NewEvent {
        self.floods.set_pending();
        let day = self.clock.now().day();
        NewEvent {
            id: new_id(),
            account: token.account(),
            message: MessageId([0; 8]),
            kind,
            at: Millis(day.saturating_mul(DAY_MILLIS)),
            verdict: Verdict::withheld(),
            reader: None,
            until: token.until(),
            counted: Some(Period::Day),
            press: Press::default(),
        }
    }
}
