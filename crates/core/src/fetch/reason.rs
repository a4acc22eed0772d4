//! Why a fetch was judged as it was.

use super::class::Claim;

/// Defines the codes: each variant, its stable code, and what the present rules let it claim.
macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $code:literal => $claim:ident,)+) => {
        /// The reason of a verdict about one fetch.
        ///
        /// The codes are kept with every fetch, so they never change their meaning; what a code is
        /// worth may change with [`RULES_VERSION`](super::RULES_VERSION).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason {
            $($(#[$doc])* $variant,)+
        }

        impl Reason {
            /// Every reason there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            /// What may be claimed for this reason under the present rules.
            #[must_use]
            pub const fn claim(self) -> Claim {
                match self {
                    $(Self::$variant => Claim::$claim,)+
                }
            }

            /// The reason with this code; `None` for one that this version does not know.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

reasons! {
    /// Gmail's proxy, from Google's network: it fetches when a message is shown.
    GmailProxy = "gmail_proxy" => Likely,
    /// It calls itself Gmail's proxy, and its network could not be looked up.
    GmailProxyUnchecked = "gmail_proxy_unchecked" => Likely,
    /// Yahoo's proxy, from Yahoo's network.
    YahooProxy = "yahoo_proxy" => Likely,
    /// It calls itself Yahoo's proxy, and its network could not be looked up.
    YahooProxyUnchecked = "yahoo_proxy_unchecked" => Likely,
    /// A mail service's proxy that fetches when a message is shown.
    ProxyOnView = "proxy_on_view" => Likely,
    /// A mail program on the reader's own device.
    MailProgram = "mail_program" => Likely,
    /// A browser on the reader's own device.
    Browser = "browser" => Likely,
    /// A program that no rule knows, with the headers of an engine that shows an image in a message.
    BrowserEngine = "browser_engine" => Likely,
    /// A browser followed a link.
    LinkOpened = "link_opened" => Likely,
    /// Somebody pressed a button of the recipient's page.
    Pressed = "pressed" => Likely,
    /// A button of the recipient's page was pressed faster than a person presses.
    QuickPress = "quick_press" => Unknown,
    /// A mail service's proxy that is reported to fetch some mail on delivery.
    Proxy = "proxy" => Unknown,
    /// Apple Mail loading every image of every message.
    AppleMpp = "apple_mpp" => Unknown,
    /// It looks like Apple Mail's preloading, from an address that is not known for it.
    AppleMppUnlisted = "apple_mpp_unlisted" => Unknown,
    /// It calls itself a mail service's proxy and comes from another network.
    ForgedProxy = "forged_proxy" => Unknown,
    /// A browser so old that few people use it and many scanners claim it.
    StaleBrowser = "stale_browser" => Unknown,
    /// A browser or mail program on a rented server: a scanner, or a person behind a VPN.
    HostingNetwork = "hosting_network" => Unknown,
    /// A browser in Microsoft's network: a scanner, a proxy or a hosted desktop.
    MicrosoftNetwork = "microsoft_network" => Unknown,
    /// A browser in the network of a security company that people browse through, too.
    SecurityNetwork = "security_network" => Unknown,
    /// A browser in Proton's network, from which Proton Mail also loads images in advance.
    ProtonNetwork = "proton_network" => Unknown,
    /// The image was opened as a page of its own.
    OpenedAsPage = "opened_as_page" => Unknown,
    /// A browser's name without the headers that this browser sends.
    UnlikeBrowser = "unlike_browser" => Unknown,
    /// The request did not say what made it.
    NoUserAgent = "no_user_agent" => Unknown,
    /// From the address at which the sender's own extension is.
    SenderAddress = "sender_address" => Unknown,
    /// A browser with a product in its name that the rules do not know.
    UnknownProduct = "unknown_product" => Unknown,
    /// An HTTP library that apps on phones are made with, and scripts as well.
    AppLibrary = "app_library" => Unknown,
    /// The program is not known.
    UnknownAgent = "unknown_agent" => Unknown,
    /// The request's headers are larger or stranger than any real program's.
    AbsurdHeaders = "absurd_headers" => Unknown,
    /// The program asks not to be tracked, by `Sec-GPC` or `DNT`.
    AskedNotToTrack = "asked_not_to_track" => No,
    /// The image was asked about but not fetched.
    HeadRequest = "head_request" => No,
    /// The request announced itself as made ahead of any view.
    PrefetchHeader = "prefetch_header" => No,
    /// The request did not say what made it, from a network where nobody sits.
    NoUserAgentOnServer = "no_user_agent_on_server" => No,
    /// Gmail loading images ahead of any view.
    GmailPrefetch = "gmail_prefetch" => No,
    /// A security scanner that names itself.
    NamedScanner = "named_scanner" => No,
    /// From the network of a mail security gateway.
    ScannerNetwork = "scanner_network" => No,
    /// A browser from years ago on a rented server, as link detonation uses them.
    StaleOnServer = "stale_on_server" => No,
    /// A preview, crawler or monitor that names itself.
    NamedBot = "named_bot" => No,
    /// It is in the list of known robots.
    ListedBot = "listed_bot" => No,
    /// An HTTP library.
    HttpLibrary = "http_library" => No,
}

impl Reason {
    /// Whether the reason says that the program itself is a machine, and not only what it did at that
    /// moment: a browser that loads ahead is still the browser that a person looks at.
    #[must_use]
    pub const fn names_machine(self) -> bool {
        matches!(
            self,
            Self::NamedScanner
                | Self::ScannerNetwork
                | Self::StaleOnServer
                | Self::NamedBot
                | Self::ListedBot
                | Self::HttpLibrary
                | Self::NoUserAgentOnServer
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_leads_back_to_its_reason() {
        for &reason in Reason::ALL {
            assert_eq!(Reason::from_code(reason.code()), Some(reason));
        }
        assert_eq!(Reason::from_code("browsers"), None);
    }
}
