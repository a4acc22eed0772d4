//! The names by which records say what is an enum elsewhere.

use kaifu_core::fetch;
use kaifu_protocol::api::{Claim, Class, Kind};

/// The name of a class: core's stable code.
pub(super) fn class(class: Class) -> String {
    fetch::Class::from(class).code().to_owned()
}

/// The class of that name.
pub(super) fn class_of(name: &str) -> Class {
    let known = fetch::Class::ALL.iter().find(|known| known.code() == name);
    known.map_or(Class::Unknown, |&known| known.into())
}

const KINDS: [(Kind, &str); 5] = [
    (Kind::Pixel, "pixel"),
    (Kind::Link, "link"),
    (Kind::Read, "read"),
    (Kind::Refuse, "refuse"),
    (Kind::Other, "other"),
];

const CLAIMS: [(Claim, &str); 3] = [
    (Claim::Likely, "likely"),
    (Claim::No, "no"),
    (Claim::Unknown, "unknown"),
];

/// The name of what happened.
pub(super) fn kind(kind: Kind) -> String {
    name(&KINDS, kind)
}

/// What happened, by its name.
pub(super) fn kind_of(name: &str) -> Kind {
    of(&KINDS, name).unwrap_or(Kind::Other)
}

/// The name of a claim.
pub(super) fn claim(claim: Claim) -> String {
    name(&CLAIMS, claim)
}

/// The claim of that name.
pub(super) fn claim_of(name: &str) -> Claim {
    of(&CLAIMS, name).unwrap_or(Claim::Unknown)
}

fn name<T: Copy + PartialEq>(names: &[(T, &str)], value: T) -> String {
    let found = names.iter().find(|(it, _)| *it == value);
    found
        .map(|(_, name)| (*name).to_owned())
        .unwrap_or_default()
}

fn of<T: Copy>(names: &[(T, &str)], name: &str) -> Option<T> {
    let found = names.iter().find(|(_, it)| *it == name);
    found.map(|(value, _)| *value)
}
