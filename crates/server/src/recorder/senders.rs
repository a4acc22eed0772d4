//! Which addresses the senders' own extensions lately asked from.

use kaifu_core::fetch::reader_prefix;
use kaifu_core::id::AccountId;
use std::collections::HashSet;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// After this long at the most, an address is forgotten unless it is seen again; at the least it is
/// kept for half of it.
const KEPT: Duration = Duration::from_hours(2);

/// The addresses of accounts' own requests, in memory only and in bounded space.
///
/// A server that answers an account's request calls [`Self::saw`]; one that answers an image asks
/// [`Self::is_sender`]. With several servers, each one knows what it has seen itself.
#[derive(Debug)]
pub(crate) struct Senders {
    recent: HashSet<(AccountId, [u8; 9])>,
    older: HashSet<(AccountId, [u8; 9])>,
    since: Instant,
    capacity: usize,
}

impl Senders {
    /// Remembers at most twice `capacity` addresses of about 40 bytes each, beginning at `now`.
    pub(crate) fn new(capacity: usize, now: Instant) -> Self {
        Self {
            recent: HashSet::new(),
            older: HashSet::new(),
            since: now,
            capacity,
        }
    }

    /// `account` asked for its events from `address`.
    pub(crate) fn saw(&mut self, account: AccountId, address: IpAddr, now: Instant) {
        self.forget(now);
        if self.recent.len() >= self.capacity {
            self.turn(now);
        }
        self.recent.insert((account, reader_prefix(address)));
    }

    /// Whether `account` lately asked from `address`, or for IPv6 from its network of 64 bits.
    pub(crate) fn is_sender(&mut self, account: AccountId, address: IpAddr, now: Instant) -> bool {
        self.forget(now);
        let entry = (account, reader_prefix(address));
        self.recent.contains(&entry) || self.older.contains(&entry)
    }

    /// Forgets what is too old.
    pub(crate) fn forget(&mut self, now: Instant) {
        let age = now.saturating_duration_since(self.since);
        if age >= KEPT {
            self.older.clear();
            self.recent.clear();
            self.since = now;
        } else if age >= KEPT / 2 {
            self.turn(now);
        }
    }

    fn turn(&mut self, now: Instant) {
        self.older = std::mem::take(&mut self.recent);
        self.since = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: AccountId = AccountId([1; 8]);
    const OTHER: AccountId = AccountId([2; 8]);

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn an_account_is_known_by_its_own_addresses_only() {
        let now = Instant::now();
        let mut senders = Senders::new(10, now);
        senders.saw(ACCOUNT, address(1), now);
        assert!(senders.is_sender(ACCOUNT, address(1), now));
        assert!(senders.is_sender(ACCOUNT, "::ffff:192.0.2.1".parse().unwrap(), now));
        assert!(!senders.is_sender(ACCOUNT, address(2), now));
        assert!(!senders.is_sender(OTHER, address(1), now));
    }

    #[test]
    fn addresses_are_forgotten_in_time() {
        let start = Instant::now();
        let mut senders = Senders::new(10, start);
        senders.saw(ACCOUNT, address(1), start);
        let half = start + KEPT / 2;
        assert!(senders.is_sender(ACCOUNT, address(1), half));
        assert!(!senders.is_sender(ACCOUNT, address(1), half + KEPT / 2));
        senders.saw(ACCOUNT, address(1), half + KEPT);
        assert!(!senders.is_sender(ACCOUNT, address(1), half + KEPT * 3));
    }

    #[test]
    fn the_space_is_bounded() {
        let now = Instant::now();
        let mut senders = Senders::new(4, now);
        for last in 0..=255 {
            senders.saw(ACCOUNT, address(last), now);
        }
        assert!(senders.recent.len() + senders.older.len() <= 8);
        assert!(senders.is_sender(ACCOUNT, address(255), now));
    }
}
