//! Telling one reader of a message from another without keeping their address.

use crate::id::{MessageId, ServerKey, encode, keyed_hash};
use crate::time::Millis;
use hmac::Mac as _;
use std::fmt;
use std::net::IpAddr;

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1_000;

/// One day's secret, from which the keys of that day's readers are made. Never printed.
///
/// A reader's key is the same for one network address, one message and one day. So nobody can be
/// followed from message to message or from day to day; who holds the server's key can however try
/// out addresses, which is why a server may give each day a random key instead, with
/// [`ReaderKey::new`].
#[derive(Clone)]
pub struct ReaderKey([u8; 32]);

impl ReaderKey {
    /// A key from 32 random bytes, for a single server that draws a new one every day.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key of the UTC day of `at`, the same on all servers that share `server`.
    #[must_use]
    pub fn of_day(server: &ServerKey, at: Millis) -> Self {
        let mut hash = keyed_hash(&server.0);
        hash.update(b"kaifu/reader/v1");
        hash.update(&at.0.div_euclid(DAY_MILLIS).to_be_bytes());
        Self(hash.finalize().into_bytes().into())
    }

    /// The reader's key for `message`: eight bytes in base64url without padding.
    #[must_use]
    pub fn reader(&self, message: MessageId, address: IpAddr) -> String {
        let mut hash = keyed_hash(&self.0);
        hash.update(&message.0);
        hash.update(&reader_prefix(address));
        encode(&hash.finalize().into_bytes()[..8])
    }
}

impl fmt::Debug for ReaderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReaderKey(…)")
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

    const SERVER: ServerKey = ServerKey([7; 32]);
    const MESSAGE: MessageId = MessageId([1; 8]);

    fn reader(at: i64, message: MessageId, address: &str) -> String {
        ReaderKey::of_day(&SERVER, Millis(at)).reader(message, address.parse().unwrap())
    }

    #[test]
    fn a_reader_is_the_same_for_one_day_and_message() {
        let first = reader(0, MESSAGE, "192.0.2.1");
        assert_eq!(first.len(), 11);
        assert_eq!(first, reader(DAY_MILLIS - 1, MESSAGE, "192.0.2.1"));
        assert_eq!(first, reader(0, MESSAGE, "::ffff:192.0.2.1"));
        for other in [
            reader(DAY_MILLIS, MESSAGE, "192.0.2.1"),
            reader(0, MessageId([2; 8]), "192.0.2.1"),
            reader(0, MESSAGE, "192.0.2.2"),
        ] {
            assert_ne!(first, other);
        }
    }

    #[test]
    fn a_household_has_one_ipv6_prefix() {
        let first = reader(0, MESSAGE, "2001:db8:1:2:3::4");
        assert_eq!(first, reader(0, MESSAGE, "2001:db8:1:2:ffff::1"));
        assert_ne!(first, reader(0, MESSAGE, "2001:db8:1:3:3::4"));
    }
}
