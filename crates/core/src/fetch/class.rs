//! Who asked, and what may be said about it.

/// Defines the classes: each variant and its stable code.
macro_rules! classes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal,)+) => {
        /// Who asked for the image.
        ///
        /// A class's place in [`Class::ALL`] is kept in databases: a new class goes to the end, and
        /// none is ever taken out.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Class {
            $($(#[$doc])* $variant,)+
        }

        impl Class {
            /// Every class there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable code: the class's name in the API, in metrics and in the keys of its words.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }
        }
    };
}

classes! {
    /// None of the others could be told.
    Unknown = "unknown",
    /// A person's browser or mail program, directly.
    Human = "human",
    /// Gmail's image proxy, which fetches when a message is shown.
    GmailProxy = "gmail_proxy",
    /// Gmail loading images ahead of any view.
    GmailPrefetch = "gmail_prefetch",
    /// Apple Mail Privacy Protection, which loads every image of every message.
    AppleMpp = "apple_mpp",
    /// The image proxy of Yahoo Mail and AOL.
    YahooProxy = "yahoo_proxy",
    /// An Outlook program, directly.
    OutlookClient = "outlook_client",
    /// The image proxy of another mail service.
    PrivacyProxy = "privacy_proxy",
    /// A security gateway or link scanner.
    Scanner = "scanner",
    /// A link preview, crawler or HTTP library.
    Bot = "bot",
}

impl Class {
    /// The class's place in [`Class::ALL`], by which databases know it.
    #[must_use]
    pub const fn place(self) -> usize {
        self as usize
    }

    /// Whether a mail service asked for its user, so that the address says nothing about who reads.
    #[must_use]
    pub const fn is_proxy(self) -> bool {
        matches!(
            self,
            Self::GmailProxy
                | Self::GmailPrefetch
                | Self::AppleMpp
                | Self::YahooProxy
                | Self::PrivacyProxy
        )
    }
}

/// What may be said to the sender about an open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Claim {
    /// This was no open.
    No,
    /// It may or may not have been one.
    Unknown,
    /// Probably an open.
    Likely,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Databases hold these numbers for years.
    #[test]
    fn places_stay_as_stored() {
        use Class::{
            AppleMpp, Bot, GmailPrefetch, GmailProxy, Human, OutlookClient, PrivacyProxy, Scanner,
            Unknown, YahooProxy,
        };
        let stored = [
            Unknown,
            Human,
            GmailProxy,
            GmailPrefetch,
            AppleMpp,
            YahooProxy,
            OutlookClient,
            PrivacyProxy,
            Scanner,
            Bot,
        ];
        assert_eq!(Class::ALL[..stored.len()], stored);
        for (place, class) in Class::ALL.iter().enumerate() {
            assert_eq!(class.place(), place);
        }
    }
}
