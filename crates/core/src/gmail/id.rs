//! Gmail's names for messages and conversations.
//!
//! `msg-a:r…` and `thread-a:r…` name what this client made, from the first keystroke on;
//! `msg-f:…` and `thread-f:…` name what came in. The page shows them with a `#` before, and a
//! conversation may carry its first message after a `|`.

/// The longest id that is taken for one, in bytes.
const MAX_BYTES: usize = 80;

/// The id of a message, such as `msg-a:r-123`, from any of its spellings.
#[must_use]
pub fn message(text: &str) -> Option<&str> {
    normal(text, "msg-")
}

/// The id of a conversation, such as `thread-f:123`, from any of its spellings.
#[must_use]
pub fn thread(text: &str) -> Option<&str> {
    normal(text, "thread-")
}

/// The id of a conversation by which it is looked up: as [`thread`], or its legacy id.
#[must_use]
pub fn conversation(text: &str) -> Option<&str> {
    thread(text).or_else(|| is_legacy(text).then_some(text))
}

/// The id in the `jslog` attribute of a compose form or of its Send button that `normal`
/// ([`message`] or [`thread`]) takes for one: the first text of that kind in a JSON array, which
/// stands behind `11:` in base64.
#[must_use]
pub fn logged(log: &str, normal: fn(&str) -> Option<&str>) -> Option<String> {
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
            b'"' => match normal(&text) {
                Some(id) => return Some(id.to_owned()),
                None => text.clear(),
            },
            _ => text.push(char::from(byte)),
        }
    }
    None
}

/// The legacy id, 16 hexadecimal digits, of something that came in (`msg-f:` or `thread-f:`).
/// What this client made has one too, but only Gmail's answer tells it.
#[must_use]
pub fn legacy(id: &str) -> Option<String> {
    let number = id
        .strip_prefix("msg-f:")
        .or_else(|| id.strip_prefix("thread-f:"))?;
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut number: u64 = number.parse().ok()?;
    // Written digit by digit: formatting would weigh more in the content script.
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
    Some(digits.iter().map(|digit| char::from(*digit)).collect())
}

/// Whether `text` looks like a legacy id: up to 16 hexadecimal digits in lower case.
#[must_use]
pub fn is_legacy(text: &str) -> bool {
    (1..=16).contains(&text.len())
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// When something with the legacy id `text` came about: milliseconds since the Unix epoch, which
/// stand above the lowest 20 bits.
#[must_use]
pub fn time(text: &str) -> Option<f64> {
    // Digit by digit, as above.
    let id = text.chars().try_fold(0_u64, |id, digit| {
        Some(id << 4 | u64::from(digit.to_digit(16)?))
    })?;
    #[expect(clippy::cast_precision_loss, reason = "44 bits fit into 53")]
    Some((id >> 20) as f64)
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
            assert_eq!(conversation(text), id, "{text}");
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
            assert_eq!(message(text), expected, "{text}");
        }
        assert_eq!(thread("#thread-a:r-64|msg-a:r11"), Some("thread-a:r-64"));
        assert_eq!(thread("msg-a:r11"), None);
        assert_eq!(time("183234ce7a1b2c3d"), Some(1_662_744_586_145.0));
        assert_eq!(time("x"), None);
        assert_eq!(message(&format!("msg-a:r{}", "1".repeat(100))), None);
    }

    #[test]
    fn a_log_names_the_message_and_its_conversation() {
        let log = |json: &str| {
            let packed = crate::id::encode(json.as_bytes());
            format!("32601; u014N:cOuCgd,Kr2w4b; dYFj7e:true; 11:{packed}..")
        };
        let ids = |log: &str| (logged(log, message), logged(log, thread));
        let known = (
            Some("msg-a:r-76".to_owned()),
            Some("thread-f:18".to_owned()),
        );
        let context = r##"["#msg-a:r-76",null,null,null,1,null,["#thread-f:18"],false]"##;
        assert_eq!(ids(&log(context)), known);
        // As Gmail wrote it.
        let real = "77394; u014N:xr6bB; dYFj7e:true; 11:WyIjbXNnLWE6cjU1NSIsbnVsbCxudWxsLG51bGws\
                    MSxudWxsLFsiI3RocmVhZC1hOnI2NjYiXSwwXQ..";
        assert_eq!(
            ids(real),
            (
                Some("msg-a:r555".to_owned()),
                Some("thread-a:r666".to_owned())
            )
        );
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
            assert_eq!(legacy(id).as_deref(), expected, "{id}");
        }
        assert!(is_legacy("183b2a348d698d42"));
        assert!(!is_legacy("183B2A34") && !is_legacy("") && !is_legacy("183b2a348d698d421"));
    }
}
