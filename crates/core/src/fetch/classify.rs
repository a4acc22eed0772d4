//! Judges one fetch by what is known at its moment.

use super::agent::{self, platform};
use super::class::{Claim, Class};
use super::headers::{self, Accept, Destination, Evidence};
use super::matcher::{self, Match};
use super::network::{Country, Network, Role};
use super::reason::Reason;
use std::ops::Range;

/// What was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Asked {
    /// The tracking image.
    #[default]
    Image,
    /// A link, which people follow as a page.
    Link,
    /// A button of the recipient's page, which only whoever sees the page can press.
    Press,
}

/// What the server knows about a fetch while it answers it. None of it is kept.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own about the request"
)]
pub struct Fetch<'a> {
    /// What was asked for.
    pub asked: Asked,
    /// `HEAD` instead of `GET`.
    pub head: bool,
    /// The `User-Agent` header; empty when there was none.
    pub user_agent: &'a str,
    /// Whether one of the [`PURPOSE_HEADERS`](super::PURPOSE_HEADERS)
    /// [announced a load ahead](super::announces_prefetch).
    pub prefetch: bool,
    /// What the `Accept` header asks for.
    pub accept: Accept,
    /// What the answer is for.
    pub destination: Destination,
    /// Whether a list of known robots has the user agent.
    pub listed_bot: bool,
    /// Whether the address is one that the sender's own extension lately asked from.
    pub from_sender: bool,
    /// The network of the address; `None` when it could not be looked up, for example for a private
    /// address. Without it, nothing that a user agent says can be checked.
    pub network: Option<Network>,
}

impl Fetch<'_> {
    fn role(&self) -> Option<Role> {
        self.network.map(|network| network.role())
    }

    /// Whether the network is one where nobody sits.
    fn is_unattended(&self) -> bool {
        self.role().is_some_and(Role::is_unattended)
    }
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
    /// Of a fetch whose program asks not to be tracked: nothing is said of it.
    #[must_use]
    pub const fn withheld() -> Self {
        Self::new(Class::Unknown, Reason::AskedNotToTrack)
    }

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
/// a verdict names them; `None` for any other program. The extension, which runs in no other, asks
/// for its own, and would be larger with all that [`classify`] knows.
#[must_use]
pub fn chromium(user_agent: &str) -> Option<(&'static str, &'static str)> {
    let agent = user_agent.to_ascii_lowercase();
    let is_one = agent.contains(" chrome/") && agent.starts_with("mozilla/5.0 (");
    Some(agent::chromium(&agent))
        .filter(|_| is_one)
        .zip(platform::device(&agent))
}

/// Every kind of device that a verdict can name; some more than once.
pub fn devices() -> impl Iterator<Item = &'static str> {
    platform::DEVICES.iter().map(|&(_, name)| name)
}

/// Longer user agents are no real program's; only so much of one is looked at.
const AGENT_MAX_BYTES: usize = 1024;

/// Judges a fetch by what is known at its moment.
///
/// The strongest evidence goes first: how the request was made, then what network it came from,
/// then what its user agent says, then whether its headers bear that out. A name that its network
/// belies is not believed.
#[must_use]
pub fn classify(fetch: &Fetch<'_>) -> Verdict {
    let agent = fetch.user_agent.trim();
    let absurd = agent.len() > AGENT_MAX_BYTES
        || agent
            .bytes()
            .any(|byte| byte.is_ascii_control() && byte != b'\t');
    let lower = agent[..agent.floor_char_boundary(AGENT_MAX_BYTES)].to_ascii_lowercase();
    let named = named(&lower);
    if fetch.asked == Asked::Press {
        return press(&lower, named);
    }
    if fetch.head {
        let class = match named {
            Some(found) if found.family.reason == Reason::NamedBot => Class::Bot,
            _ => Class::Scanner,
        };
        let client = named.and_then(|found| found.client);
        return Verdict::new(class, Reason::HeadRequest).by(client);
    }
    if fetch.prefetch {
        return Verdict::new(Class::Bot, Reason::PrefetchHeader);
    }
    if let Some(Role::Gateway(name)) = fetch.role() {
        return Verdict::new(Class::Scanner, Reason::ScannerNetwork).by(Some(name));
    }
    if agent.is_empty() {
        return if fetch.is_unattended() {
            Verdict::new(Class::Bot, Reason::NoUserAgentOnServer)
        } else {
            Verdict::new(Class::Unknown, Reason::NoUserAgent)
        };
    }
    if let Some(verdict) = automatic(agent, &lower, fetch.role()) {
        return verdict;
    }
    if absurd {
        return Verdict::new(Class::Unknown, Reason::AbsurdHeaders);
    }
    match named {
        Some(found) if found.is_proxy() => proxy(found, fetch.role()),
        Some(found) if found.family.reason.claim() == Claim::No => {
            Verdict::new(found.family.class, found.family.reason).by(found.client)
        }
        Some(found) if found.is_library() && fetch.is_unattended() => {
            Verdict::new(Class::Bot, Reason::HttpLibrary).by(found.client)
        }
        Some(found) if found.is_library() => {
            Verdict::new(found.family.class, found.family.reason).by(found.client)
        }
        Some(found) => mail_program(fetch, &lower, found.family.class, found.client),
        None if fetch.listed_bot => Verdict::new(Class::Bot, Reason::ListedBot),
        None => read_program(fetch, &lower),
    }
}

/// The rule that names an agent in lower case, as far as it says what the program itself is. A
/// library's name behind another program's own name only says what that is made with.
fn named(agent: &str) -> Option<Match> {
    let found = matcher::find(agent)?;
    let is_part =
        found.is_library() && agent::own_name(agent).is_some_and(|name| found.at >= name.len());
    (!is_part).then_some(found)
}

/// Judges by user agents that are loads ahead of any view as a whole.
fn automatic(agent: &str, lower: &str, role: Option<Role>) -> Option<Verdict> {
    // Gmail's prefetch carries an Edge of 2015 and a second `Mozilla/5.0`
    // (<https://bird.com/en-us/blog/gmail-prefetching-images>).
    if lower.ends_with(" mozilla/5.0") && lower.contains(" edge/12.") {
        return Some(match role {
            None | Some(Role::Google) => {
                Verdict::new(Class::GmailPrefetch, Reason::GmailPrefetch).by(Some("Gmail"))
            }
            Some(_) => Verdict::new(Class::Scanner, Reason::NamedScanner),
        });
    }
    (agent == "Mozilla/5.0").then(|| {
        let reason = match role {
            None | Some(Role::AppleRelay | Role::RelayOperator) => Reason::AppleMpp,
            Some(_) => Reason::AppleMppUnlisted,
        };
        Verdict::new(Class::AppleMpp, reason).by(Some("Apple Mail"))
    })
}

/// A press of a button: whoever presses it has seen the page, so only the program is looked at.
fn press(agent: &str, named: Option<Match>) -> Verdict {
    let (class, client) = match (named, agent::read(agent)) {
        (Some(found), _) => (found.family.class, found.client),
        (None, Some(program)) => (Class::Human, program.client),
        (None, None) => (Class::Unknown, None),
    };
    Verdict::new(class, Reason::Pressed).by(client)
}

/// Judges one that calls itself a mail service's proxy.
fn proxy(found: Match, role: Option<Role>) -> Verdict {
    let (family, client) = (found.family, found.client);
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

/// Judges one that no rule names, by the shape of its user agent.
fn read_program(fetch: &Fetch<'_>, agent: &str) -> Verdict {
    let Some(program) = agent::read(agent) else {
        return unknown_program(fetch, agent);
    };
    let client = program.client;
    match program.kind {
        agent::Kind::Mail => mail_program(fetch, agent, Class::Human, client),
        agent::Kind::Word => mail_program(fetch, agent, Class::OutlookClient, client),
        agent::Kind::Checker => Verdict::new(Class::Scanner, Reason::NamedScanner),
        agent::Kind::Extended if agent::is_built_in(agent) => {
            engine(fetch, agent, Reason::UnknownProduct, client)
        }
        agent::Kind::Extended => Verdict::new(Class::Unknown, Reason::UnknownProduct).by(client),
        agent::Kind::Stale if fetch.is_unattended() => {
            Verdict::new(Class::Scanner, Reason::StaleOnServer)
        }
        agent::Kind::Stale => Verdict::new(Class::Unknown, Reason::StaleBrowser).by(client),
        agent::Kind::Browser => browser(fetch, agent, client),
    }
}

/// Judges a program that names itself by no shape and no rule.
fn unknown_program(fetch: &Fetch<'_>, agent: &str) -> Verdict {
    if agent::says_compatible(agent) {
        return Verdict::new(Class::Bot, Reason::NamedBot);
    }
    engine(fetch, agent, Reason::UnknownAgent, None)
}

/// Judges a program that is not known: with the headers of an engine that shows an image inside a
/// message it is one that people look at, else `otherwise` is why it cannot be told.
fn engine(
    fetch: &Fetch<'_>,
    agent: &str,
    otherwise: Reason,
    client: Option<&'static str>,
) -> Verdict {
    let shows_image = fetch.asked == Asked::Image
        && fetch.destination == Destination::Image
        && fetch.accept == Accept::Image;
    if !shows_image {
        return Verdict::new(Class::Unknown, otherwise).by(client);
    }
    match doubtful_place(fetch.role()) {
        Some(reason) => Verdict::new(Class::Unknown, reason).by(client),
        None => direct(
            fetch,
            agent,
            Verdict::new(Class::Human, Reason::BrowserEngine).by(client),
        ),
    }
}

/// Judges a browser of an ordinary age.
fn browser(fetch: &Fetch<'_>, agent: &str, client: Option<&'static str>) -> Verdict {
    let doubt = doubtful_place(fetch.role()).or_else(|| doubtful_headers(fetch, agent));
    if let Some(reason) = doubt {
        return Verdict::new(Class::Unknown, reason).by(client);
    }
    let reason = match fetch.asked {
        Asked::Link => Reason::LinkOpened,
        Asked::Image | Asked::Press => Reason::Browser,
    };
    direct(fetch, agent, Verdict::new(Class::Human, reason).by(client))
}

/// Judges a program for reading mail.
fn mail_program(
    fetch: &Fetch<'_>,
    agent: &str,
    class: Class,
    client: Option<&'static str>,
) -> Verdict {
    let doubt = if fetch.is_unattended() {
        // Scanners pose as mail programs, too.
        Some(Reason::HostingNetwork)
    } else {
        doubtful_headers(fetch, agent).filter(|reason| *reason == Reason::UnlikeBrowser)
    };
    match doubt {
        Some(reason) => Verdict::new(Class::Unknown, reason).by(client),
        None => direct(
            fetch,
            agent,
            Verdict::new(class, Reason::MailProgram).by(client),
        ),
    }
}

/// Why a browser in a network of that role cannot be told from a machine.
fn doubtful_place(role: Option<Role>) -> Option<Reason> {
    match role? {
        Role::Microsoft => Some(Reason::MicrosoftNetwork),
        Role::Security => Some(Reason::SecurityNetwork),
        Role::Proton => Some(Reason::ProtonNetwork),
        role => role.is_unattended().then_some(Reason::HostingNetwork),
    }
}

/// Why the headers speak against what an agent in lower case says, where they do.
fn doubtful_headers(fetch: &Fetch<'_>, agent: &str) -> Option<Reason> {
    let (accept, destination) = (fetch.accept, fetch.destination);
    let evidence = match fetch.asked {
        Asked::Image => headers::of_image(accept, destination),
        Asked::Link => headers::of_link(accept, destination, agent::tells_destination(agent)),
        Asked::Press => Evidence::None,
    };
    match evidence {
        Evidence::None | Evidence::Engine => None,
        Evidence::Page => Some(Reason::OpenedAsPage),
        Evidence::NoEngine => agent::asks_for_images(agent).then_some(Reason::UnlikeBrowser),
    }
}

/// What is said of a program on the reader's own device.
fn direct(fetch: &Fetch<'_>, agent: &str, verdict: Verdict) -> Verdict {
    let country = fetch
        .network
        .filter(|network| network.role().tells_place())
        .and_then(|network| network.country);
    let verdict = Verdict {
        device: platform::device(agent),
        country,
        ..verdict
    };
    if fetch.from_sender {
        Verdict {
            reason: Reason::SenderAddress,
            claim: Reason::SenderAddress.claim(),
            ..verdict
        }
    } else {
        verdict
    }
}

/// Whether no rule names this user agent, so that only its shape can be judged.
#[must_use]
pub fn is_unnamed(user_agent: &str) -> bool {
    named(&user_agent.to_ascii_lowercase()).is_none()
}

/// Whether a rule names an HTTP library in `text`, such as an entry of a list of robots.
#[must_use]
pub fn names_library(text: &str) -> bool {
    matcher::find(&text.to_ascii_lowercase()).is_some_and(|found| found.is_library())
}

/// Where a user agent names the device, whose name may be like a robot's.
#[must_use]
pub fn device_within(user_agent: &str) -> Option<Range<usize>> {
    // Lower case changes no byte's place.
    platform::of(&user_agent.to_ascii_lowercase())
}
