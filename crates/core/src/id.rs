//! Random identifiers and the keyed hashes that tie them to a server.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::fmt;
use std::str::FromStr;

/// Text that is not the base64url form of an identifier or key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not {bytes} bytes in base64url without padding")]
pub struct MalformedId {
    /// How many bytes the identifier has.
    pub bytes: usize,
}

/// Decodes exactly `N` bytes of base64url without padding.
pub(crate) fn decode<const N: usize>(text: &str) -> Result<[u8; N], MalformedId> {
    let mut bytes = [0; N];
    let decoded = decode_into(text, &mut bytes);
    decoded.map(|()| bytes).ok_or(MalformedId { bytes: N })
}

/// The letters of base64url, by their values.
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// One function for all lengths. It and [`encode`] stand here as a crate's weighed more than a kilobyte in
/// each Gmail tab.
fn decode_into(text: &str, bytes: &mut [u8]) -> Option<()> {
    if text.len() != (bytes.len() * 8).div_ceil(6) {
        return None;
    }
    let (mut bits, mut count) = (0_u32, 0);
    let mut places = bytes.iter_mut();
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            [*places.next()?, ..] = (bits >> count).to_le_bytes();
        }
    }
    // There is one text for each value: what is left over is zeros.
    (bits & ((1 << count) - 1) == 0).then_some(())
}

/// Decodes any number of bytes of base64url without padding; `None` where `text` is something else.
#[must_use]
pub fn decode_all(text: &str) -> Option<Vec<u8>> {
    let mut bytes = vec![0; text.len() / 4 * 3 + text.len() % 4 * 3 / 4];
    decode_into(text, &mut bytes).map(|()| bytes)
}

/// Bytes as base64url without padding.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    let (mut bits, mut count) = (0_u32, 0);
    let mut add = |bits: u32| text.push(char::from(LETTERS[(bits & 63) as usize]));
    for byte in bytes {
        bits = bits << 8 | u32::from(*byte);
        count += 8;
        while count >= 6 {
            count -= 6;
            add(bits >> count);
        }
    }
    if count > 0 {
        add(bits << (6 - count));
    }
    text
}

pub(crate) fn keyed_hash(key: &[u8; 32]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of every length")
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $bytes:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $bytes]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = MalformedId;

            fn from_str(text: &str) -> Result<Self, MalformedId> {
                decode(text).map(Self)
            }
        }
    };
}

identifier!(
    /// One installation's account: eight random bytes that the server hands out. It names no person.
    AccountId,
    8
);

identifier!(
    /// One tracked message: eight bytes that follow from its draft, or random ones.
    MessageId,
    8
);

identifier!(
    /// One event: eight random bytes, drawn by the server that recorded it.
    EventId,
    8
);

identifier!(
    /// What only a server with a certain key can have made.
    Proof,
    16
);

macro_rules! secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(pub [u8; 32]);

        impl $name {
            /// The base64url form, for handing the secret to its owner.
            #[must_use]
            pub fn reveal(&self) -> String {
                encode(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }

        impl FromStr for $name {
            type Err = MalformedId;

            fn from_str(text: &str) -> Result<Self, MalformedId> {
                decode(text).map(Self)
            }
        }
    };
}

secret!(
    /// The secret with which an account mints its tokens. Never printed.
    AccountKey
);

secret!(
    /// The secret of one installation of the extension: 32 random bytes that never leave it. The
    /// server can derive every account's key, so whatever it must not know hangs on this one. Never
    /// printed.
    BrowserSecret
);

secret!(
    /// What the numbers of messages are made with: a Gmail tab gets this and never the
    /// [`BrowserSecret`] that it is made from. Never printed.
    MessageKey
);

secret!(
    /// What the keys of the names that recipients seal are made with; known to no server. Never printed.
    SealKey
);

impl BrowserSecret {
    /// The key of message numbers: `HMAC-SHA256(browser secret, "kaifu/message/v1")`.
    #[must_use]
    pub fn message_key(&self) -> MessageKey {
        let mut hash = keyed_hash(&self.0);
        hash.update(b"kaifu/message/v1");
        MessageKey(hash.finalize().into_bytes().into())
    }

    /// The key of the names that recipients seal: `HMAC-SHA256(browser secret, "kaifu/seal/v1")`.
    #[must_use]
    pub fn seal_key(&self) -> SealKey {
        let mut hash = keyed_hash(&self.0);
        hash.update(b"kaifu/seal/v1");
        SealKey(hash.finalize().into_bytes().into())
    }
}

impl MessageKey {
    /// The number of what is called `name`: the first eight bytes of
    /// `HMAC-SHA256(message key, name)`.
    pub(crate) fn number(&self, name: &str) -> MessageId {
        let mut hash = keyed_hash(&self.0);
        hash.update(name.as_bytes());
        let mut number = [0; 8];
        number.copy_from_slice(&hash.finalize().into_bytes()[..8]);
        MessageId(number)
    }
}

/// The secret of a server, from which it derives every account's key. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerKey(pub [u8; 32]);

impl ServerKey {
    /// The key of `account`: `HMAC-SHA256(server key, "kaifu/account/v1" | account)`.
    #[must_use]
    pub fn account_key(&self, account: AccountId) -> AccountKey {
        let mut hash = keyed_hash(&self.0);
        hash.update(b"kaifu/account/v1");
        hash.update(&account.0);
        AccountKey(hash.finalize().into_bytes().into())
    }

    /// The first 16 bytes of `HMAC-SHA256(HMAC-SHA256(server key, purpose), text)`.
    #[must_use]
    pub fn prove(&self, purpose: &str, text: &str) -> Proof {
        let full = self.proof(purpose, text).finalize().into_bytes();
        let mut proof = [0; 16];
        proof.copy_from_slice(&full[..16]);
        Proof(proof)
    }

    /// Whether `proof` is this key's for `text`; compares in constant time.
    #[must_use]
    pub fn has_proven(&self, purpose: &str, text: &str, proof: &Proof) -> bool {
        let expected = self.proof(purpose, text);
        expected.verify_truncated_left(&proof.0).is_ok()
    }

    fn proof(&self, purpose: &str, text: &str) -> Hmac<Sha256> {
        let mut key = keyed_hash(&self.0);
        key.update(purpose.as_bytes());
        let mut hash = keyed_hash(&key.finalize().into_bytes().into());
        hash.update(text.as_bytes());
        hash
    }

    /// What tells this key from others and gives nothing of it away:
    /// `HMAC-SHA256(server key, "kaifu/fingerprint/v1")`.
    #[must_use]
    pub fn fingerprint(&self) -> KeyFingerprint {
        let mut hash = keyed_hash(&self.0);
        hash.update(b"kaifu/fingerprint/v1");
        KeyFingerprint(hash.finalize().into_bytes().into())
    }
}

/// What tells a server's key from others. It is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyFingerprint(pub [u8; 32]);

impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_identifier_survives_its_text(bytes: [u8; 8]) {
            let text = AccountId(bytes).to_string();
            prop_assert_eq!(text.len(), 11);
            prop_assert_eq!(text.parse(), Ok(AccountId(bytes)));
        }

        /// Of an identifier that is compared as text there must be no second spelling.
        #[test]
        fn there_is_one_text_for_each_identifier(text in "[A-Za-z0-9_-]{11}") {
            if let Ok(id) = text.parse::<AccountId>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }

        #[test]
        fn bytes_of_any_number_survive_their_text(bytes: Vec<u8>, text: String) {
            prop_assert_eq!(decode_all(&encode(&bytes)), Some(bytes));
            if let Some(bytes) = decode_all(&text) {
                prop_assert_eq!(encode(&bytes), text);
            }
        }

        #[test]
        fn no_text_panics(text: String) {
            let _ = text.parse::<MessageId>();
            let _ = text.parse::<AccountKey>();
        }
    }

    #[test]
    fn the_letters_are_those_of_everybody() {
        for (bytes, text) in [
            ([0; 8], "AAAAAAAAAAA"),
            ([255; 8], "__________8"),
            ([1, 2, 3, 4, 5, 6, 7, 8], "AQIDBAUGBwg"),
            ([0xfb, 0xef, 0xbe, 0, 0, 0, 0, 1], "----AAAAAAE"),
        ] {
            assert_eq!(AccountId(bytes).to_string(), text);
            assert_eq!(text.parse(), Ok(AccountId(bytes)));
        }
        // The last letter has two bits too many.
        assert!("AAAAAAAAAAB".parse::<AccountId>().is_err());
    }

    #[test]
    fn a_fingerprint_tells_keys_apart_and_is_no_accounts_key() {
        let [a, b] = [ServerKey([1; 32]), ServerKey([2; 32])];
        assert_eq!(a.fingerprint(), a.clone().fingerprint());
        assert_ne!(a.fingerprint(), b.fingerprint());
        assert_ne!(a.fingerprint().0, a.0);
        assert_ne!(a.fingerprint().0, a.account_key(AccountId([0; 8])).0);
    }

    #[test]
    fn a_proof_is_for_one_key_purpose_and_text() {
        let key = ServerKey([1; 32]);
        let proof = key.prove("page", "text");
        assert!(key.has_proven("page", "text", &proof));
        assert!(!key.has_proven("page", "texts", &proof));
        assert!(!key.has_proven("pages", "text", &proof));
        assert!(!ServerKey([2; 32]).has_proven("page", "text", &proof));
        assert_eq!(proof.to_string().len(), 22);
    }

    #[test]
    fn wrong_lengths_are_refused() {
        for text in ["", "AAAA", "AAAAAAAAAAAA", "AAAAAAAAAA=", "AAAAAAAAA*A"] {
            assert_eq!(
                text.parse::<MessageId>(),
                Err(MalformedId { bytes: 8 }),
                "{text}"
            );
        }
    }

    #[test]
    fn secrets_are_not_printed() {
        assert_eq!(format!("{:?}", ServerKey([7; 32])), "ServerKey(…)");
        assert_eq!(format!("{:?}", AccountKey([7; 32])), "AccountKey(…)");
        assert_eq!(format!("{:?}", BrowserSecret([7; 32])), "BrowserSecret(…)");
        assert_eq!(format!("{:?}", MessageKey([7; 32])), "MessageKey(…)");
    }
}
