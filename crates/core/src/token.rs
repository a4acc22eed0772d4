//! Tokens that prove themselves: minted in the browser, checked by the server with one keyed hash.
//!
//! A token is 27 bytes, `kind:1 | account:8 | message:8 | until:2 | tag:8`, in base64url without
//! padding. `until` is a [`Day`], big-endian. `tag` is the first eight bytes of
//! `HMAC-SHA256(account key, kind | account | message | until | extra)`.

use crate::id::{AccountId, AccountKey, MessageId, ServerKey, decode, encode, keyed_hash};
use crate::time::{Day, Millis};
use hmac::Mac as _;
use std::fmt;

/// How many bytes a token has.
const BYTES: usize = 27;

/// How many of them the tag covers.
const BODY: usize = 19;

/// How many characters a token has.
pub const TOKEN_LEN: usize = 36;

/// How many leading characters are the same in all of an account's tokens of one kind: nine whole
/// bytes, the kind and the account.
pub const ACCOUNT_PREFIX_LEN: usize = 12;

/// For how many days after its planned delivery an email's tokens record anything, unless the user says
/// otherwise. By then hardly anybody opens an email for the first time, and a forgotten one is not followed
/// without end.
pub const RECORDED_DAYS: u16 = 90;

/// How many days ahead a token's last day may lie at the most. A server records nothing for one that
/// lies further ahead, so that no token works for longer than two years.
pub const RECORDED_DAYS_MAX: u16 = 731;

/// The last day of the tokens of an email that is to be delivered at `delivery` and tracked for so many
/// `days`.
#[must_use]
pub const fn last_day(delivery: Millis, days: u16) -> Day {
    Day::of(delivery).plus(days)
}

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// The tracking image.
    Image = 1,
    /// A link whose target is covered by the tag.
    Link = 2,
    /// The recipient's page of an email with an image.
    ImagePage = 3,
    /// The recipient's page of an email without an image, whose receipt is a press.
    ReceiptPage = 4,
    /// The recipient's page of an email that asks for consent.
    ConsentPage = 5,
}

impl TokenKind {
    /// Every kind there is.
    pub const ALL: [Self; 5] = [
        Self::Image,
        Self::Link,
        Self::ImagePage,
        Self::ReceiptPage,
        Self::ConsentPage,
    ];

    /// Whether it is one of the recipient's pages.
    #[must_use]
    pub const fn is_page(self) -> bool {
        matches!(
            self,
            Self::ImagePage | Self::ReceiptPage | Self::ConsentPage
        )
    }

    fn of_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == byte)
    }
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

/// What a token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Subject {
    /// What the token is for.
    pub kind: TokenKind,
    /// The account that mints it.
    pub account: AccountId,
    /// The message it stands for.
    pub message: MessageId,
    /// The last day on which it records anything.
    pub until: Day,
}

impl Subject {
    fn bytes(&self) -> [u8; BODY] {
        let mut bytes = [0; BODY];
        bytes[0] = self.kind as u8;
        bytes[1..9].copy_from_slice(&self.account.0);
        bytes[9..17].copy_from_slice(&self.message.0);
        bytes[17..].copy_from_slice(&self.until.0.to_be_bytes());
        bytes
    }

    fn tag(&self, key: &AccountKey, extra: &[u8]) -> hmac::Hmac<sha2::Sha256> {
        let mut hash = keyed_hash(&key.0);
        hash.update(&self.bytes());
        hash.update(extra);
        hash
    }
}

/// A token whose tag fits, or that was minted here.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token {
    subject: Subject,
    tag: [u8; 8],
}

impl Token {
    /// Mints a token; `extra` is a link's target and empty for the other kinds.
    #[must_use]
    pub fn mint(subject: Subject, key: &AccountKey, extra: &[u8]) -> Self {
        let full = subject.tag(key, extra).finalize().into_bytes();
        let mut tag = [0; 8];
        tag.copy_from_slice(&full[..8]);
        Self { subject, tag }
    }

    /// Reads `text` and checks its tag in constant time. Whether its last day is over is another
    /// question: [`Self::records_on`].
    ///
    /// # Errors
    ///
    /// [`InvalidToken::Malformed`] when `text` is no token at all, [`InvalidToken::Forged`] when its
    /// tag does not fit `server` and `extra`.
    pub fn verify(text: &str, server: &ServerKey, extra: &[u8]) -> Result<Self, InvalidToken> {
        let bytes: [u8; BYTES] = decode(text).map_err(|_| InvalidToken::Malformed)?;
        let subject = Subject {
            kind: TokenKind::of_byte(bytes[0]).ok_or(InvalidToken::Malformed)?,
            account: AccountId(part(&bytes, 1)),
            message: MessageId(part(&bytes, 9)),
            until: Day(u16::from_be_bytes([bytes[17], bytes[18]])),
        };
        subject
            .tag(&server.account_key(subject.account), extra)
            .verify_truncated_left(&bytes[BODY..])
            .map_err(|_| InvalidToken::Forged)?;
        Ok(Self {
            subject,
            tag: part(&bytes, BODY),
        })
    }

    /// What a token is for and which message it stands for, if it is one: its tag is not checked.
    #[must_use]
    pub fn unverified(text: &str) -> Option<(TokenKind, MessageId)> {
        let bytes: [u8; BYTES] = decode(text).ok()?;
        Some((TokenKind::of_byte(bytes[0])?, MessageId(part(&bytes, 9))))
    }

    /// What the token is for.
    #[must_use]
    pub const fn kind(&self) -> TokenKind {
        self.subject.kind
    }

    /// The account that minted the token.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        self.subject.account
    }

    /// The message the token stands for.
    #[must_use]
    pub const fn message(&self) -> MessageId {
        self.subject.message
    }

    /// The last day on which the token records anything.
    #[must_use]
    pub const fn until(&self) -> Day {
        self.subject.until
    }

    /// Whether the token records anything on `today`: its last day is not over, and does not lie
    /// further ahead than [`RECORDED_DAYS_MAX`].
    #[must_use]
    pub const fn records_on(&self, today: Day) -> bool {
        let until = self.subject.until.0;
        until >= today.0 && until <= today.plus(RECORDED_DAYS_MAX).0
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0; BYTES];
        bytes[..BODY].copy_from_slice(&self.subject.bytes());
        bytes[BODY..].copy_from_slice(&self.tag);
        f.write_str(&encode(&bytes))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = &self.subject;
        write!(
            f,
            "Token({:?}, {}, {}, {:?})",
            subject.kind, subject.account, subject.message, subject.until
        )
    }
}

fn part(bytes: &[u8; BYTES], from: usize) -> [u8; 8] {
    let mut eight = [0; 8];
    eight.copy_from_slice(&bytes[from..from + 8]);
    eight
}

/// The first [`ACCOUNT_PREFIX_LEN`] characters of every token of this kind and account.
#[must_use]
pub fn account_prefix(kind: TokenKind, account: AccountId) -> String {
    let mut bytes = [kind as u8; 9];
    bytes[1..].copy_from_slice(&account.0);
    encode(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::DAY;
    use proptest::prelude::*;

    const SERVER: ServerKey = ServerKey([9; 32]);

    fn mint(subject: Subject, extra: &[u8]) -> Token {
        Token::mint(subject, &SERVER.account_key(subject.account), extra)
    }

    fn subject(kind: TokenKind) -> Subject {
        Subject {
            kind,
            account: AccountId([1, 2, 3, 4, 5, 6, 7, 8]),
            message: MessageId([8, 7, 6, 5, 4, 3, 2, 1]),
            until: Day(2_615),
        }
    }

    fn any_subject() -> impl Strategy<Value = Subject> {
        let kind = prop::sample::select(&TokenKind::ALL[..]);
        (kind, any::<([u8; 8], [u8; 8], u16)>()).prop_map(|(kind, (account, message, until))| {
            Subject {
                kind,
                account: AccountId(account),
                message: MessageId(message),
                until: Day(until),
            }
        })
    }

    proptest! {
        #[test]
        fn a_minted_token_verifies(subject in any_subject(), extra: Vec<u8>) {
            let token = mint(subject, &extra);
            let text = token.to_string();
            prop_assert_eq!(text.len(), TOKEN_LEN);
            prop_assert_eq!(
                &text[..ACCOUNT_PREFIX_LEN],
                account_prefix(subject.kind, subject.account)
            );
            let read = Token::verify(&text, &SERVER, &extra);
            prop_assert_eq!(read, Ok(token));
            prop_assert_eq!(read.map(|token| token.until()), Ok(subject.until));
            prop_assert_eq!(Token::unverified(&text), Some((subject.kind, subject.message)));
        }

        #[test]
        fn every_changed_bit_is_noticed(subject in any_subject(), bit in 0usize..8 * BYTES) {
            let mut bytes: [u8; BYTES] = decode(&mint(subject, b"").to_string()).unwrap();
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(Token::verify(&encode(&bytes), &SERVER, b"").is_err());
        }

        #[test]
        fn no_text_panics(text: String) {
            prop_assert!(Token::verify(&text, &SERVER, b"").is_err());
            let _ = Token::unverified(&text);
        }
    }

    #[test]
    fn a_token_belongs_to_its_server_and_its_target() {
        let text = mint(subject(TokenKind::Link), b"https://example.org/").to_string();
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

    #[test]
    fn a_token_of_the_former_format_is_none() {
        assert_eq!(
            Token::verify("AQECAwQFBgcICAcGBQQDAgE-fJLHG1Ov7Q", &SERVER, b""),
            Err(InvalidToken::Malformed)
        );
    }

    #[test]
    fn a_token_records_to_the_end_of_its_last_day() {
        let delivery = Millis(1_790_000_000_000);
        let until = last_day(delivery, RECORDED_DAYS);
        let token = mint(
            Subject {
                until,
                ..subject(TokenKind::Image)
            },
            b"",
        );
        let begin = (delivery.day() + i64::from(RECORDED_DAYS)) * DAY;
        for (at, records) in [
            (delivery, true),
            (Millis(begin), true),
            (Millis(begin + DAY - 1), true),
            (Millis(begin + DAY), false),
            // Two years ahead, and a day more.
            (Millis(begin - 731 * DAY), true),
            (Millis(begin - 731 * DAY - 1), false),
        ] {
            assert_eq!(token.records_on(Day::of(at)), records, "{at:?}");
        }
    }

    /// Fixed so that a change of the format cannot pass unseen: tokens live in emails for years.
    #[test]
    fn the_format_stays_as_published() {
        assert_eq!(
            TokenKind::ALL.map(|kind| mint(subject(kind), b"").to_string()),
            [
                "AQECAwQFBgcICAcGBQQDAgEKNy9fAZzxGVKX",
                "AgECAwQFBgcICAcGBQQDAgEKN875Q7ZptNVP",
                "AwECAwQFBgcICAcGBQQDAgEKN5OQnkUXtPt1",
                "BAECAwQFBgcICAcGBQQDAgEKN6JkZqKV50t9",
                "BQECAwQFBgcICAcGBQQDAgEKN8-8molujJ77",
            ]
        );
    }
}
