//! Whom emails may follow: what recipients said for themselves, and what the sender wishes, by address.

use super::mode::Mode;

/// How somebody stands to being tracked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// They do not want it.
    Declined,
    /// They were asked and have not said anything.
    Asked,
    /// They agreed.
    Agreed,
    /// The sender never wants to track them.
    Never,
    /// The sender wants to track emails to them, unless they turn it off for one.
    Always,
    /// They are one person and no list, as the sender says: what is pressed on a page that several share is
    /// nobody's consent.
    Alone,
}

impl Standing {
    /// All that the sender says, and not they themselves.
    pub const WISHES: [Self; 3] = [Self::Never, Self::Always, Self::Alone];

    /// The name by which stores and pages know it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::Asked => "asked",
            Self::Agreed => "agreed",
            Self::Never => "never",
            Self::Always => "always",
            Self::Alone => "alone",
        }
    }

    /// What the sender says under this name.
    #[must_use]
    pub fn wish(name: &str) -> Option<Self> {
        Self::WISHES.into_iter().find(|wish| wish.name() == name)
    }

    /// Whether who says this no longer says `other`.
    #[must_use]
    pub fn replaces(self, other: &str) -> bool {
        let names = match self {
            Self::Never | Self::Always => &[Self::Never, Self::Always][..],
            Self::Alone => &[Self::Alone],
            _ => &[Self::Declined, Self::Asked, Self::Agreed],
        };
        names.iter().any(|standing| standing.name() == other)
    }
}

/// What is known of how people stand to being tracked: for each a text with the name of a [`Standing`], a
/// blank and the address, whatever the case of its letters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consents(pub Vec<String>);

impl Consents {
    /// Whether `address` stands like this.
    #[must_use]
    pub fn is(&self, standing: Standing, address: &str) -> bool {
        let is_so = |(name, known): (&str, &str)| {
            name == standing.name() && known.eq_ignore_ascii_case(address)
        };
        (self.0.iter()).any(|it| it.split_once(' ').is_some_and(is_so))
    }

    /// Whether the only one of `recipients` can be asked for consent, once the sender has said that they are
    /// one person: they were not asked before and said nothing by themselves.
    #[must_use]
    pub fn askable<'a>(&self, recipients: &[&'a str]) -> Option<&'a str> {
        let said = [Standing::Asked, Standing::Declined, Standing::Agreed];
        match recipients {
            [only] if !said.iter().any(|said| self.is(*said, only)) => Some(only),
            _ => None,
        }
    }

    /// What an email to `recipients` that is to be in `mode` may be where nobody is tracked without having
    /// agreed: who was never asked, is its only recipient and no list is asked, all others for a receipt.
    #[must_use]
    pub fn strictly(&self, mode: Mode, recipients: &[&str]) -> Mode {
        let has_agreed = |address: &&str| self.is(Standing::Agreed, address);
        if !mode.has_image() || (!recipients.is_empty() && recipients.iter().all(has_agreed)) {
            return mode;
        }
        match self.askable(recipients) {
            Some(only) if self.is(Standing::Alone, only) => Mode::Consent,
            _ => Mode::Receipt,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn consents() -> Consents {
        let known = [
            "declined no@example.com",
            "asked asked@example.com",
            "agreed yes@example.com",
            "alone new@example.com",
            "alone asked@example.com",
            "never never@example.com",
        ];
        Consents(known.map(str::to_owned).into())
    }

    #[test]
    fn only_who_agreed_gets_an_image() {
        use Mode::{Both, Consent, Image, Receipt};
        for (mode, recipients, expected) in [
            (Image, &["yes@example.com"][..], Image),
            (Both, &["YES@example.COM"], Both),
            (Image, &["new@example.com"], Consent),
            (Both, &["new@example.com"], Consent),
            // Who may be a list is not asked.
            (Image, &["newer@example.com"], Receipt),
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
    fn an_address_is_known_whatever_the_case_of_its_letters() {
        let consents = consents();
        assert!(consents.is(Standing::Declined, "No@Example.com"));
        assert!(!consents.is(Standing::Declined, "nono@example.com"));
        assert!(!consents.is(Standing::Agreed, "no@example.com"));
        assert!(!consents.is(Standing::Never, ""));
    }

    #[test]
    fn what_is_said_takes_the_place_of_its_own_kind() {
        for (now, before, replaces) in [
            (Standing::Never, "always", true),
            (Standing::Always, "always", true),
            (Standing::Always, "alone", false),
            (Standing::Alone, "never", false),
            (Standing::Agreed, "asked", true),
            (Standing::Agreed, "alone", false),
            (Standing::Never, "declined", false),
        ] {
            assert_eq!(now.replaces(before), replaces, "{now:?} {before}");
        }
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
