//! The line in a plain text email, where the page's address stands in a line of its own.

use super::line::Line;
use super::pixel::Pixels;

/// What stands between what was typed and the line, and between its words and the address.
const GAP: &str = "\n\n";
const BREAK: &str = "\n";

/// `text` with the line at the end of what was typed, before a signature and any quote.
#[must_use]
pub fn with_line(text: &str, line: &Line) -> String {
    let (typed, behind) = text.split_at(end(text));
    [
        typed,
        GAP,
        &line.pieces().concat(),
        BREAK,
        &line.url,
        BREAK,
        behind,
    ]
    .concat()
}

/// `text` as it was before a line was put in. Of an own line that is not all ours, as in a quote, the
/// address goes alone.
#[must_use]
pub fn without_lines(text: &str, pixels: &Pixels) -> String {
    let mut rest = text;
    let mut out = String::with_capacity(text.len());
    while let Some(start) = rest.find("http") {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let length = from.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>'));
        let (url, behind) = from.split_at(length.unwrap_or(from.len()));
        rest = behind;
        if !pixels.is_own_page(url) {
            out.push_str(url);
        } else if let Some(typed) = typed_before(&out, pixels)
            && let Some(behind) = behind.strip_prefix(BREAK)
        {
            out.truncate(typed);
            rest = behind;
        }
    }
    out + rest
}

/// Where what was typed ends, if `text` ends with the words of a line of ours and a break.
fn typed_before(text: &str, pixels: &Pixels) -> Option<usize> {
    let text = text.strip_suffix(BREAK)?;
    pixels.words().iter().find_map(|words| {
        let words = words.text.replace(['[', ']'], "");
        Some(text.strip_suffix(&words)?.strip_suffix(GAP)?.len())
    })
}

/// Where what was typed ends: at a signature's dashes, or at the paragraph that introduces a quote.
fn end(text: &str) -> usize {
    let mut paragraph = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        match line.trim_end_matches(['\r', '\n']) {
            "--" | "-- " => return at,
            quoted if quoted.starts_with('>') => return paragraph,
            blank if blank.trim().is_empty() => paragraph = at + line.len(),
            _ => {}
        }
        at += line.len();
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{AccountId, MessageId, ServerKey};
    use crate::mail::insertion::Recipe;
    use crate::mail::mode::Mode;
    use crate::mail::wordings::words;
    use crate::seal::SealKey;
    use crate::time::Millis;
    use proptest::prelude::*;

    fn pixels() -> Pixels {
        let account = AccountId([1; 8]);
        let key = ServerKey([3; 32]).account_key(account);
        Pixels::new("https://kaifu.example.org", account, key)
            .with_lines(SealKey([6; 32]), words("en", &[]))
    }

    fn line(text: &str) -> Line {
        let (pixels, mode) = (&pixels(), Mode::Receipt);
        let recipe = Recipe { pixels, mode };
        let insertion = recipe.insertion(MessageId([9; 8]), Millis(1_790_000_000_000), text);
        insertion.unwrap().line().unwrap().clone()
    }

    #[test]
    fn the_line_stands_before_signature_and_quote() {
        let quote = "On Monday, Ann wrote:\n> Hello\n>\n> there\n";
        for (typed, behind) in [
            ("", ""),
            ("Hello", ""),
            ("Hello\n\nthere\n", "-- \nAnn\n"),
            ("Hello\n\n", quote),
            ("Hello\r\n\r\n", "> there"),
            ("Hello\n", "--\nAnn\n\nOn Monday:\n> Hello"),
            ("a -- b\n---\n5 > 4", ""),
        ] {
            let line = line(typed);
            let text = [typed, behind].concat();
            let with = with_line(&text, &line);
            let words =
                "Once you've read this, please press \"I've read this\" here. No reply needed.";
            assert_eq!(with, format!("{typed}\n\n{words}\n{}\n{behind}", line.url));
            assert_eq!(without_lines(&with, &pixels()), text);
        }
    }

    #[test]
    fn an_older_address_goes_out_of_a_quote_and_no_other() {
        let url = line("Hello").url;
        for (text, expected) in [
            (
                format!("a\n> see\n> {url}\n> b"),
                "a\n> see\n> \n> b".to_owned(),
            ),
            (format!("a {url}"), "a ".to_owned()),
            (format!("<{url}>"), "<>".to_owned()),
            (
                format!("a\n\nSee here\n{url}\n"),
                "a\n\nSee here\n\n".to_owned(),
            ),
            (
                "http https://a.example/r/ http".to_owned(),
                "http https://a.example/r/ http".to_owned(),
            ),
        ] {
            assert_eq!(without_lines(&text, &pixels()), expected);
        }
    }

    proptest! {
        #[test]
        fn what_is_put_in_comes_out_again(text in "(\\PC{0,9}|[>\n\r -]|https?://|\n\n|-- \n|お世話)*") {
            prop_assert_eq!(without_lines(&text, &pixels()), text.as_str());
            let with = with_line(&text, &line(&text));
            prop_assert_eq!(without_lines(&with, &pixels()), text);
        }
    }
}
