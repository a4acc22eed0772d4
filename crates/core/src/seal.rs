//! Names that a recipient seals on their page, for the sender's browser alone.
//!
//! The key stands in the fragment of the page's address, which browsers send to no server. The text
//! is `length:1 | name | zeros`, 256 bytes whatever the name; sealed by AES-128-GCM with
//! [`CONTEXT`] as additional data it is `nonce:12 | text:256 | tag:16` in base64url without padding.

use crate::id::{MessageId, SealKey, decode, encode, keyed_hash};
use hmac::Mac as _;
use std::fmt;
use std::str::FromStr;

/// How many characters a sealed name has, whatever the name.
pub const SEALED_LEN: usize = 379;

/// The additional data of the encryption.
pub const CONTEXT: &str = "kaifu/seal/v1";

const NONCE: usize = 12;
const TEXT: usize = 256;
const TAG: usize = 16;

impl SealKey {
    /// The key of a message's names: the first 16 bytes of `HMAC-SHA256(seal key, message)`.
    #[must_use]
    pub fn of_message(&self, message: MessageId) -> MessageSealKey {
        let mut hash = keyed_hash(&self.0);
        hash.update(&message.0);
        let full = hash.finalize().into_bytes();
        let mut key = [0; 16];
        key.copy_from_slice(&full[..16]);
        MessageSealKey(key)
    }
}

/// The key of one message's names. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageSealKey(pub [u8; 16]);

impl MessageSealKey {
    /// What stands behind `#` in the page's address: 22 characters of base64url.
    #[must_use]
    pub fn fragment(&self) -> String {
        encode(&self.0)
    }
}

impl fmt::Debug for MessageSealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MessageSealKey(…)")
    }
}

/// A text that is no sealed name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not {SEALED_LEN} characters of base64url without padding")]
pub struct NotSealed;

/// A sealed name, as what opens it needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The nonce.
    pub nonce: [u8; NONCE],
    /// The encrypted text, with its tag behind it.
    pub text: [u8; TEXT + TAG],
}

impl FromStr for Sealed {
    type Err = NotSealed;

    fn from_str(text: &str) -> Result<Self, NotSealed> {
        let bytes: [u8; NONCE + TEXT + TAG] = decode(text).map_err(|_| NotSealed)?;
        let (mut nonce, mut text) = ([0; NONCE], [0; TEXT + TAG]);
        nonce.copy_from_slice(&bytes[..NONCE]);
        text.copy_from_slice(&bytes[NONCE..]);
        Ok(Self { nonce, text })
    }
}

/// The name in an opened text; `None` when there is none, or something else was sealed. Whoever has
/// the email can seal what they like, so it is shortened to one line of printable characters.
#[must_use]
pub fn name(opened: &[u8]) -> Option<String> {
    let (&length, rest) = opened.split_first()?;
    let name = String::from_utf8_lossy(rest.get(..usize::from(length))?);
    let words: Vec<&str> = name
        .split(|c: char| c.is_control() || c.is_whitespace())
        .collect();
    let line: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    (opened.len() == TEXT && !line.is_empty()).then(|| line.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(name: &[u8]) -> Vec<u8> {
        let mut text = vec![u8::try_from(name.len()).unwrap()];
        text.extend(name);
        text.resize(TEXT, 0);
        text
    }

    #[test]
    fn a_name_is_read_as_it_was_typed_and_stays_one_line() {
        for (sealed, expected) in [
            ("Sato", Some("Sato")),
            ("佐藤 花子", Some("佐藤 花子")),
            ("", None),
            (" \n\t", None),
            ("Sato\nUrgent:\u{0}  pay", Some("Sato Urgent: pay")),
        ] {
            assert_eq!(
                name(&text(sealed.as_bytes())).as_deref(),
                expected,
                "{sealed}"
            );
        }
        // Another length than the page seals, and one that says more than there is.
        assert_eq!(name(&text(b"Sato")[..200]), None);
        assert_eq!(name(&[]), None);
        assert_eq!(name(&[9, b'a']), None);
    }

    #[test]
    fn each_message_has_a_key_of_its_own() {
        let key = SealKey([1; 32]);
        let one = key.of_message(MessageId([1; 8]));
        assert_eq!(one.fragment().len(), 22);
        assert_ne!(one, key.of_message(MessageId([2; 8])));
        assert_ne!(one, SealKey([2; 32]).of_message(MessageId([1; 8])));
        assert_eq!(format!("{key:?} {one:?}"), "SealKey(…) MessageSealKey(…)");
    }

    proptest! {
        #[test]
        fn a_sealed_name_has_one_length(bytes in prop::collection::vec(any::<u8>(), NONCE + TEXT + TAG)) {
            let text = encode(&bytes);
            prop_assert_eq!(text.len(), SEALED_LEN);
            let sealed: Sealed = text.parse().unwrap();
            prop_assert_eq!([&sealed.nonce[..], &sealed.text].concat(), bytes);
            prop_assert_eq!(text[1..].parse::<Sealed>(), Err(NotSealed));
        }

        #[test]
        fn no_text_panics(text: String, opened: Vec<u8>) {
            let _ = text.parse::<Sealed>();
            let _ = name(&opened);
        }
    }
}
