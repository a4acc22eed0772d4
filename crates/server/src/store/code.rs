//! Small numbers for what is stored often. They are stored for years: never change or reuse one.

use kaifu_core::fetch::{Claim, Class};
use kaifu_core::state::EventKind;

pub(super) const fn of_kind(kind: EventKind) -> i64 {
    match kind {
        EventKind::Pixel => 1,
        EventKind::Link => 2,
        EventKind::Read => 3,
        EventKind::Refuse => 4,
        EventKind::Agree => 5,
        EventKind::Undo => 6,
    }
}

pub(super) const fn kind(code: i64) -> Option<EventKind> {
    match code {
        1 => Some(EventKind::Pixel),
        2 => Some(EventKind::Link),
        3 => Some(EventKind::Read),
        4 => Some(EventKind::Refuse),
        5 => Some(EventKind::Agree),
        6 => Some(EventKind::Undo),
        _ => None,
    }
}

/// The class's place in [`Class::ALL`], which never changes.
pub(super) fn of_class(class: Class) -> i64 {
    i64::try_from(class.place()).unwrap_or_default()
}

pub(super) fn class(code: i64) -> Class {
    let place = usize::try_from(code).ok();
    let class = place.and_then(|place| Class::ALL.get(place));
    class.copied().unwrap_or(Class::Unknown)
}

pub(super) const fn of_claim(claim: Claim) -> i64 {
    match claim {
        Claim::No => 0,
        Claim::Unknown => 1,
        Claim::Likely => 2,
    }
}

pub(super) const fn claim(code: i64) -> Claim {
    match code {
        0 => Claim::No,
        2 => Claim::Likely,
        _ => Claim::Unknown,
    }
}

/// The kinds of devices, by their codes from 1.
const DEVICES: &[&str] = &[
    "iPhone", "iPad", "iPod", "Android", "Windows", "ChromeOS", "Mac", "Apple", "Linux",
];

pub(super) fn of_device(device: &str) -> Option<i64> {
    let place = DEVICES.iter().position(|name| *name == device)?;
    i64::try_from(place + 1).ok()
}

pub(super) fn device(code: i64) -> Option<String> {
    let place = usize::try_from(code).ok()?.checked_sub(1)?;
    DEVICES.get(place).map(|&name| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_device_has_a_code() {
        for name in kaifu_core::fetch::devices() {
            assert_eq!(of_device(name).and_then(device).as_deref(), Some(name));
        }
        assert_eq!(
            (device(0), device(99), of_device("Watch")),
            (None, None, None)
        );
    }

    #[test]
    fn codes_are_read_as_written() {
        for code in 1..=6 {
            assert_eq!(kind(code).map(of_kind), Some(code));
        }
        for &known in Class::ALL {
            assert_eq!(class(of_class(known)), known);
        }
        for code in 0..=2 {
            assert_eq!(of_claim(claim(code)), code);
        }
    }

    #[test]
    fn what_a_newer_version_wrote_is_unknown() {
        assert_eq!(
            (kind(99), class(99), claim(99)),
            (None, Class::Unknown, Claim::Unknown)
        );
    }
}
