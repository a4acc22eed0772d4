//! The names by which records say what is an enum elsewhere.

use crate::store::kept::Missing;
use kaifu_core::fetch;
use kaifu_core::mail::manner::Manner;
use kaifu_core::mail::mode::Mode;
use kaifu_core::news::Again;
use kaifu_core::outcome::{Outcome, Signal};
use kaifu_protocol::api::{Claim, Class, Kind};

/// Defines the names of an enum's values, in a table and from each to the other. A value without a
/// name does not compile.
macro_rules! names {
    ($(#[$doc:meta])* $table:ident, $name:ident, $of:ident: $type:ident {
        $($variant:ident = $text:literal),+ $(,)?
    }) => {
        $(#[$doc])*
        pub(crate) const $table: &[($type, &str)] = &[$(($type::$variant, $text)),+];

        /// The name of `value`.
        pub(super) const fn $name(value: $type) -> &'static str {
            match value {
                $($type::$variant => $text,)+
            }
        }

        /// The value of that name; `None` for one that this version does not know.
        pub(super) fn $of(name: &str) -> Option<$type> {
            $table.iter().find(|(_, known)| *known == name).map(|(value, _)| *value)
        }
    };
}

names! {
    /// What can have become of an email.
    OUTCOMES, outcome, outcome_of: Outcome {
        Sent = "sent",
        Scheduled = "scheduled",
        Refused = "refused",
        Undone = "undone",
        Untracked = "untracked",
        Cancelled = "cancelled",
    }
}

names! {
    /// How that can be known.
    SIGNALS, signal, signal_of: Signal {
        Wire = "wire",
        Toast = "toast",
        List = "list",
        Form = "form",
        Dialog = "dialog",
        Typing = "typing",
        Editor = "editor",
        Fetch = "fetch",
    }
}

names! {
    /// How the user can be told of an email that is opened again.
    AGAIN, again, again_of: Again {
        Off = "off",
        Quiet = "quiet",
        Each = "each",
    }
}

names! {
    /// What a reminder can be about.
    MISSING, missing, missing_of: Missing {
        Open = "open",
        Confirmation = "confirmation",
    }
}

names! {
    /// What can have happened to an email.
    KINDS, kind, kind_of: Kind {
        Pixel = "pixel",
        Link = "link",
        Read = "read",
        Refuse = "refuse",
        Agree = "agree",
        Undo = "undo",
        Other = "other",
    }
}

names! {
    /// What can be claimed of it.
    CLAIMS, claim, claim_of: Claim {
        Likely = "likely",
        No = "no",
        Unknown = "unknown",
    }
}

/// The name of a class: core's stable code.
pub(super) fn class(class: Class) -> &'static str {
    fetch::Class::from(class).code()
}

/// The class of that name.
pub(super) fn class_of(name: &str) -> Class {
    let known = fetch::Class::ALL.iter().find(|known| known.code() == name);
    known.map_or(Class::Unknown, |&known| known.into())
}

/// The name of `mode`, where it is not the one that most emails have.
pub(super) fn mode(mode: Mode) -> Option<String> {
    (mode != Mode::default()).then(|| mode.name().to_owned())
}

/// The code of `how`, where it is not the one that most emails have.
pub(super) fn manner(how: Manner) -> Option<String> {
    (how != Manner::default()).then(|| how.code())
}

/// The manner of this code.
pub(super) fn manner_of(code: Option<String>) -> Manner {
    code.map_or_else(Manner::default, |code| Manner::from_code(&code))
}

/// The mode of this name.
pub(super) fn mode_of(name: Option<String>) -> Mode {
    name.map_or(Mode::default(), |name| kaifu_protocol::content::mode(&name))
}
