//! Spellings of an address that are the same address (RFC 3986 §6.2.2), as email programs, scanners
//! and proxies make them of the one that stands in an email.

use std::borrow::Cow;

/// Where recipients' programs ask: these addresses are written by others, all else by clients of ours.
const FOR_RECIPIENTS: [&str; 3] = ["/p/", "/l/", "/r/"];

/// The usual spelling of `path`: letters, digits and `-._~` are not percent-encoded, and there are no
/// empty, `.` or `..` segments but for what ends with a slash. What a percent-encoded octet other than
/// those stands for is kept apart from the octet itself.
///
/// Nothing is allocated for a path that is spelled so already.
pub(crate) fn usual(path: &str) -> Cow<'_, str> {
    if !path.starts_with('/') || !(path.contains('%') || path.contains("//") || path.contains("/."))
    {
        return Cow::Borrowed(path);
    }
    let decoded = decode(path);
    let mut segments = Vec::new();
    let mut ends_with_slash = false;
    for segment in decoded.split('/') {
        ends_with_slash = matches!(segment, "" | "." | "..");
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            _ => segments.push(segment),
        }
    }
    let mut path = String::with_capacity(decoded.len());
    for segment in segments {
        path.push('/');
        path.push_str(segment);
    }
    if ends_with_slash || path.is_empty() {
        path.push('/');
    }
    Cow::Owned(path)
}

/// The usual spelling of `path` where that is another one, and an address that recipients' programs
/// ask for.
pub(crate) fn respelled(path: &str) -> Option<String> {
    match usual(path) {
        Cow::Owned(usual) if FOR_RECIPIENTS.iter().any(|start| usual.starts_with(start)) => {
            Some(usual)
        }
        _ => None,
    }
}

/// `path` without percent-encoding where it changes nothing (RFC 3986 §2.3).
fn decode(path: &str) -> String {
    let mut decoded = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(place) = rest.find('%') {
        decoded.push_str(&rest[..place]);
        rest = &rest[place..];
        match encoded(rest) {
            Some(octet) if is_unreserved(octet) => decoded.push(char::from(octet)),
            Some(_) => decoded.push_str(&rest[..3].to_ascii_uppercase()),
            None => {
                decoded.push('%');
                rest = &rest[1..];
                continue;
            }
        }
        rest = &rest[3..];
    }
    decoded.push_str(rest);
    decoded
}

/// The octet that `text` begins with, as `%2D` begins with a hyphen.
fn encoded(text: &str) -> Option<u8> {
    let digits = text.get(1..3)?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u8::from_str_radix(digits, 16).ok())?
}

const fn is_unreserved(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_' | b'~')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use std::fmt::Write as _;

    #[test]
    fn what_changes_nothing_is_left_out() {
        for (path, expected) in [
            ("/p/Ab-_9.gif", "/p/Ab-_9.gif"),
            ("/p/%41b%2D%5f9%2Egif", "/p/Ab-_9.gif"),
            ("//p/x.gif", "/p/x.gif"),
            ("/./p/x.gif", "/p/x.gif"),
            ("/p//x.gif", "/p/x.gif"),
            ("/p/a/../x.gif", "/p/x.gif"),
            ("/a/%2e%2E/%70/x.gif", "/p/x.gif"),
            ("/../p/x.gif", "/p/x.gif"),
            ("/p/x.gif/", "/p/x.gif/"),
            ("/p//x.gif/.", "/p/x.gif/"),
            ("/p/..", "/"),
            ("/p%2fx.gif", "/p%2Fx.gif"),
            ("/p/x%252Egif", "/p/x%252Egif"),
            ("/p/%", "/p/%"),
            ("/p/%4", "/p/%4"),
            ("/p/%+1.gif", "/p/%+1.gif"),
            ("/p/%%41", "/p/%A"),
            ("/p/%é", "/p/%é"),
            ("*", "*"),
            ("", ""),
        ] {
            assert_eq!(usual(path), expected, "{path}");
        }
    }

    #[test]
    fn only_what_recipients_ask_for_is_respelled() {
        for (path, expected) in [
            ("//p/x.gif", Some("/p/x.gif")),
            ("/%72/x", Some("/r/x")),
            ("/l//x", Some("/l/x")),
            ("/p/x.gif", None),
            ("/v1//events", None),
            ("/p/../v1/accounts", None),
        ] {
            assert_eq!(respelled(path).as_deref(), expected, "{path}");
        }
    }

    /// What stands in an email.
    const SEGMENT: &str = "[A-Za-z0-9_-]{36}\\.gif";

    /// How one character of an address may be spelled, and what may stand before a segment.
    fn spelling(path: &str, ways: &[u8], between: &[u8]) -> String {
        let mut spelled = String::new();
        let mut between = between.iter().cycle();
        for (letter, way) in path.chars().zip(ways.iter().cycle()) {
            match (letter, way % 3) {
                ('/', _) => {
                    let before = ["", "/", "/.", "/x/..", "/%2e", "/y/%2E."];
                    let place = usize::from(*between.next().unwrap_or(&0)) % before.len();
                    spelled.push_str(before[place]);
                    spelled.push('/');
                }
                (_, 1) => write!(spelled, "%{:02x}", u32::from(letter)).unwrap(),
                (_, 2) => write!(spelled, "%{:02X}", u32::from(letter)).unwrap(),
                _ => spelled.push(letter),
            }
        }
        spelled
    }

    /// The segments of `path` by another way: everything is decoded, after the slashes are found.
    /// Also whether it ends as the address of a folder does.
    fn segments(path: &str) -> (Vec<String>, bool) {
        let mut segments = Vec::new();
        let mut is_folder = false;
        for segment in path.split('/') {
            let mut octets = Vec::new();
            let mut bytes = segment.bytes();
            while let Some(byte) = bytes.next() {
                let mut ahead = bytes.clone();
                let digits = [ahead.next(), ahead.next()]
                    .map(|byte| byte.and_then(|byte| char::from(byte).to_digit(16)));
                if let (b'%', [Some(high), Some(low)]) = (byte, digits) {
                    octets.push(u8::try_from(high * 16 + low).unwrap());
                    bytes = ahead;
                } else {
                    octets.push(byte);
                }
            }
            is_folder = matches!(octets.as_slice(), b"" | b"." | b"..");
            match octets.as_slice() {
                b"" | b"." => {}
                b".." => drop(segments.pop()),
                _ => segments.push(String::from_utf8_lossy(&octets).into_owned()),
            }
        }
        (segments, is_folder)
    }

    proptest! {
        #[test]
        fn every_equivalent_spelling_is_the_address(
            segment in SEGMENT,
            ways in vec(any::<u8>(), 1..60),
            between in vec(any::<u8>(), 1..4),
        ) {
            let path = format!("/p/{segment}");
            let spelled = spelling(&path, &ways, &between);
            prop_assert_eq!(usual(&spelled), path);
        }

        #[test]
        fn nothing_else_is_the_address(
            segment in SEGMENT,
            ways in vec(any::<u8>(), 1..60),
            between in vec(any::<u8>(), 1..4),
            edits in vec((any::<prop::sample::Index>(), "[%/.0-9A-Fa-f~-]?"), 1..4),
        ) {
            let path = format!("/p/{segment}");
            let mut spelled = spelling(&path, &ways, &between);
            for (place, letter) in edits {
                let place = place.index(spelled.len());
                spelled.replace_range(place..=place, &letter);
            }
            let (segments, is_folder) = segments(&spelled);
            let is_same = segments == ["p", segment.as_str()]
                && spelled.starts_with('/')
                && !is_folder;
            prop_assert_eq!(usual(&spelled) == path, is_same, "{}", spelled);
        }

        #[test]
        fn the_usual_spelling_is_its_own(path in "/[%/.0-9A-Fa-fp~é-]{0,40}") {
            let once = usual(&path).into_owned();
            prop_assert!(once.starts_with('/'));
            if !once.contains('%') {
                prop_assert_eq!(usual(&once), once.as_str());
            }
        }
    }
}
