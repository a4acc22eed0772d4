//! Programs that no rule names, and that call themselves something with "mail".

use super::platform::SYSTEMS_OF_PEOPLE;
use super::products::products_and_versions;

/// What a program with "mail" in its name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mail {
    /// A person's: it says on what system it runs.
    Program,
    /// One that looks at mail for somebody else, going by its name.
    Checker,
    /// It might be either.
    Unclear,
}

/// Beside "mail", what says that a program looks at mail and shows it to nobody: the checkers and
/// gateways are the very programs with such names. Our own judgement.
const CHECKERS: &[&str] = &[
    "check", "clean", "filter", "guard", "inspect", "marshal", "monitor", "probe", "protect",
    "scan", "sentry", "test", "validat", "verif",
];

/// What an agent in lower case is, if a product in it has "mail" in its name and a version.
pub(super) fn read(agent: &str) -> Option<Mail> {
    if !agent.contains("mail") {
        return None;
    }
    let mut before = "";
    for token in products_and_versions(agent) {
        let (name, version) = token.split_once('/').unwrap_or((token, ""));
        if name.contains("mail") && version.starts_with(|first: char| first.is_ascii_digit()) {
            return Some(if is_checker(name) || begins_as_checker(before) {
                Mail::Checker
            } else if SYSTEMS_OF_PEOPLE
                .iter()
                .any(|system| agent.contains(system))
            {
                Mail::Program
            } else {
                Mail::Unclear
            });
        }
        before = name;
    }
    None
}

/// Whether a name has one of the [`CHECKERS`] right before or behind its "mail".
fn is_checker(name: &str) -> bool {
    name.split_once("mail").is_some_and(|(before, after)| {
        let after = after.strip_prefix('s').unwrap_or(after);
        begins_as_checker(after.trim_start_matches(['-', '_', '.'])) || begins_as_checker(before)
    })
}

fn begins_as_checker(word: &str) -> bool {
    CHECKERS.iter().any(|checker| word.starts_with(checker))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_program_says_where_it_runs() {
        for (agent, expected) in [
            ("examplemail/2 cfnetwork/1 darwin/20", Some(Mail::Program)),
            (
                "protonmail/4.0 (android 14; x) okhttp/4.10.0",
                Some(Mail::Program),
            ),
            ("contestmail/1 (windows nt 10.0)", Some(Mail::Program)),
            ("example mail/3.1 (iphone; ios 18)", Some(Mail::Program)),
            ("mailman/3.3", Some(Mail::Unclear)),
            ("mailtrap/1.0", Some(Mail::Unclear)),
            ("emailverifier/1.0", Some(Mail::Checker)),
            ("mailtester/2.1", Some(Mail::Checker)),
            ("mail-cleaner/2020.11 (linux)", Some(Mail::Checker)),
            ("mailmarshal/10.0 (windows nt 10.0)", Some(Mail::Checker)),
            ("mailinspector/5.2", Some(Mail::Checker)),
            ("verify mail/1 (windows nt 10.0)", Some(Mail::Checker)),
            ("mail", None),
            ("x (mail/1)", None),
        ] {
            assert_eq!(read(agent), expected, "{agent}");
        }
    }
}
