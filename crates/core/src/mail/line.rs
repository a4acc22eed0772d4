//! The line in an email that tells its recipients what the email does, with a link to their page.

use super::mode::Mode;

/// What a language is written in, as far as the languages of the lines must be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Script {
    /// Kana and kanji.
    Japanese,
    /// Latin letters.
    Latin,
}

impl Script {
    /// What `html` is written in; `None` where it has too few letters to tell, or others.
    ///
    /// A quarter of Japanese letters is enough: names and addresses stand in Latin ones in every
    /// language, and a Japanese letter is worth a syllable or a word. Without kana it may be Chinese.
    #[must_use]
    pub fn of(html: &str) -> Option<Self> {
        let (mut kana, mut kanji, mut latin) = (0_u32, 0_u32, 0_u32);
        let mut end = None;
        for letter in html.chars() {
            match (letter, end) {
                (_, Some(awaited)) => end = end.filter(|_| letter != awaited),
                ('<', _) => end = Some('>'),
                ('&', _) => end = Some(';'),
                ('\u{3041}'..='\u{30ff}', _) => kana += 1,
                ('\u{4e00}'..='\u{9fff}', _) => kanji += 1,
                ('A'..='Z' | 'a'..='z' | '\u{c0}'..='\u{24f}', _) => latin += 1,
                _ => {}
            }
        }
        if kana > 0 && 3 * (kana + kanji) >= latin {
            Some(Self::Japanese)
        } else {
            (latin > 3 && latin > kanji).then_some(Self::Latin)
        }
    }
}

/// The words of a line in one language. What stands in brackets is the link; without any, all is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// What the language is written in.
    pub script: Script,
    /// The mode that they are for.
    pub mode: Mode,
    /// The words.
    pub text: String,
}

impl Words {
    /// Of `all`, those for `mode` in the language of `html`, or the first for it where it does not say.
    #[must_use]
    pub fn for_text<'a>(all: &'a [Self], mode: Mode, html: &str) -> Option<&'a Self> {
        let script = Script::of(html);
        let mut own = all.iter().filter(|words| words.mode == mode);
        let first = own.next()?;
        let is_its = |words: &&Self| Some(words.script) == script;
        Some(
            std::iter::once(first)
                .chain(own)
                .find(is_its)
                .unwrap_or(first),
        )
    }
}

/// The line of one email.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its words, the link in brackets.
    pub words: String,
    /// The address of the recipient's page.
    pub url: String,
}

impl Line {
    /// Its text before the link, in it, and behind it.
    #[must_use]
    pub fn pieces(&self) -> [&str; 3] {
        let marked = self.words.split_once('[').and_then(|(before, rest)| {
            let (link, after) = rest.split_once(']')?;
            (!link.is_empty()).then_some([before, link, after])
        });
        marked.unwrap_or(["", &self.words, ""])
    }

    /// Its HTML, spelled as browsers spell the element that it is: a paragraph with one link, and
    /// nothing that hides or marks it.
    #[must_use]
    pub fn html(&self) -> String {
        let [before, link, after] = self.pieces().map(escape);
        let tag = link_tag(&self.url);
        ["<p>", &before, &tag, &link, "</a>", &after, "</p>"].concat()
    }
}

/// The tag of a link to `url`.
pub(crate) fn link_tag(url: &str) -> String {
    ["<a href=\"", &escape_attribute(url), "\">"].concat()
}

/// A text as browsers write it into an attribute.
pub(crate) fn escape_attribute(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;")
}

/// A text as browsers write it between tags
/// (<https://html.spec.whatwg.org/multipage/parsing.html#escapingString>).
fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('\u{a0}', "&nbsp;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::wordings::words;

    fn line(words: &str) -> Line {
        Line {
            words: words.to_owned(),
            url: "https://kaifu.example.org/r/a#b".to_owned(),
        }
    }

    #[test]
    fn the_link_is_what_stands_in_brackets() {
        let open = "<a href=\"https://kaifu.example.org/r/a#b\">";
        for (words, expected) in [
            ("See [here].", format!("<p>See {open}here</a>.</p>")),
            (
                "[a] & <b>\u{a0}",
                format!("<p>{open}a</a> &amp; &lt;b&gt;&nbsp;</p>"),
            ),
            ("See here", format!("<p>{open}See here</a></p>")),
            ("See [here", format!("<p>{open}See [here</a></p>")),
            ("]a[", format!("<p>{open}]a[</a></p>")),
            ("a []", format!("<p>{open}a []</a></p>")),
            ("a [b] [c]", format!("<p>a {open}b</a> [c]</p>")),
        ] {
            assert_eq!(line(words).html(), expected);
        }
    }

    #[test]
    fn the_language_is_that_of_the_letters() {
        use Script::{Japanese, Latin};
        for (html, expected) in [
            ("", None),
            ("<div dir=\"ltr\"><br></div>", None),
            ("OK", None),
            ("12:30 &nbsp; 😀", None),
            ("Hello", Some(Latin)),
            ("<div dir=\"ltr\">Grüße</div>", Some(Latin)),
            ("お世話になっております。", Some(Japanese)),
            ("はい", Some(Japanese)),
            (
                "<div style=\"font-family:sans-serif\">了解です</div>",
                Some(Japanese),
            ),
            ("Kaifu Project の GitHub を見てください。", Some(Japanese)),
            (
                "Please see the page of 開封 or ask me about の and so on.",
                Some(Latin),
            ),
            ("今日我们开会", None),
            ("请看 https://example.org/today 好", Some(Latin)),
            ("Добрый день", None),
            ("Dear 佐藤 様", Some(Latin)),
            ("a < b", None),
        ] {
            assert_eq!(Script::of(html), expected, "{html}");
        }
    }

    #[test]
    fn words_follow_the_text_and_else_the_interface() {
        for (interface, html, expected) in [
            ("ja", "Hello", Script::Latin),
            ("ja", "OK", Script::Japanese),
            ("en", "OK", Script::Latin),
            ("en", "承知しました", Script::Japanese),
            ("en", "Добрый день", Script::Latin),
        ] {
            let all = words(interface, &[]);
            for mode in [Mode::Notice, Mode::Receipt, Mode::Both, Mode::Consent] {
                let found = Words::for_text(&all, mode, html).unwrap();
                assert_eq!((found.script, found.mode), (expected, mode), "{html}");
            }
            assert_eq!(Words::for_text(&all, Mode::Image, html), None);
        }
        assert_eq!(Words::for_text(&[], Mode::Notice, "Hello"), None);
    }
}
