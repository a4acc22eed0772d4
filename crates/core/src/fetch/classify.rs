//! Judges one fetch by what is known at its moment.

use super::agent;
use super::class::{Claim, Class};
use super::matcher;
use super::network::{Country, Network, Role};
use super::reason::Reason;
use super::rules::Family;

/// What the server knows about a fetch while it answers it. None of it is kept.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own about the request"
)]
pub struct Fetch<'a> {
    /// `HEAD` instead of `GET`.
    pub head: bool,
    /// The `User-Agent` header; empty when there was none.
    pub user_agent: &'a str,
    /// Whether one of the [`PURPOSE_HEADERS`] [announced a load ahead](announces_prefetch).
    pub prefetch: bool,
    /// Whether the `Accept` header asks for a page (`text/html`), as no program does for an image.
    pub accepts_page: bool,
    /// Whether a list of known robots has the user agent.
    pub listed_bot: bool,
    /// Whether the address is one that the sender's own extension lately asked from.
    pub from_sender: bool,
    /// The network of the address; `None` when it could not be looked up, for example for a private
    /// address. Without it, nothing that a user agent says can be checked.
    pub network: Option<Network>,
}

/// The judgement about one fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Who asked.
    pub class: Class,
    /// What may be claimed.
    pub claim: Claim,
    /// Why.
    pub reason: Reason,
    /// The program, where its name is known.
    pub client: Option<&'static str>,
    /// The kind of device, where the reader's own program asked.
    pub device: Option<&'static str>,
    /// The country, where the reader's own program asked from a network that tells it.
    pub country: Option<Country>,
}

impl Verdict {
    const fn new(class: Class, reason: Reason) -> Self {
        Self {
            class,
            claim: reason.claim(),
            reason,
            client: None,
            device: None,
            country: None,
        }
    }

    const fn by(self, client: Option<&'static str>) -> Self {
        Self { client, ..self }
    }
}

/// The name of the browser of Chromium's family with this user agent and the kind of its device, as
/// a verdict gives them; `None` for any other program. The extension, which runs in no other, asks
/// for its own, and would be larger with all that [`classify`] knows.
#[must_use]
pub fn chromium(user_agent: &str) -> Option<(&'static str, &'static str)> {
    let agent = user_agent.to_ascii_lowercase();
    let is_one = agent.contains(" chrome/") && agent.starts_with("mozilla/5.0 (");
    Some(agent::chromium(&agent))
        .filter(|_| is_one)
        .zip(agent::device(&agent))
}

/// Every kind of device that a verdict can name; some more than once.
pub fn devices() -> impl Iterator<Item = &'static str> {
    agent::DEVICES.iter().map(|&(_, name)| name)
}

/// The headers by which a program says that nobody has asked to see the image yet: today's, and
/// what Safari and Firefox used to send (<https://github.com/mautic/developer-documentation-new/pull/550>).
pub const PURPOSE_HEADERS: [&str; 4] = ["sec-purpose", "purpose", "x-purpose", "x-moz"];

/// Whether the value of one of the [`PURPOSE_HEADERS`] announces a load ahead of any view, as
/// `prefetch;prerender` does.
#[must_use]
pub fn announces_prefetch(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    ["prefetch", "prerender", "preview"]
        .iter()
        .any(|purpose| value.contains(purpose))
}

/// Longer user agents are no real program's; only so much of one is looked at.
const AGENT_MAX_BYTES: usize = 1024;

/// Judges a fetch by what is known at its moment.
///
/// The strongest evidence goes first: how the request was made, then what network it came from,
/// then what its user agent says. A name that its network belies is not believed.
#[must_use]
pub fn classify(fetch: &Fetch<'_>) -> Verdict {
    let agent = fetch.user_agent.trim();
    let absurd = agent.len() > AGENT_MAX_BYTES || agent.bytes().any(|byte| byte.is_ascii_control());
    let lower = String::from_utf8_lossy(&agent.as_bytes()[..agent.len().min(AGENT_MAX_BYTES)])
        .to_ascii_lowercase();
    let role = fetch.network.map(|network| network.role());
    let named = matcher::find(lower.as_bytes());

    if fetch.head {
        let class = match named {
            Some((family, _)) if family.reason == Reason::NamedBot => Class::Bot,
            _ => Class::Scanner,
        };
        return Verdict::new(class, Reason::HeadRequest).by(named.and_then(|(_, client)| client));
    }
    if fetch.prefetch {
        return Verdict::new(Class::Bot, Reason::PrefetchHeader);
    }
    if let Some(Role::Gateway(name)) = role {
        return Verdict::new(Class::Scanner, Reason::ScannerNetwork).by(Some(name));
    }
    if agent.is_empty() {
        let class = match role {
            Some(Role::Microsoft | Role::Security) => Class::Scanner,
            _ => Class::Bot,
        };
        return Verdict::new(class, Reason::NoUserAgent);
    }
    if is_gmail_prefetch(&lower) {
        return match role {
            None | Some(Role::Google) => {
                Verdict::new(Class::GmailPrefetch, Reason::GmailPrefetch).by(Some("Gmail"))
            }
            Some(_) => Verdict::new(Class::Scanner, Reason::NamedScanner),
        };
    }
    if agent == "Mozilla/5.0" {
        let reason = match role {
            None | Some(Role::AppleRelay | Role::RelayOperator) => Reason::AppleMpp,
            Some(_) => Reason::AppleMppUnlisted,
        };
        return Verdict::new(Class::AppleMpp, reason).by(Some("Apple Mail"));
    }
    if absurd {
        return Verdict::new(Class::Unknown, Reason::AbsurdHeaders);
    }
    if let Some((family, client)) = named {
        if matches!(
            family.class,
            Class::GmailProxy | Class::YahooProxy | Class::PrivacyProxy
        ) {
            return proxy(family, client, role);
        }
        if family.reason.claim() == Claim::No {
            return Verdict::new(family.class, family.reason).by(client);
        }
        return direct(fetch, &lower, family.class, family.reason, client);
    }
    if fetch.listed_bot {
        return Verdict::new(Class::Bot, Reason::ListedBot);
    }
    read_program(fetch, &lower, role)
}

/// Gmail's prefetch carries an Edge of 2015 and a second `Mozilla/5.0`
/// (<https://bird.com/en-us/blog/gmail-prefetching-images>).
fn is_gmail_prefetch(agent: &str) -> bool {
    agent.ends_with(" mozilla/5.0") && agent.contains(" edge/12.")
}

/// Judges one that calls itself a mail service's proxy.
fn proxy(family: &Family, client: Option<&'static str>, role: Option<Role>) -> Verdict {
    let Some(network) = family.network else {
        return Verdict::new(family.class, family.reason).by(client);
    };
    match role {
        Some(role) if role != network => Verdict::new(Class::Unknown, Reason::ForgedProxy),
        Some(_) => Verdict::new(family.class, family.reason).by(client),
        None => {
            let reason = match family.reason {
                Reason::GmailProxy => Reason::GmailProxyUnchecked,
                Reason::YahooProxy => Reason::YahooProxyUnchecked,
                other => other,
            };
            Verdict::new(family.class, reason).by(client)
        }
    }
}

/// Judges one that does not name itself as a machine, by the shape of its user agent.
fn read_program(fetch: &Fetch<'_>, agent: &str, role: Option<Role>) -> Verdict {
    let Some(program) = agent::read(agent) else {
        // By convention, this is how a robot introduces itself; browsers stopped long ago.
        let class = if agent.contains("(compatible;") && !agent.contains("msie ") {
            return Verdict::new(Class::Bot, Reason::NamedBot);
        } else {
            Class::Unknown
        };
        return Verdict::new(class, Reason::UnknownAgent);
    };
    let (class, reason) = match program.kind {
        agent::Kind::Mail => (Class::Human, Reason::MailProgram),
        agent::Kind::Word => (Class::OutlookClient, Reason::MailProgram),
        agent::Kind::Extended => (Class::Unknown, Reason::UnknownProduct),
        agent::Kind::Stale => match role {
            Some(Role::Microsoft | Role::Hosting | Role::Google | Role::Security) => {
                return Verdict::new(Class::Scanner, Reason::StaleOnServer);
            }
            _ => (Class::Unknown, Reason::StaleBrowser),
        },
        agent::Kind::Browser => match role {
            Some(Role::Microsoft) => (Class::Unknown, Reason::MicrosoftNetwork),
            Some(Role::Security) => (Class::Unknown, Reason::SecurityNetwork),
            Some(Role::Proton) => (Class::Unknown, Reason::ProtonNetwork),
            Some(role) if role.is_rented() => (Class::Unknown, Reason::HostingNetwork),
            _ if fetch.accepts_page => (Class::Unknown, Reason::OpenedAsPage),
            _ => (Class::Human, Reason::Browser),
        },
    };
    direct(fetch, agent, class, reason, program.client)
}

/// The verdict about a program on the reader's own device.
fn direct(
    fetch: &Fetch<'_>,
    agent: &str,
    class: Class,
    reason: Reason,
    client: Option<&'static str>,
) -> Verdict {
    let role = fetch.network.map(|network| network.role());
    let (class, reason) = match reason {
        // Scanners pose as mail programs, too.
        Reason::MailProgram if role.is_some_and(Role::is_rented) => {
            (Class::Unknown, Reason::HostingNetwork)
        }
        _ if fetch.from_sender && reason.claim() == Claim::Likely => (class, Reason::SenderAddress),
        _ => (class, reason),
    };
    let verdict = Verdict::new(class, reason).by(client);
    if class == Class::Unknown {
        return verdict;
    }
    Verdict {
        device: agent::device(agent),
        country: fetch
            .network
            .filter(|network| network.role().tells_place())
            .and_then(|network| network.country),
        ..verdict
    }
}

/// Whether no rule names this user agent, so that only its shape can be judged.
#[must_use]
pub fn is_unnamed(user_agent: &str) -> bool {
    matcher::find(user_agent.to_ascii_lowercase().as_bytes()).is_none()
}
