//! Whom emails may follow: what recipients said for themselves, by address.

use super::mode::Mode;

/// What is known of how people stand to being tracked: their addresses, whatever the case of the letters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consents {
    /// Those who do not want it.
    pub declined: Vec<String>,
    /// Those who were asked and have not said anything.
    pub asked: Vec<String>,
    /// Those who agreed.
    pub agreed: Vec<String>,
}

impl Consents {
    /// Whether one of `recipients` does not want to be tracked.
    pub fn is_declined<'a>(&self, mut recipients: impl Iterator<Item = &'a str>) -> bool {
        recipients.any(|address| has(&self.declined, address))
    }

    /// What an email to `recipients` that is to be in `mode` may be where nobody is tracked without having
    /// agreed: who was never asked and is its only recipient is asked, all others for a receipt.
    #[must_use]
    pub fn strictly(&self, mode: Mode, recipients: &[&str]) -> Mode {
        let all_agreed = recipients.iter().all(|address| has(&self.agreed, address));
        if !mode.has_image() || (all_agreed && !recipients.is_empty()) {
            return mode;
        }
        match recipients {
            [only] if !has(&self.asked, only) && !has(&self.declined, only) => Mode::Consent,
            _ => Mode::Receipt,
        }
    }
}

fn has(addresses: &[String], address: &str) -> bool {
    (addresses.iter()).any(|known| known.eq_ignore_ascii_case(address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn consents() -> Consents {
        let list = |address: &str| vec![address.to_owned()];
        Consents {
            declined: list("no@example.com"),
            asked: list("asked@example.com"),
            agreed: list("yes@example.com"),
        }
    }

    #[test]
    fn only_who_agreed_gets_an_image() {
        use Mode::{Both, Consent, Image, Receipt};
        for (mode, recipients, expected) in [
            (Image, &["yes@example.com"][..], Image),
            (Both, &["YES@example.COM"], Both),
            (Image, &["new@example.com"], Consent),
            (Both, &["new@example.com"], Consent),
            (Image, &["asked@example.com"], Receipt),
            (Image, &["no@example.com"], Receipt),
            (Image, &["yes@example.com", "new@example.com"], Receipt),
            (Image, &["new@example.com", "newer@example.com"], Receipt),
            (Image, &[], Receipt),
            (Receipt, &["new@example.com"], Receipt),
            (Consent, &["yes@example.com"], Consent),
        ] {
            let found = consents().strictly(mode, recipients);
            assert_eq!(found, expected, "{mode:?} {recipients:?}");
        }
    }

    #[test]
    fn one_who_declined_is_enough() {
        let is_declined = |list: &[&str]| consents().is_declined(list.iter().copied());
        assert!(is_declined(&["yes@example.com", "No@Example.com"]));
        assert!(!is_declined(&["yes@example.com", "nono@example.com"]));
        assert!(!is_declined(&[]));
    }

    proptest! {
        #[test]
        fn an_image_goes_only_where_all_agreed(
            mode in prop::sample::select(&Mode::ALL[..]),
            recipients in prop::collection::vec(
                prop::sample::select(vec![
                    "yes@example.com", "no@example.com", "asked@example.com", "new@example.com",
                ]),
                0..4,
            ),
        ) {
            let strict = consents().strictly(mode, &recipients);
            let all_agreed = recipients.iter().all(|it| *it == "yes@example.com");
            prop_assert!(!strict.has_image() || (all_agreed && !recipients.is_empty()));
            prop_assert!(strict != Mode::Consent || mode == strict || recipients.len() == 1);
        }
    }
}
