//! What the recipient's page carries, so that only a page of ours, and a fresh one, can press.

use super::server_keys::ServerKeys;
use kaifu_core::id::{EventId, Proof};
use kaifu_core::time::{DAY, MINUTE, Millis, SECOND};
use kaifu_core::token::Token;

/// For how long a page can press.
const FRESH: i64 = DAY;

/// For how long an answer can be taken back.
const UNDO: i64 = 10 * MINUTE;

/// How far the clock of another server, which made the page, may be ahead of this one's.
const AHEAD: i64 = MINUTE;

/// No person reads a page and presses in less; programs that check emails do.
const QUICK: i64 = SECOND;

/// How soon after its page a press came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// As a person presses.
    Human,
    /// Within a second.
    Quick,
}

/// A nonce that is good, and how it was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pressed {
    /// How soon.
    pub(crate) pace: Pace,
    /// The event that the press is: the same for a press that was sent twice.
    pub(crate) event: EventId,
}

impl ServerKeys {
    /// What a page of `token` carries that is made at `now`: `<ms>.<keyed hash of token and time>`.
    pub(crate) fn nonce(&self, token: &Token, now: Millis) -> String {
        self.stamp("kaifu/page/v1", &token.to_string(), now)
    }

    /// Whether `nonce` is one that this server, or another one with its key, made for `token` within
    /// a day of `now`, and what a press of `button` with it is.
    pub(crate) fn pressed(
        &self,
        token: &Token,
        nonce: &str,
        button: &str,
        now: Millis,
    ) -> Option<Pressed> {
        let subject = token.to_string();
        let age = self.age("kaifu/page/v1", &subject, nonce, now)?;
        let event = self.prove("kaifu/press/v1", &format!("{subject}.{nonce}.{button}"))?;
        let mut id = [0; 8];
        id.copy_from_slice(&event.0[..8]);
        (age < FRESH).then_some(Pressed {
            pace: if age < QUICK {
                Pace::Quick
            } else {
                Pace::Human
            },
            event: EventId(id),
        })
    }

    /// What the page carries that answers the press which the event `of` is: with it, that press can
    /// be taken back.
    pub(crate) fn undo_proof(&self, token: &Token, of: &str, now: Millis) -> String {
        self.stamp("kaifu/undo/v1", &format!("{token}.{of}"), now)
    }

    /// Whether `proof` is good at `now` for taking back the event `of`.
    pub(crate) fn may_undo(&self, token: &Token, of: &str, proof: &str, now: Millis) -> bool {
        let subject = format!("{token}.{of}");
        let age = self.age("kaifu/undo/v1", &subject, proof, now);
        age.is_some_and(|age| age <= UNDO)
    }

    fn stamp(&self, purpose: &str, subject: &str, now: Millis) -> String {
        let proof = self.prove(purpose, &format!("{subject}.{}", now.0));
        proof.map_or_else(String::new, |proof| format!("{}.{proof}", now.0))
    }

    /// How old a stamp of ours is, in milliseconds; `None` for one that is not ours.
    fn age(&self, purpose: &str, subject: &str, stamp: &str, now: Millis) -> Option<i64> {
        let (at, proof) = stamp.split_once('.')?;
        let (made, proof): (i64, Proof) = (at.parse().ok()?, proof.parse().ok()?);
        let age = now.since(Millis(made));
        let is_ours = age > -AHEAD && self.has_proven(purpose, &format!("{subject}.{at}"), &proof);
        is_ours.then_some(age)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::server_keys::{create, rotate};
    use kaifu_core::id::{AccountId, AccountKey, MessageId};
    use kaifu_core::time::Day;
    use kaifu_core::token::{Subject, TokenKind};
    use std::path::Path;
    use std::time::Duration;

    const NOW: Millis = Millis(1_790_000_000_000);

    fn open(path: &Path) -> ServerKeys {
        ServerKeys::open(path, Duration::ZERO).unwrap()
    }

    fn token(message: u8) -> Token {
        let subject = Subject {
            kind: TokenKind::ImagePage,
            account: AccountId([1; 8]),
            message: MessageId([message; 8]),
            until: Day(9),
        };
        Token::mint(subject, &AccountKey([1; 32]), b"")
    }

    #[test]
    fn a_nonce_is_good_for_its_page_and_a_day() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("server.key");
        create(&path).unwrap();
        let keys = open(&path);
        let nonce = keys.nonce(&token(1), NOW);
        let pace = |token: &Token, nonce: &str, after| {
            let pressed = keys.pressed(token, nonce, "read", NOW.plus(after));
            pressed.map(|pressed| pressed.pace)
        };
        for (after, expected) in [
            (-61_000, None),
            (-1_000, Some(Pace::Quick)),
            (0, Some(Pace::Quick)),
            (999, Some(Pace::Quick)),
            (1_000, Some(Pace::Human)),
            (DAY - 1, Some(Pace::Human)),
            (DAY, None),
        ] {
            assert_eq!(pace(&token(1), &nonce, after), expected, "{after}");
        }
        assert_eq!(pace(&token(2), &nonce, 5_000), None);
        for forged in [
            "",
            ".",
            "1",
            "x.y",
            &nonce.replacen('1', "2", 1),
            &nonce[1..],
        ] {
            assert_eq!(pace(&token(1), forged, 5_000), None, "{forged}");
        }
        // A press that is sent twice is one event, and each button has its own.
        let event = |button| keys.pressed(&token(1), &nonce, button, NOW).unwrap().event;
        assert_eq!(event("read"), event("read"));
        assert_ne!(event("read"), event("agree"));
        // A key that is added leaves the pages of before good; another server's are not.
        rotate(&path).unwrap();
        assert!(
            open(&path)
                .pressed(&token(1), &nonce, "read", NOW)
                .is_some()
        );
        let other = dir.path().join("other.key");
        create(&other).unwrap();
        assert!(
            open(&other)
                .pressed(&token(1), &nonce, "read", NOW)
                .is_none()
        );
    }

    #[test]
    fn an_answer_can_be_taken_back_for_ten_minutes_by_the_page_that_answered_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("server.key");
        create(&path).unwrap();
        let keys = open(&path);
        let proof = keys.undo_proof(&token(1), "event", NOW);
        let may =
            |token: &Token, of: &str, after| keys.may_undo(token, of, &proof, NOW.plus(after));
        assert!(may(&token(1), "event", 0) && may(&token(1), "event", UNDO));
        assert!(!may(&token(1), "event", UNDO + 1));
        assert!(!may(&token(1), "another", 0) && !may(&token(2), "event", 0));
        // What every page carries is no such proof.
        let nonce = keys.nonce(&token(1), NOW);
        assert!(!keys.may_undo(&token(1), "event", &nonce, NOW));
    }
}
