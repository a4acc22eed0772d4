//! What a Gmail tab shows in the panel of one email's choices, and what that says.
//!
//! The panel is a program of its own, so both cross as text: reading and writing that weighs less in each
//! of them than an object would.

use kaifu_core::mail::consent::Standing;
use kaifu_core::mail::line::{Lines, cut};
use kaifu_core::mail::manner::Manner;
use kaifu_core::mail::mode::Mode;

/// How many fields stand before the lines.
const FIELDS: usize = 5;

/// What the panel is told to show.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one thing that the panel shows or not"
)]
pub struct Told<'a> {
    /// How the email is to be tracked; `None` where it is not to be.
    pub how: Option<Manner>,
    /// Whether nobody is tracked without having agreed, and each email has a line, whatever is chosen.
    pub is_strict: bool,
    /// Whether all of its recipients agreed.
    pub is_agreed: bool,
    /// Whether it has one where its mode does not need one and nothing is chosen.
    pub tells: bool,
    /// The name of the language that it is written in.
    pub language: &'a str,
    /// The key of the text that says why it cannot be tracked; empty where it can be.
    pub obstacle: &'a str,
    /// The address of its only recipient; empty where it has none or several.
    pub address: &'a str,
    /// Whether each of `Standing::WISHES` holds about them.
    pub wishes: [bool; 3],
    /// Whether they can be asked for consent, once the sender says that they are one person.
    pub is_asking: bool,
    /// Core's `line::TEXTS` for each language, each of them one line.
    pub lines: &'a [String],
}

impl Told<'_> {
    /// As text.
    #[must_use]
    pub fn write(self) -> String {
        let how = self.how.map(Manner::code).unwrap_or_default();
        let [never, always, alone] = self.wishes;
        let flags = [
            self.is_strict,
            self.is_agreed,
            self.tells,
            self.is_asking,
            never,
            always,
            alone,
        ];
        let mut text = String::new();
        for is_set in flags {
            text.push_str(if is_set { "1" } else { "0" });
        }
        for field in ["", &how, self.language, self.obstacle, self.address] {
            text.push_str(field);
            text.push('\n');
        }
        for line in self.lines {
            text.push_str(line);
            text.push('\n');
        }
        text
    }
}

/// What the panel shows: a [`Told`] that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// As in [`Told`], like all that is not said otherwise.
    pub how: Option<Manner>,
    /// What it is instead where it is to have an image and not all of its recipients agreed to that.
    pub instead: Option<Mode>,
    /// Whether each email has a line, whatever is chosen.
    pub needs_line: bool,
    #[expect(missing_docs, reason = "as in `Told`")]
    pub tells: bool,
    #[expect(missing_docs, reason = "as in `Told`")]
    pub language: String,
    #[expect(missing_docs, reason = "as in `Told`")]
    pub obstacle: String,
    #[expect(missing_docs, reason = "as in `Told`")]
    pub address: String,
    #[expect(missing_docs, reason = "as in `Told`")]
    pub wishes: [bool; 3],
    #[expect(missing_docs, reason = "as in `Told`")]
    pub is_asking: bool,
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
        let [flags, how, language, obstacle, address] = fields.try_into().ok()?;
        let is_set = |place: usize| flags.as_bytes().get(place) == Some(&b'1');
        let (is_strict, is_agreed) = (is_set(0), is_set(1));
        let wishes = [4, 5, 6].map(is_set);
        let [.., is_alone] = wishes;
        let is_asking = is_set(3);
        let instead = if is_asking && is_alone {
            Mode::Consent
        } else {
            Mode::Receipt
        };
        Some(Self {
            how: (!how.is_empty()).then(|| Manner::from_code(&how)),
            instead: (is_strict && !is_agreed).then_some(instead),
            needs_line: is_strict,
            tells: is_set(2),
            language,
            obstacle,
            address,
            wishes,
            is_asking,
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

/// What the panel says where the user wishes something about an `address`, by its name: whether it holds from
/// now on. What else it says is a manner's code, which has no blank.
#[must_use]
pub fn wish(name: &str, holds: bool, address: &str) -> String {
    [name, if holds { " 1 " } else { " 0 " }, address].concat()
}

/// The wish that was said: what it is, whether it holds, and about whom.
#[must_use]
pub fn read_wish(said: &str) -> Option<(Standing, bool, &str)> {
    let (name, rest) = cut(said, b' ')?;
    let (holds, address) = cut(rest, b' ')?;
    Some((Standing::wish(name)?, holds == "1", address))
}

#[cfg(test)]
mod tests;
