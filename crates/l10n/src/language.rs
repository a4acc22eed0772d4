//! The one choice of language.

/// Every language that there are texts in, by the name of its folder.
pub const ALL: &[&str] = &["de", "en", "ja"];

/// The language where the locale's own name of it is missing, as where its files are gone.
const FALLBACK: &str = "en";

/// The language tag for times and amounts beside texts in the language `texts`, in a browser whose
/// interface speaks `interface`: the language of the texts, with the country of the interface where
/// that speaks the same language.
///
/// Intl throws a `RangeError` at a tag that is not well-formed, and Chrome on a system without a
/// locale says `en-US@posix`. So nothing is taken over but two letters, which are always well-formed
/// (<https://www.rfc-editor.org/rfc/rfc5646#section-2.1>), whatever stands there.
#[must_use]
pub fn tag(texts: &str, interface: &str) -> String {
    let texts = if texts.is_empty() { FALLBACK } else { texts };
    let mut tag = texts.to_owned();
    if let Some([b'-', first, second, rest @ ..]) =
        interface.as_bytes().strip_prefix(texts.as_bytes())
        && first.is_ascii_alphabetic()
        && second.is_ascii_alphabetic()
        && !rest.first().is_some_and(u8::is_ascii_alphanumeric)
    {
        tag.push('-');
        tag.push(char::from(*first));
        tag.push(char::from(*second));
    }
    tag
}

/// `amount` as it stands within a sentence of `language`: Intl puts a blank between a number and its
/// unit where the language itself is written without any.
#[must_use]
pub fn joined(language: &str, mut amount: String) -> String {
    if language.starts_with("ja") {
        amount.retain(|letter| letter != ' ');
    }
    amount
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_speak_the_language_of_the_texts() {
        for (texts, interface, expected) in [
            ("en", "en-GB", "en-GB"),
            ("en", "en-US@posix", "en-US"),
            ("en", "en_US.UTF-8", "en"),
            ("en", "en-Latn-150", "en"),
            ("en", "eng-GB", "en"),
            ("en", "en@posix", "en"),
            ("en", "en-", "en"),
            ("en", "C", "en"),
            ("ja", "ja", "ja"),
            ("en", "fr", "en"),
            ("en", "fr-GB", "en"),
            ("ja", "en-US", "ja"),
            ("en", "", "en"),
            ("", "en-GB", "en-GB"),
            ("", "ja", "en"),
        ] {
            assert_eq!(tag(texts, interface), expected, "{texts} {interface}");
        }
    }

    #[test]
    fn an_amount_is_written_as_its_language_is() {
        for (language, amount, expected) in [
            ("ja", "4 秒", "4秒"),
            ("ja-JP", "3 か月", "3か月"),
            ("en-GB", "4 seconds", "4 seconds"),
        ] {
            assert_eq!(joined(language, amount.to_owned()), expected);
        }
    }

    #[test]
    fn no_interface_brings_in_more_than_a_country() {
        // Everything of up to six characters from an alphabet that has each kind of them.
        let alphabet = ['e', 'n', '-', '@', '1', 'é'];
        for number in 0..alphabet.len().pow(6) {
            let mut rest = number;
            let interface: String = (0..6)
                .map(|_| {
                    let letter = alphabet[rest % alphabet.len()];
                    rest /= alphabet.len();
                    letter
                })
                .collect();
            let tag = tag("en", &interface);
            let country = tag.strip_prefix("en").unwrap();
            assert!(
                country.is_empty()
                    || country.strip_prefix('-').is_some_and(|country| {
                        country.len() == 2 && country.bytes().all(|it| it.is_ascii_alphabetic())
                    }),
                "{interface} became {tag}"
            );
        }
    }
}
