//! Telling one reader of a message from another without keeping their address.

use crate::id::{MessageId, encode, keyed_hash};
use crate::time::Millis;
use hmac::Mac as _;
use std::fmt;
use std::net::IpAddr;

/// One day's secret, from which the keys of that day's readers are made. Never printed.
///
/// A reader's key is the same for one network address, one message and one day. So nobody can be
/// followed from message to message or from day to day. Whoever has the secret could try out all
/// addresses: it is drawn at random, and forgotten when its day is over.
#[derive(Clone)]
pub struct ReaderKey([u8; 32]);

impl ReaderKey {
    /// A key from 32 random bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The number of the UTC day that `at` lies in, for which a key is good.
    #[must_use]
    pub const fn day(at: Millis) -> i64 {
        at.day()
    }

    /// The reader of `message` behind `address`.
    #[must_use]
    pub fn reader(&self, message: MessageId, address: IpAddr) -> ReaderId {
        let mut hash = keyed_hash(&self.0);
        hash.update(&message.0);
        hash.update(&reader_prefix(address));
        let hash = hash.finalize().into_bytes();
        let mut id = [0; 8];
        id.copy_from_slice(&hash[..8]);
        ReaderId(id)
    }
}

impl fmt::Debug for ReaderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReaderKey(…)")
    }
}

/// A reader of one message on one day. As text, base64url without padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReaderId(pub [u8; 8]);

impl fmt::Display for ReaderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encode(&self.0))
    }
}

/// The part of an address that stays the same for one household: all of an IPv4 address, also of
/// one mapped into IPv6, and the first 64 bits of an IPv6 address, since devices change the rest
/// by the hour (RFC 8981).
#[must_use]
pub fn reader_prefix(address: IpAddr) -> [u8; 9] {
    let mut prefix = [0; 9];
    match address.to_canonical() {
        IpAddr::V4(address) => {
            prefix[0] = 4;
            prefix[1..5].copy_from_slice(&address.octets());
        }
        IpAddr::V6(address) => {
            prefix[0] = 6;
            prefix[1..].copy_from_slice(&address.octets()[..8]);
        }
    }
    prefix
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::DAY;

    const MESSAGE: MessageId = MessageId([1; 8]);

    fn reader(key: u8, message: MessageId, address: &str) -> ReaderId {
        ReaderKey::new([key; 32]).reader(message, address.parse().unwrap())
    }

    #[test]
    fn a_reader_is_the_same_for_one_day_and_message() {
        let first = reader(1, MESSAGE, "192.0.2.1");
        assert_eq!(first.to_string().len(), 11);
        assert_eq!(first, reader(1, MESSAGE, "::ffff:192.0.2.1"));
        for other in [
            reader(2, MESSAGE, "192.0.2.1"),
            reader(1, MessageId([2; 8]), "192.0.2.1"),
            reader(1, MESSAGE, "192.0.2.2"),
        ] {
            assert_ne!(first, other);
        }
    }

    #[test]
    fn a_day_ends_at_midnight() {
        let day = |at| ReaderKey::day(Millis(at));
        assert_eq!((day(0), day(DAY - 1), day(DAY)), (0, 0, 1));
        assert_eq!(day(-1), -1);
    }

    #[test]
    fn a_household_has_one_ipv6_prefix() {
        let first = reader(1, MESSAGE, "2001:db8:1:2:3::4");
        assert_eq!(first, reader(1, MESSAGE, "2001:db8:1:2:ffff::1"));
        assert_ne!(first, reader(1, MESSAGE, "2001:db8:1:3:3::4"));
    }
}
