//! The line in which an email tells its recipients what it asks of them, with the link to their page.

use super::html;
use super::mode::Mode;

/// What the element of the line looks like: quiet, and large enough to read.
pub const STYLE: &str = "margin-top:8px;color:#5f6368;font-size:12px";

/// How much of an email is read to find out its language, in bytes.
const READ_BYTES: usize = 20_000;

/// How many texts there are for each language: first its signs, which is what is frequent in its texts and
/// seldom in others', with commas between, small words with a blank on either side or letters. Then one
/// sentence for each of [`Mode::ALL`], in which brackets stand around the words of the link; where there
/// are none, all of it is. A sentence is empty where there is to be no line.
pub const TEXTS: usize = 1 + Mode::ALL.len();

/// What the line of an email in `mode` says, if it is to have one, in the language that `html` is written
/// in, without what it quotes. `texts` are [`TEXTS`] for each language; the first one's where nothing
/// tells.
#[must_use]
pub fn sentence<'a>(html: &str, texts: &'a [String], mode: Mode) -> Option<&'a str> {
    let typed = html::read(html).quote.and_then(|end| html.get(..end));
    let words = words(typed.unwrap_or(html));
    let (mut best, mut most) = (0, 0);
    for place in (0..texts.len()).step_by(TEXTS) {
        let signs = texts[place].split(',').filter(|sign| !sign.is_empty());
        let count: usize = signs.map(|sign| occurrences(&words, sign)).sum();
        if count > most {
            (best, most) = (place, count);
        }
    }
    let sentence = texts.get(best + 1 + mode as usize)?.trim();
    (!sentence.is_empty()).then_some(sentence)
}

/// The words of a text with one blank before and behind each, without tags, in lower case as far as
/// ASCII goes.
fn words(html: &str) -> String {
    let mut words = String::from(" ");
    let mut in_tag = false;
    for character in html.chars() {
        match character {
            '<' => in_tag = true,
            '>' => in_tag = false,
            _ => {}
        }
        if words.len() > READ_BYTES {
            break;
        }
        if !in_tag && (character.is_ascii_alphabetic() || !character.is_ascii()) {
            words.push(character.to_ascii_lowercase());
        } else if !words.ends_with(' ') {
            words.push(' ');
        }
    }
    words.push(' ');
    words
}

fn occurrences(text: &str, sign: &str) -> usize {
    let windows = text.as_bytes().windows(sign.len());
    windows.filter(|window| *window == sign.as_bytes()).count()
}

/// What stands before the link of `sentence`, in it and behind it.
#[must_use]
pub fn parts(sentence: &str) -> [&str; 3] {
    let parts = sentence.split_once('[').and_then(|(before, rest)| {
        let (link, after) = rest.split_once(']')?;
        (!link.trim().is_empty()).then_some([before, link, after])
    });
    parts.unwrap_or(["", sentence, ""])
}

/// The HTML of the line that says `sentence` and leads to `link`.
#[must_use]
pub fn element(sentence: &str, link: &str) -> String {
    let [before, words, after] = parts(sentence);
    let mut html = String::new();
    for (piece, is_text) in [
        ("<div style=\"", false),
        (STYLE, false),
        ("\">", false),
        (before, true),
        (&link_tag(link), false),
        (words, true),
        ("</a>", false),
        (after, true),
        ("</div>", false),
    ] {
        if is_text {
            escape(&mut html, piece);
        } else {
            html.push_str(piece);
        }
    }
    html
}

/// The tag of the link that leads to `link`.
pub(super) fn link_tag(link: &str) -> String {
    let mut tag = String::from("<a href=\"");
    escape(&mut tag, link);
    tag.push_str("\">");
    tag
}

/// Appends `text` so that it stands for itself in HTML.
pub(super) fn escape(html: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            other => html.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn languages() -> Vec<String> {
        let languages = [
            [" the , and , you , to , is , of ", "en", "", " ", "en"],
            [" der , die , und , ich , nicht , sie ", "de", "", " ", "de"],
            ["の,は,を,に,で,す,ま", "ja", "", " ", "ja"],
        ];
        languages.concat().into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn the_line_speaks_the_emails_own_language() {
        for (html, expected) in [
            ("", "en"),
            ("12:30 +81 3 5555", "en"),
            (
                "<div>Please see the notes and tell me what you think.</div>",
                "en",
            ),
            (
                "<p>Ich habe die Unterlagen und den Plan nicht gefunden.",
                "de",
            ),
            ("資料をお送りします。ご確認ください。", "ja"),
            // A tag's words are no words of the email.
            ("<div title=\"the and you\">資料をお送りします</div>", "ja"),
            ("The Kaifu 会議の資料です。FYI: the plan.", "ja"),
            ("DER PLAN, DIE LISTE", "de"),
            ("你好,请查收附件", "en"),
            (
                "確認しました。<div class=gmail_quote>Did you see the notes?</div>",
                "ja",
            ),
        ] {
            let languages = languages();
            let found = sentence(html, &languages, Mode::Image);
            assert_eq!(found, Some(expected), "{html}");
        }
        assert_eq!(sentence("the", &[], Mode::Image), None);
    }

    #[test]
    fn a_mode_without_words_has_no_line() {
        let of = |mode| sentence("", &languages(), mode).map(str::to_owned);
        let all = Mode::ALL.map(of);
        assert_eq!(all.map(|it| it.is_some()), [true, false, false, true]);
    }

    #[test]
    fn brackets_stand_around_the_link_and_all_is_a_link_without_them() {
        for (sentence, expected) in [
            ("See [here].", ["See ", "here", "."]),
            ("[here]", ["", "here", ""]),
            ("See here", ["", "See here", ""]),
            ("See [] here", ["", "See [] here", ""]),
            ("See [here", ["", "See [here", ""]),
            ("a ] b [c] [d]", ["a ] b ", "c", " [d]"]),
        ] {
            assert_eq!(parts(sentence), expected, "{sentence}");
        }
    }

    #[test]
    fn the_users_own_words_stay_words() {
        assert_eq!(
            element("a<b & \"[c>]\"", "https://kaifu.example/r/x?a&b#k"),
            "<div style=\"margin-top:8px;color:#5f6368;font-size:12px\">a&lt;b &amp; &quot;\
             <a href=\"https://kaifu.example/r/x?a&amp;b#k\">c&gt;</a>&quot;</div>"
        );
    }
}
