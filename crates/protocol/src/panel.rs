//! What a Gmail tab shows in the panel of one email's choices, and what that says.
//!
//! The panel is a program of its own, so both cross as text: reading and writing that weighs less in each
//! of them than an object would.

use kaifu_core::mail::line::{Lines, cut};
use kaifu_core::mail::manner::Manner;
use kaifu_core::mail::mode::Mode;

/// How many fields stand before the lines.
const FIELDS: usize = 6;

/// What the panel is told to show.
#[derive(Clone, Copy, Debug, Default)]
pub struct Told<'a> {
    /// How the email is to be tracked; `None` where it is not to be.
    pub how: Option<Manner>,
    /// What it is instead where it is to have an image and not all of its recipients agreed to that.
    pub instead: Option<Mode>,
    /// Whether each email has a line, whatever is chosen.
    pub needs_line: bool,
    /// Whether it has one where its mode does not need one and nothing is chosen.
    pub tells: bool,
    /// The name of the language that it is written in.
    pub language: &'a str,
    /// The key of the text that says why it cannot be tracked; empty where it can be.
    pub obstacle: &'a str,
    /// Core's `line::TEXTS` for each language, each of them one line.
    pub lines: &'a [String],
}

impl Told<'_> {
    /// As text.
    #[must_use]
    pub fn write(&self) -> String {
        let flag = |is_set: bool| if is_set { "1" } else { "" };
        let how = self.how.map(Manner::code).unwrap_or_default();
        let fields: [&str; FIELDS] = [
            &how,
            self.instead.map_or("", Mode::name),
            flag(self.needs_line),
            flag(self.tells),
            self.language,
            self.obstacle,
        ];
        let mut text = String::new();
        for field in fields
            .into_iter()
            .chain(self.lines.iter().map(|line| &**line))
        {
            text.push_str(field);
            text.push('\n');
        }
        text
    }
}

/// What the panel shows: a [`Told`] that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// As in [`Told`], like all that follow.
    pub how: Option<Manner>,
    #[expect(missing_docs, reason = "as in `Told`")]
    pub instead: Option<Mode>,
    #[expect(missing_docs, reason = "as in `Told`")]
    pub needs_line: bool,
    #[expect(missing_docs, reason = "as in `Told`")]
    pub tells: bool,
    #[expect(missing_docs, reason = "as in `Told`")]
    pub language: String,
    #[expect(missing_docs, reason = "as in `Told`")]
    pub obstacle: String,
    #[expect(missing_docs, reason = "as in `Told`")]
    pub lines: Vec<String>,
}

impl Shown {
    /// Out of text; `None` where it is another one's.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut fields = Vec::new();
        let mut rest = text;
        while let Some((field, behind)) = cut(rest, b'\n') {
            fields.push(field.to_owned());
            rest = behind;
        }
        if fields.len() < FIELDS {
            return None;
        }
        let lines = fields.split_off(FIELDS);
        let [how, instead, needs_line, tells, language, obstacle] = fields.try_into().ok()?;
        Some(Self {
            how: (!how.is_empty()).then(|| Manner::from_code(&how)),
            instead: Mode::from_name(&instead),
            needs_line: !needs_line.is_empty(),
            tells: !tells.is_empty(),
            language,
            obstacle,
            lines,
        })
    }

    /// What the email would be if it were sent now.
    #[must_use]
    pub fn mode(&self) -> Option<Mode> {
        let mode = self.how?.mode;
        Some(self.instead.filter(|_| mode.has_image()).unwrap_or(mode))
    }

    /// Whether its sender may choose whether it has a line.
    #[must_use]
    pub fn may_choose_line(&self) -> bool {
        self.obstacle.is_empty() && self.mode() == Some(Mode::Image) && !self.needs_line
    }

    /// Whether it has a line.
    #[must_use]
    pub fn has_line(&self) -> bool {
        let chosen = self.how.and_then(|how| how.line).unwrap_or(self.tells);
        let is_tracked = self.how.is_some() && self.obstacle.is_empty();
        is_tracked && (chosen || !self.may_choose_line())
    }

    /// What its line says in its language, and the name of that.
    #[must_use]
    pub fn line(&self) -> Option<(&str, &str)> {
        let (mode, chosen) = (self.mode()?, self.how?.language);
        let find = |name: &str| Lines::all(&self.lines).find(|lines| lines.name() == name);
        let chosen = chosen.and_then(|it| find(&it.name()));
        let lines = chosen.or_else(|| find(&self.language))?;
        Some((lines.name(), lines.sentence(mode)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown() -> Shown {
        let texts = [
            "en",
            "English",
            " the ",
            "Seen [here].",
            "Press [here].",
            "Both.",
            "May I?",
        ];
        let japanese = ["ja", "日本語", "の", "こちら", "確認", "両方", "同意"];
        Shown {
            how: Some(Mode::Image.into()),
            language: "ja".to_owned(),
            lines: texts
                .iter()
                .chain(&japanese)
                .map(|it| (*it).to_owned())
                .collect(),
            ..Shown::default()
        }
    }

    #[test]
    fn the_line_is_the_one_that_leaves() {
        let how = |code: &str| Some(Manner::from_code(code));
        for (change, has_line, line) in [
            (shown(), false, Some(("ja", "こちら"))),
            (
                Shown {
                    tells: true,
                    ..shown()
                },
                true,
                Some(("ja", "こちら")),
            ),
            (
                Shown {
                    tells: true,
                    how: how("image-"),
                    ..shown()
                },
                false,
                Some(("ja", "こちら")),
            ),
            (
                Shown {
                    how: how("image+/en"),
                    ..shown()
                },
                true,
                Some(("en", "Seen [here].")),
            ),
            (
                Shown {
                    how: how("image/fr"),
                    ..shown()
                },
                false,
                Some(("ja", "こちら")),
            ),
            (
                Shown {
                    how: how("receipt-"),
                    ..shown()
                },
                true,
                Some(("ja", "確認")),
            ),
            (
                Shown {
                    needs_line: true,
                    how: how("image-"),
                    ..shown()
                },
                true,
                Some(("ja", "こちら")),
            ),
            (
                Shown {
                    instead: Some(Mode::Consent),
                    needs_line: true,
                    ..shown()
                },
                true,
                Some(("ja", "同意")),
            ),
            (
                Shown {
                    instead: Some(Mode::Consent),
                    how: how("receipt"),
                    ..shown()
                },
                true,
                Some(("ja", "確認")),
            ),
            (
                Shown {
                    how: None,
                    tells: true,
                    ..shown()
                },
                false,
                None,
            ),
        ] {
            assert_eq!(
                (change.has_line(), change.line()),
                (has_line, line),
                "{change:?}"
            );
        }
    }

    #[test]
    fn a_line_can_be_chosen_only_where_the_mode_does_not_need_it() {
        let how = |code: &str| Some(Manner::from_code(code));
        for (change, may) in [
            (shown(), true),
            (
                Shown {
                    how: None,
                    ..shown()
                },
                false,
            ),
            (
                Shown {
                    how: how("both"),
                    ..shown()
                },
                false,
            ),
            (
                Shown {
                    needs_line: true,
                    ..shown()
                },
                false,
            ),
            (
                Shown {
                    instead: Some(Mode::Receipt),
                    ..shown()
                },
                false,
            ),
            (
                Shown {
                    obstacle: "toggle_declined".to_owned(),
                    ..shown()
                },
                false,
            ),
        ] {
            assert_eq!(change.may_choose_line(), may, "{change:?}");
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let full = Shown {
            how: Some(Manner::from_code("image-/ja")),
            instead: Some(Mode::Consent),
            needs_line: true,
            tells: true,
            obstacle: "toggle_declined".to_owned(),
            ..shown()
        };
        for shown in [full, shown(), Shown::default()] {
            let told = Told {
                how: shown.how,
                instead: shown.instead,
                needs_line: shown.needs_line,
                tells: shown.tells,
                language: &shown.language,
                obstacle: &shown.obstacle,
                lines: &shown.lines,
            };
            assert_eq!(Shown::read(&told.write()), Some(shown.clone()));
        }
        assert_eq!(Shown::read("image"), None);
    }
}
