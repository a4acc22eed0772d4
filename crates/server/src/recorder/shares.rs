//! How much of a day's storage an account, a message, and the buttons of a message's page may have.
//!
//! Beyond it, fetches are only counted: for a message by the hour, for an account as a whole by the
//! day and without a message. A press that a button cannot keep is refused. Counts are in memory, so
//! each server has shares of its own and a restart begins them anew.

use kaifu_core::id::{AccountId, MessageId};
use kaifu_core::state::EventKind;
use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, PoisonError};

/// How many accounts or messages are counted at once; about 6 MB.
const COUNTED: usize = 1 << 18;

/// How many presses of all its messages' buttons an account may have in a day. Nobody who sends
/// emails has so many; whoever presses by machine is told to stop.
const ACCOUNT_PRESSES: u32 = 10_000;

/// What a day has room for. 0 stands for any number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Day {
    /// Fetches that are stored one by one, of an account.
    pub(crate) account: u32,
    /// Fetches that are stored one by one, of a message.
    pub(crate) message: u32,
    /// Presses of each of a message's buttons.
    pub(crate) presses: u32,
}

/// Whose share is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    /// The account's.
    Account,
    /// The message's.
    Message,
}

/// What has been used of today's shares.
pub(crate) struct Shares {
    room: Day,
    hasher: RandomState,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    day: i64,
    accounts: Tally,
    messages: Tally,
    pressed: Tally,
    pressing: Tally,
}

/// A button of the recipient's page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Button {
    /// One whose press is an event.
    Event(EventKind),
    /// The one that erases.
    Erase,
}

impl Shares {
    /// Nothing is used yet.
    pub(crate) fn new(room: Day) -> Self {
        Self {
            room,
            hasher: RandomState::new(),
            state: Mutex::default(),
        }
    }

    /// Whether a fetch on `day` may be stored by itself, as far as shares go. It uses nothing up.
    pub(crate) fn look(
        &self,
        account: AccountId,
        message: MessageId,
        day: i64,
    ) -> Result<(), Full> {
        self.on(day, |state| {
            if !state
                .accounts
                .has_room(self.key(account), self.room.account)
            {
                Err(Full::Account)
            } else if !(state.messages).has_room(self.key((account, message)), self.room.message) {
                Err(Full::Message)
            } else {
                Ok(())
            }
        })
    }

    /// A fetch is stored by itself.
    pub(crate) fn use_up(&self, account: AccountId, message: MessageId, day: i64) {
        self.on(day, |state| {
            state.accounts.take(self.key(account), self.room.account);
            (state.messages).take(self.key((account, message)), self.room.message);
        });
    }

    /// Takes one press of the message's button; `false` where there is none left today. One button
    /// leaves the others theirs.
    pub(crate) fn press(
        &self,
        account: AccountId,
        message: MessageId,
        button: Button,
        day: i64,
    ) -> bool {
        let room = self.room.presses;
        self.on(day, |state| {
            (state.pressed).take(self.key((account, message, button)), room)
                && (room == 0 || state.pressing.take(self.key(account), ACCOUNT_PRESSES))
        })
    }

    fn on<T>(&self, day: i64, what: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.day != day {
            *state = State {
                day,
                ..State::default()
            };
        }
        what(&mut state)
    }

    fn key(&self, of: impl std::hash::Hash) -> u64 {
        self.hasher.hash_one(of)
    }
}

/// How often each of many was counted, in bounded space.
#[derive(Default)]
struct Tally(HashMap<u64, u32>);

impl Tally {
    /// Whether one more is within `share`.
    fn has_room(&self, key: u64, share: u32) -> bool {
        share == 0 || self.0.get(&key).is_none_or(|count| *count < share)
    }

    /// Counts one more, if that is within `share`.
    fn take(&mut self, key: u64, share: u32) -> bool {
        if share == 0 {
            return true;
        }
        if self.0.len() >= COUNTED && !self.0.contains_key(&key) {
            self.thin();
        }
        let count = self.0.entry(key).or_default();
        let has_room = *count < share;
        *count += u32::from(has_room);
        has_room
    }

    /// Forgets those that were counted least: whoever has used up most is known on.
    fn thin(&mut self) {
        let mut least = 1;
        while self.0.len() > COUNTED / 2 {
            least *= 2;
            self.0.retain(|_, count| *count >= least);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Day = Day {
        account: 50_000,
        message: 10_000,
        presses: 200,
    };

    fn message(number: u64) -> MessageId {
        MessageId(number.to_be_bytes())
    }

    fn account(number: u64) -> AccountId {
        AccountId(number.to_be_bytes())
    }

    /// How many of `fetches` are stored one by one.
    fn stored(shares: &Shares, of: AccountId, fetches: impl IntoIterator<Item = u64>) -> usize {
        let mut stored = 0;
        for number in fetches {
            if shares.look(of, message(number), 1).is_ok() {
                shares.use_up(of, message(number), 1);
                stored += 1;
            }
        }
        stored
    }

    #[test]
    fn a_message_and_an_account_have_their_shares_of_a_day() {
        let shares = Shares::new(ROOM);
        let (one, other) = (account(1), account(2));
        assert_eq!(stored(&shares, one, std::iter::repeat_n(0, 12_000)), 10_000);
        assert_eq!(shares.look(one, message(0), 1), Err(Full::Message));
        assert_eq!(stored(&shares, one, 1..=60_000), 40_000);
        assert_eq!(shares.look(one, message(99_999), 1), Err(Full::Account));
        assert_eq!(shares.look(other, message(0), 1), Ok(()));
        assert_eq!(shares.look(one, message(0), 2), Ok(()), "a day is over");
    }

    #[test]
    fn each_button_has_its_presses_and_an_account_has_so_many() {
        let shares = Shares::new(ROOM);
        let press = |number, button| shares.press(account(1), message(number), button, 1);
        let (read, refuse) = (
            Button::Event(EventKind::Read),
            Button::Event(EventKind::Refuse),
        );
        assert_eq!((0..300).filter(|_| press(0, read)).count(), 200);
        assert!(press(0, refuse) && press(0, Button::Erase) && press(1, read));
        let pressed = (2..20_000).filter(|number| press(*number, read)).count();
        assert_eq!(pressed, usize::try_from(ACCOUNT_PRESSES).unwrap() - 203);
        assert!(shares.press(account(2), message(0), read, 1));
    }

    /// Five hundred emails with twenty fetches each and a mailing list of five thousand, whose
    /// members look twice at the most.
    #[test]
    fn who_writes_emails_meets_no_limit() {
        let shares = Shares::new(ROOM);
        let emails = (0..500).flat_map(|number| std::iter::repeat_n(number, 20));
        let list = std::iter::repeat_n(1_000, 5_000);
        assert_eq!(stored(&shares, account(1), emails.chain(list)), 15_000);
        for number in 0..500 {
            for button in [Button::Event(EventKind::Read), Button::Erase] {
                assert!((0..5).all(|_| shares.press(account(1), message(number), button, 1)));
            }
        }
    }

    #[test]
    fn memory_is_bounded_and_who_used_up_most_is_known_on() {
        let mut tally = Tally::default();
        for _ in 0..10 {
            tally.take(7, 10);
        }
        for key in 100..100 + 3 * COUNTED as u64 {
            tally.take(key, 10);
        }
        assert!(tally.0.len() <= COUNTED);
        assert!(!tally.take(7, 10));
    }

    #[test]
    fn zero_means_no_limit() {
        let shares = Shares::new(Day {
            account: 0,
            message: 0,
            presses: 0,
        });
        assert_eq!(
            stored(&shares, account(1), std::iter::repeat_n(0, 70_000)),
            70_000
        );
        let read = Button::Event(EventKind::Read);
        assert!((0..20_000).all(|number| shares.press(account(1), message(number), read, 1)));
    }
}
