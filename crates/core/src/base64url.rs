//! base64url without padding (RFC 4648, section 5), in its one canonical spelling.
//!
//! It stands in every Gmail tab, so it is small rather than constant in time: what is secret is compared
//! by its hash.

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The text of `bytes`.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity((bytes.len() * 4).div_ceil(3));
    let letter = |bits: u32| char::from(LETTERS[(bits & 63) as usize]);
    // As many of the low bits as `count` says are still to be written.
    let (mut bits, mut count) = (0_u32, 0_u32);
    for &byte in bytes {
        bits = bits << 8 | u32::from(byte);
        count += 8;
        while count >= 6 {
            count -= 6;
            text.push(letter(bits >> count));
        }
    }
    if count > 0 {
        text.push(letter(bits << (6 - count)));
    }
    text
}

/// Fills `bytes` from `text`; `None` where that is not the text of exactly as many bytes.
pub(crate) fn decode(text: &str, bytes: &mut [u8]) -> Option<()> {
    let mut places = bytes.iter_mut();
    let (mut bits, mut count) = (0_u32, 0_u32);
    for letter in text.bytes() {
        bits = bits << 6 | u32::from(value(letter)?);
        count += 6;
        if count >= 8 {
            count -= 8;
            *places.next()? = (bits >> count & 0xff) as u8;
        }
    }
    // What is left is less than a letter, and zero: else there were other spellings of the same bytes.
    let is_whole = count < 6 && bits & ((1 << count) - 1) == 0;
    (is_whole && places.next().is_none()).then_some(())
}

const fn value(letter: u8) -> Option<u8> {
    match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a' + 26),
        b'0'..=b'9' => Some(letter - b'0' + 52),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_examples_of_the_standard_are_written_and_read() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg"),
            ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encode(bytes.as_bytes()), text);
            let mut read = vec![0; bytes.len()];
            assert_eq!(decode(text, &mut read), Some(()), "{text}");
            assert_eq!(read, bytes.as_bytes());
        }
        assert_eq!(encode(&[0xfb, 0xff]), "-_8");
    }

    #[test]
    fn other_spellings_and_other_lengths_are_refused() {
        for text in [
            "Zh", "Zg=", "Zg==", "Z", "Zg ", "Zm9v", "+g", "/g", "Zé", "",
        ] {
            assert_eq!(decode(text, &mut [0]), None, "{text}");
        }
        assert_eq!(decode("Zm9", &mut [0; 2]), None, "bits that are left over");
    }

    proptest! {
        #[test]
        fn bytes_come_back_and_each_text_is_the_only_one(
            bytes in prop::collection::vec(any::<u8>(), 0..40),
            text in "[A-Za-z0-9_-]{0,12}",
        ) {
            let mut read = vec![0; bytes.len()];
            prop_assert_eq!(decode(&encode(&bytes), &mut read), Some(()));
            prop_assert_eq!(read, bytes);
            let mut read = vec![0; text.len() * 3 / 4];
            if decode(&text, &mut read).is_some() {
                prop_assert_eq!(encode(&read), text);
            }
        }
    }
}
