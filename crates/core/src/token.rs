//! Tokens that prove themselves: minted in the browser, checked by the server with one keyed hash.
//!
//! A token is 25 bytes, `kind:1 | account:8 | message:8 | tag:8`, in base64url without padding.
//! `tag` is the first eight bytes of `HMAC-SHA256(account key, kind | account | message | extra)`.

use crate::id::{AccountId, AccountKey, MessageId, ServerKey, decode, encode, keyed_hash};
use hmac::Mac as _;
use std::fmt;

/// How many characters a token has.
pub const TOKEN_LEN: usize = 34;

/// How many leading characters are the same in all of an account's tokens of one kind.
pub const ACCOUNT_PREFIX_LEN: usize = 12;

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The tracking image.
    Pixel = 1,
    /// A link whose target is covered by the tag.
    Link = 2,
    /// The recipient's own page.
    Receipt = 3,
}

/// Why a text is no token of this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidToken {
    /// The text has the wrong length, alphabet or kind.
    #[error("malformed token")]
    Malformed,
    /// The tag does not fit: minted with another key, or altered.
    #[error("forged token")]
    Forged,
}

/// A token whose tag fits, or that was minted here.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token {
    kind: Kind,
    account: AccountId,
    message: MessageId,
    tag: [u8; 8],
}

impl Token {
    /// Mints the token of `message`; `extra` is a link's target and empty for the other kinds.
    #[must_use]
    pub fn mint(
        kind: Kind,
        account: AccountId,
        message: MessageId,
        key: &AccountKey,
        extra: &[u8],
    ) -> Self {
        let full = tag(kind, account, message, key, extra)
            .finalize()
            .into_bytes();
        let mut tag = [0; 8];
        tag.copy_from_slice(&full[..8]);
        Self {
            kind,
            account,
            message,
            tag,
        }
    }

    /// Reads `text` and checks its tag in constant time.
    ///
    /// # Errors
    ///
    /// [`InvalidToken::Malformed`] when `text` is no token at all, [`InvalidToken::Forged`] when its
    /// tag does not fit `server` and `extra`.
    pub fn verify(text: &str, server: &ServerKey, extra: &[u8]) -> Result<Self, InvalidToken> {
        let bytes: [u8; 25] = decode(text).map_err(|_| InvalidToken::Malformed)?;
        let kind = match bytes[0] {
            1 => Kind::Pixel,
            2 => Kind::Link,
            3 => Kind::Receipt,
            _ => return Err(InvalidToken::Malformed),
        };
        let part = |from: usize| {
            let mut eight = [0; 8];
            eight.copy_from_slice(&bytes[from..from + 8]);
            eight
        };
        let (account, message) = (AccountId(part(1)), MessageId(part(9)));
        self::tag(kind, account, message, &server.account_key(account), extra)
            .verify_truncated_left(&bytes[17..])
            .map_err(|_| InvalidToken::Forged)?;
        Ok(Self {
            kind,
            account,
            message,
            tag: part(17),
        })
    }

    /// What the token is for.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The account that minted the token.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// The message the token stands for.
    #[must_use]
    pub const fn message(&self) -> MessageId {
        self.message
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0; 25];
        bytes[0] = self.kind as u8;
        bytes[1..9].copy_from_slice(&self.account.0);
        bytes[9..17].copy_from_slice(&self.message.0);
        bytes[17..].copy_from_slice(&self.tag);
        f.write_str(&encode(&bytes))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Token({:?}, {}, {})",
            self.kind, self.account, self.message
        )
    }
}

/// The first [`ACCOUNT_PREFIX_LEN`] characters of every token of this kind and account.
#[must_use]
pub fn account_prefix(kind: Kind, account: AccountId) -> String {
    let mut bytes = [kind as u8; 9];
    bytes[1..].copy_from_slice(&account.0);
    encode(&bytes)
}

fn tag(
    kind: Kind,
    account: AccountId,
    message: MessageId,
    key: &AccountKey,
    extra: &[u8],
) -> hmac::Hmac<sha2::Sha256> {
    let mut hash = keyed_hash(&key.0);
    hash.update(&[kind as u8]);
    hash.update(&account.0);
    hash.update(&message.0);
    hash.update(extra);
    hash
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SERVER: ServerKey = ServerKey([9; 32]);

    fn mint(kind: Kind, account: [u8; 8], message: [u8; 8], extra: &[u8]) -> Token {
        let account = AccountId(account);
        Token::mint(
            kind,
            account,
            MessageId(message),
            &SERVER.account_key(account),
            extra,
        )
    }

    proptest! {
        #[test]
        fn a_minted_token_verifies(account: [u8; 8], message: [u8; 8], extra: Vec<u8>) {
            for kind in [Kind::Pixel, Kind::Link, Kind::Receipt] {
                let token = mint(kind, account, message, &extra);
                let text = token.to_string();
                prop_assert_eq!(text.len(), TOKEN_LEN);
                prop_assert_eq!(
                    &text[..ACCOUNT_PREFIX_LEN],
                    account_prefix(kind, AccountId(account))
                );
                prop_assert_eq!(Token::verify(&text, &SERVER, &extra), Ok(token));
            }
        }

        #[test]
        fn every_changed_bit_is_noticed(account: [u8; 8], message: [u8; 8], bit in 0usize..200) {
            let text = mint(Kind::Pixel, account, message, b"").to_string();
            let mut bytes: [u8; 25] = decode(&text).unwrap();
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(Token::verify(&encode(&bytes), &SERVER, b"").is_err());
        }

        #[test]
        fn no_text_panics(text: String) {
            prop_assert!(Token::verify(&text, &SERVER, b"").is_err());
        }
    }

    #[test]
    fn a_token_belongs_to_its_server_and_its_target() {
        let text = mint(Kind::Link, [1; 8], [2; 8], b"https://example.org/").to_string();
        let verify = |server: &ServerKey, extra: &[u8]| Token::verify(&text, server, extra);
        assert!(verify(&SERVER, b"https://example.org/").is_ok());
        assert_eq!(
            verify(&SERVER, b"https://example.com/"),
            Err(InvalidToken::Forged)
        );
        assert_eq!(
            verify(&ServerKey([8; 32]), b"https://example.org/"),
            Err(InvalidToken::Forged)
        );
    }

    /// Fixed so that a change of the format cannot pass unseen: tokens live in emails for years.
    #[test]
    fn the_format_stays_as_published() {
        assert_eq!(
            mint(
                Kind::Pixel,
                [1, 2, 3, 4, 5, 6, 7, 8],
                [8, 7, 6, 5, 4, 3, 2, 1],
                b""
            )
            .to_string(),
            "AQECAwQFBgcICAcGBQQDAgE-fJLHG1Ov7Q"
        );
    }
}
