//! Gmail's names for messages and conversations.
//!
//! `msg-a:r…` and `thread-a:r…` name what this client made, from the first keystroke on;
//! `msg-f:…` and `thread-f:…` name what came in. The page shows them with a `#` before, and a
//! conversation may carry its first message after a `|`.

use crate::id::{MessageId, MessageKey};
use crate::time::Millis;
use std::fmt;

/// The longest id that is taken for one, in bytes.
const MAX_BYTES: usize = 80;

/// An id of Gmail's.
pub trait GmailId: AsRef<str> + Sized {
    /// The id that `text` is a spelling of.
    fn parse(text: &str) -> Option<Self>;
}

macro_rules! gmail_id {
    ($(#[$doc:meta])* $name:ident, $normal:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(String);

        impl GmailId for $name {
            fn parse(text: &str) -> Option<Self> {
                let normal: fn(&str) -> Option<&str> = $normal;
                normal(text).map(|id| Self(id.to_owned()))
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

gmail_id!(
    /// The sync id of a draft, which the message keeps when it leaves: `msg-a:r-123`.
    DraftId,
    |text| normal(text, "msg-")
);

gmail_id!(
    /// The sync id of a conversation: `thread-f:123`.
    ThreadId,
    |text| normal(text, "thread-")
);

gmail_id!(
    /// The older id of a message or conversation: up to 16 hexadecimal digits in lower case. A
    /// conversation is opened by it.
    LegacyId,
    |text| is_legacy(text).then_some(text)
);

/// The id of a conversation by which it is looked up: Gmail's page shows one kind, the other, or
/// both.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConversationId {
    /// Its sync id.
    Thread(ThreadId),
    /// Its legacy id.
    Legacy(LegacyId),
}

impl GmailId for ConversationId {
    fn parse(text: &str) -> Option<Self> {
        ThreadId::parse(text)
            .map(Self::Thread)
            .or_else(|| LegacyId::parse(text).map(Self::Legacy))
    }
}

impl AsRef<str> for ConversationId {
    fn as_ref(&self) -> &str {
        match self {
            Self::Thread(id) => id.as_ref(),
            Self::Legacy(id) => id.as_ref(),
        }
    }
}

impl DraftId {
    /// The number of the email: the same in every page and window of this browser, without one being
    /// told by another.
    #[must_use]
    pub fn message(&self, key: &MessageKey) -> MessageId {
        key.number(&self.0)
    }

    /// Its legacy id, where it came in (`msg-f:`). What this client made has one too, but only
    /// Gmail's answer tells it.
    #[must_use]
    pub fn legacy(&self) -> Option<LegacyId> {
        legacy(self.0.strip_prefix("msg-f:")?)
    }
}

impl ThreadId {
    /// Its legacy id, where its first message came in (`thread-f:`).
    #[must_use]
    pub fn legacy(&self) -> Option<LegacyId> {
        legacy(self.0.strip_prefix("thread-f:")?)
    }
}

impl LegacyId {
    /// When it was given out, which stands above the lowest 20 bits.
    #[must_use]
    pub fn time(&self) -> Millis {
        // Digit by digit, as formatting and parsing would weigh more in the content script.
        let id = self.0.chars().fold(0_u64, |id, digit| {
            id << 4 | u64::from(digit.to_digit(16).unwrap_or_default())
        });
        Millis((id >> 20).cast_signed())
    }
}

/// The id in the `jslog` attribute of a compose form or of its Send button: the first text in a JSON
/// array, which stands behind `11:` in base64, that is one by `is_id`.
#[must_use]
pub fn logged(log: &str, is_id: fn(&str) -> bool) -> Option<String> {
    // Letter by letter: decoding and reading all of it would weigh more in the content script.
    let (mut bits, mut count, mut text) = (0_u32, 0, String::new());
    for letter in log.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            // What comes next begins anew.
            _ => {
                count = 0;
                text.clear();
                continue;
            }
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count < 8 {
            continue;
        }
        count -= 8;
        let [byte, ..] = (bits >> count).to_le_bytes();
        match byte {
            b'"' if is_id(&text) => return Some(text),
            b'"' => text.clear(),
            _ => text.push(char::from(byte)),
        }
    }
    None
}

/// The 16 hexadecimal digits of the decimal `number`.
fn legacy(number: &str) -> Option<LegacyId> {
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut number: u64 = number.parse().ok()?;
    let mut digits = [b'0'; 16];
    for digit in digits.iter_mut().rev() {
        let value = (number & 0xf) as u8;
        *digit = if value < 10 {
            b'0' + value
        } else {
            b'a' + value - 10
        };
        number >>= 4;
    }
    let digits = digits.iter().map(|digit| char::from(*digit)).collect();
    Some(LegacyId(digits))
}

fn is_legacy(text: &str) -> bool {
    (1..=16).contains(&text.len())
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn normal<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let text = text.strip_prefix('#').unwrap_or(text);
    let text = text.split_once('|').map_or(text, |(id, _)| id);
    let (origin, number) = text.strip_prefix(prefix)?.split_once(':')?;
    let fits = text.len() <= MAX_BYTES
        && origin.len() == 1
        && origin.bytes().all(|byte| byte.is_ascii_lowercase())
        && !number.is_empty()
        && number
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    fits.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_has_two_ids() {
        for (text, id) in [
            (
                "#thread-f:1700000000000000001|msg-f:17",
                Some("thread-f:1700000000000000001"),
            ),
            ("thread-a:r-12", Some("thread-a:r-12")),
            ("17979cfe362a0001", Some("17979cfe362a0001")),
            ("17979cfe362a00011", None),
            ("17979cfe362a000g", None),
            ("#17979cfe362a000", None),
            ("msg-f:1700000000", None),
            ("", None),
        ] {
            let read = ConversationId::parse(text);
            assert_eq!(read.as_ref().map(AsRef::as_ref), id, "{text}");
        }
    }

    #[test]
    fn every_spelling_leads_to_one_id() {
        for (text, expected) in [
            ("msg-a:r819", Some("msg-a:r819")),
            ("#msg-a:r-819", Some("msg-a:r-819")),
            (
                "msg-f:1746035685735370050",
                Some("msg-f:1746035685735370050"),
            ),
            ("#msg-f:17|x", Some("msg-f:17")),
            ("thread-a:r1", None),
            ("msg-a:", None),
            ("msg-:r1", None),
            ("msg-a:r 1", None),
            ("undefined", None),
            ("", None),
        ] {
            let read = DraftId::parse(text);
            assert_eq!(read.as_ref().map(AsRef::as_ref), expected, "{text}");
        }
        let thread = ThreadId::parse("#thread-a:r-64|msg-a:r11");
        assert_eq!(thread.unwrap().as_ref(), "thread-a:r-64");
        assert_eq!(ThreadId::parse("msg-a:r11"), None);
        let time = |text| LegacyId::parse(text).map(|id| id.time());
        assert_eq!(time("183234ce7a1b2c3d"), Some(Millis(1_662_744_586_145)));
        assert_eq!(time("x"), None);
        let long = format!("msg-a:r{}", "1".repeat(100));
        assert_eq!(DraftId::parse(&long), None);
    }

    /// Fixed so that a change cannot pass unseen: another version of the extension must come to the
    /// same number.
    #[test]
    fn a_number_follows_from_the_draft_and_the_installation() {
        let number = |secret: u8, draft: &str| {
            let key = crate::id::BrowserSecret([secret; 32]).message_key();
            DraftId::parse(draft).unwrap().message(&key)
        };
        assert_eq!(number(7, "#msg-a:r-819|x"), number(7, "msg-a:r-819"));
        assert_ne!(number(7, "msg-a:r-819"), number(7, "msg-a:r819"));
        assert_ne!(number(7, "msg-a:r-819"), number(8, "msg-a:r-819"));
        assert_eq!(number(7, "msg-a:r-819").to_string(), "sQO-2MHiMe0");
    }

    #[test]
    fn a_log_names_the_message_and_its_conversation() {
        let log = |json: &str| {
            let packed = crate::id::encode(json.as_bytes());
            format!("32601; u014N:cOuCgd,Kr2w4b; dYFj7e:true; 11:{packed}..")
        };
        let ids = |log: &str| {
            let draft = logged(log, |text| DraftId::parse(text).is_some());
            let thread = logged(log, |text| ThreadId::parse(text).is_some());
            (
                draft.and_then(|id| DraftId::parse(&id)),
                thread.and_then(|id| ThreadId::parse(&id)),
            )
        };
        let known = |draft, thread| (DraftId::parse(draft), ThreadId::parse(thread));
        let context = r##"["#msg-a:r-76",null,null,null,1,null,["#thread-f:18"],false]"##;
        assert_eq!(ids(&log(context)), known("msg-a:r-76", "thread-f:18"));
        // As Gmail wrote it.
        let real = "77394; u014N:xr6bB; dYFj7e:true; 11:WyIjbXNnLWE6cjU1NSIsbnVsbCxudWxsLG51bGws\
                    MSxudWxsLFsiI3RocmVhZC1hOnI2NjYiXSwwXQ..";
        assert_eq!(ids(real), known("msg-a:r555", "thread-a:r666"));
        for strange in [
            "",
            "79419; u014N:cOuCgd,Kr2w4b",
            "32601; 11:",
            "32601; 11:%",
            &log("{}"),
            &log(r#"["undefined",null,null,null,1,null,["undefined"]]"#),
        ] {
            assert_eq!(ids(strange), (None, None), "{strange}");
        }
    }

    #[test]
    fn legacy_ids_are_the_hexadecimal_form_of_what_came_in() {
        for (id, expected) in [
            ("thread-f:1775568780109575075", Some("18a41665ecb473a3")),
            ("msg-f:1746035685735370050", Some("183b2a348d698d42")),
            ("msg-f:1", Some("0000000000000001")),
            ("msg-a:r1746035685735370050", None),
            ("msg-f:", None),
            ("msg-f:+1", None),
            ("msg-f:99999999999999999999", None),
        ] {
            let thread = ThreadId::parse(id).map(|id| id.legacy());
            let legacy = thread.unwrap_or_else(|| DraftId::parse(id)?.legacy());
            assert_eq!(legacy.as_ref().map(AsRef::as_ref), expected, "{id}");
        }
        assert!(is_legacy("183b2a348d698d42"));
        assert!(!is_legacy("183B2A34") && !is_legacy("") && !is_legacy("183b2a348d698d421"));
    }
}
