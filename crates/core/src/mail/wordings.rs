//! The lines' words in every language there is. Another language is one entry more.

use super::line::{Script, Words};
use super::mode::Mode;

/// The words of a line in one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wording {
    /// The language's tag, as the folders of the interface's texts are named.
    pub language: &'static str,
    /// What it is written in.
    pub script: Script,
    /// Of an email whose opens are noticed.
    pub notice: &'static str,
    /// Of one that asks for a press.
    pub receipt: &'static str,
    /// Of one that does both.
    pub both: &'static str,
    /// Of one that asks for consent.
    pub consent: &'static str,
}

/// Every wording. What stands in brackets is the link.
pub const WORDINGS: [Wording; 2] = [
    Wording {
        language: "en",
        script: Script::Latin,
        notice: "I've asked to be notified when this email is opened, because it matters. \
                 See what is recorded, or stop it, [here].",
        receipt: "Once you've read this, please press \"I've read this\" [here]. No reply needed.",
        both: "I've asked to be notified when this email is opened. Once you've read it, please \
               press \"I've read this\" [here] (no reply needed); you can also see or stop what is \
               recorded.",
        consent: "May I use open notices for important emails to you? You can answer [here]; not \
                  answering is fine.",
    },
    Wording {
        language: "ja",
        script: Script::Japanese,
        notice: "重要なご連絡のため、開封確認をさせていただいております。記録の確認や停止は、\
                 [こちらのページ]から行えます。",
        receipt: "お読みいただけましたら、[こちらのページ]で「確認しました」を押していただけますと\
                  幸いです。ご返信には及びません。",
        both: "開封確認をさせていただいております。お読みいただけましたら、[こちらのページ]で\
               「確認しました」を押していただけますと幸いです(ご返信には及びません)。記録の確認や\
               停止もこちらから行えます。",
        consent: "今後、大切なメールで開封確認を使ってもよろしければ、[こちら]で「同意する」を\
                  お選びください。お選びにならなくても差し支えありません。",
    },
];

impl Wording {
    /// The words for each mode that has a line.
    #[must_use]
    pub const fn texts(&self) -> [(Mode, &'static str); 4] {
        [
            (Mode::Notice, self.notice),
            (Mode::Receipt, self.receipt),
            (Mode::Both, self.both),
            (Mode::Consent, self.consent),
        ]
    }
}

/// The words of every wording, those in `language` first: they are used where the text of an email
/// does not say which language it is in. Words that the user has `changed` stand before those in whose
/// place they are; a line in a draft may still have the former.
#[must_use]
pub fn words(language: &str, changed: &[Words]) -> Vec<Words> {
    let is_other = |wording: &&Wording| !language.starts_with(wording.language);
    let (other, own): (Vec<&Wording>, Vec<_>) = WORDINGS.iter().partition(is_other);
    let mut all = Vec::new();
    for wording in own.into_iter().chain(other) {
        for (mode, text) in wording.texts() {
            let script = wording.script;
            let its = changed
                .iter()
                .find(|it| it.script == script && it.mode == mode);
            let text = text.to_owned();
            all.extend(its.cloned());
            all.push(Words { script, mode, text });
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wording_is_one_line_with_one_link() {
        for wording in WORDINGS {
            let texts = wording.texts();
            for mode in Mode::ALL {
                let has_words = texts.iter().any(|(it, _)| *it == mode);
                assert_eq!(has_words, mode.page().is_some(), "{mode:?}");
            }
            for (_, text) in texts {
                assert_eq!(text.matches('[').count(), 1, "{text}");
                assert_eq!(text.matches(']').count(), 1, "{text}");
                assert!(
                    !text.contains(['\n', '<', '\t']) && !text.contains("  "),
                    "{text}"
                );
                assert_eq!(Script::of(text), Some(wording.script), "{text}");
            }
        }
    }

    #[test]
    fn the_interfaces_language_comes_first() {
        for (language, first) in [
            ("en", Script::Latin),
            ("en-GB", Script::Latin),
            ("ja", Script::Japanese),
            ("fr", Script::Latin),
            ("", Script::Latin),
        ] {
            let all = words(language, &[]);
            assert_eq!(all.len(), 4 * WORDINGS.len());
            assert_eq!(all[0].script, first, "{language}");
            // Words that were changed take the place of their own kind alone.
            let changed = Words {
                script: Script::Japanese,
                mode: Mode::Both,
                text: "[x]".to_owned(),
            };
            let with = words(language, std::slice::from_ref(&changed));
            assert_eq!(with.len(), all.len() + 1);
            let found = |mode, html| Words::for_text(&with, mode, html).unwrap();
            assert_eq!(found(Mode::Both, "承知しました"), &changed);
            assert_ne!(found(Mode::Notice, "承知しました"), &changed);
            assert_eq!(found(Mode::Both, "Hello").script, Script::Latin);
            assert_eq!(found(Mode::Both, "").script, first);
        }
    }
}
