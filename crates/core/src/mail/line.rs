//! The line in which an email tells its recipients what it asks of them, with the link to their page.

use super::html;
use super::mode::Mode;

/// What the element of the line looks like: quiet, and large enough to read.
pub const STYLE: &str = "margin-top:8px;color:#5f6368;font-size:12px";

/// How much of an email is read to find out its language, in bytes.
const READ_BYTES: usize = 20_000;

/// How many texts there are for each language: first its name, what it calls itself and its signs, which is what is frequent
/// in its texts and seldom in others', with commas between, small words with a blank on either side or
/// letters. Then one sentence for each of [`Mode::ALL`], in which brackets stand around the words of the
/// link; where there are none, all of it is.
pub const TEXTS: usize = 3 + Mode::ALL.len();

/// A language that a line can speak, by the name of its folder among the locales, such as `ja` or `pt_BR`.
///
/// The letters stand in a number, the last one lowest, as that is the least to copy and to compare.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language(u64);

impl Language {
    /// The language of this name; `None` where it is no name of a language.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let mut letters = 0;
        for byte in name.bytes() {
            if letters >> 40 != 0 || !(byte.is_ascii_alphabetic() || byte == b'_') {
                return None;
            }
            letters = letters << 8 | u64::from(byte);
        }
        (letters != 0).then_some(Self(letters))
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> String {
        let letters = self.0.to_be_bytes();
        let letters = letters.into_iter().filter(|byte| *byte != 0);
        letters.map(char::from).collect()
    }
}

impl std::fmt::Debug for Language {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.name())
    }
}

/// What a line can say in one language.
#[derive(Clone, Copy, Debug)]
pub struct Lines<'a>(&'a [String]);

impl<'a> Lines<'a> {
    /// What a line can say in each language of `texts`, which has [`TEXTS`] for each.
    pub fn all(texts: &'a [String]) -> impl Iterator<Item = Self> {
        texts.chunks_exact(TEXTS).map(Self)
    }

    /// In `language`, where there are texts in it, else in the one that `html` is written in, without what
    /// it quotes; in the first one where nothing tells.
    #[must_use]
    pub fn of(html: &str, language: Option<Language>, texts: &'a [String]) -> Option<Self> {
        let language = language.map(Language::name);
        let is_chosen = |lines: &Self| Some(lines.name()) == language.as_deref();
        if let Some(chosen) = Self::all(texts).find(is_chosen) {
            return Some(chosen);
        }
        let typed = html::read(html).quote.and_then(|end| html.get(..end));
        let words = words(typed.unwrap_or(html));
        let (mut best, mut most) = (Self::all(texts).next(), 0);
        for lines in Self::all(texts) {
            let signs = lines.0[2].split(',').filter(|sign| !sign.is_empty());
            let count: usize = signs.map(|sign| occurrences(&words, sign)).sum();
            if count > most {
                (best, most) = (Some(lines), count);
            }
        }
        best
    }

    /// The language's name.
    #[must_use]
    pub fn name(self) -> &'a str {
        &self.0[0]
    }

    /// What the language calls itself.
    #[must_use]
    pub fn own_name(self) -> &'a str {
        &self.0[1]
    }

    /// What the line of an email in `mode` says, if there are words for that.
    #[must_use]
    pub fn sentence(self, mode: Mode) -> Option<&'a str> {
        let sentence = &*self.0[3 + mode as usize];
        (!sentence.is_empty()).then_some(sentence)
    }
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

/// What stands before the first `mark` of `text`, which is ASCII, and behind it. The standard library's is
/// a kilobyte in the panel.
#[must_use]
pub fn cut(text: &str, mark: u8) -> Option<(&str, &str)> {
    let place = text.bytes().position(|byte| byte == mark)?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}

/// What stands before the link of `sentence`, in it and behind it.
#[must_use]
pub fn parts(sentence: &str) -> [&str; 3] {
    let parts = cut(sentence, b'[').and_then(|(before, rest)| {
        let (link, after) = cut(rest, b']')?;
        (link.bytes().any(|byte| byte != b' ')).then_some([before, link, after])
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
            [
                "en",
                "English",
                " the , and , you , to , is , of ",
                "en",
                "",
                "",
                "en",
            ],
            [
                "de",
                "Deutsch",
                " der , die , und , ich , nicht , sie ",
                "de",
                "",
                "",
                "de",
            ],
            ["ja", "日本語", "の,は,を,に,で,す,ま", "ja", "", "", "ja"],
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
            let found = Lines::of(html, None, &languages).unwrap();
            assert_eq!(found.name(), expected, "{html}");
            assert_eq!(found.sentence(Mode::Image), Some(expected));
        }
        assert!(Lines::of("the", None, &[]).is_none());
    }

    #[test]
    fn a_language_that_was_chosen_holds_whatever_the_email_is_written_in() {
        let languages = languages();
        for (chosen, expected) in [("ja", "ja"), ("en", "en"), ("fr", "de")] {
            let found = Lines::of("<p>Ich und die", Language::new(chosen), &languages);
            assert_eq!(found.unwrap().name(), expected, "{chosen}");
        }
    }

    #[test]
    fn a_language_has_a_short_name_of_letters() {
        for (name, is_one) in [
            ("ja", true),
            ("pt_BR", true),
            ("", false),
            ("j/", false),
            ("日本", false),
            ("longest", false),
        ] {
            let language = Language::new(name);
            assert_eq!(language.is_some(), is_one, "{name}");
            assert!(language.is_none_or(|it| it.name() == name));
        }
    }

    #[test]
    fn a_mode_without_words_has_no_line() {
        let languages = languages();
        let lines = Lines::of("", None, &languages).unwrap();
        let all = Mode::ALL.map(|mode| lines.sentence(mode));
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
