//! Under which names a server answers that listens for this machine alone.
//!
//! A web page can give its own name the address 127.0.0.1 (DNS rebinding) and then read, in the
//! user's browser, what only this machine should. Its requests carry the page's name as their host.

use super::error::Error;
use crate::settings::{Encryption, Settings};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header;
use axum::http::uri::Authority;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use kaifu_core::backend::BackendUrl;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

/// The names under which a listener is asked; cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Hosts {
    /// Whatever leads to it: others than this machine are meant to reach it, or a proxy whose public
    /// name nobody has told.
    Any,
    /// Those of this machine, and these, in lower case.
    Named(Arc<[String]>),
}

impl Hosts {
    /// The names of a listener at `address` that proxies and recipients use.
    pub(crate) fn of_public(address: IpAddr, settings: &Settings) -> Self {
        let is_behind_unnamed =
            settings.public_url.is_none() && !settings.trusted_proxies.is_empty();
        if is_behind_unnamed {
            return Self::Any;
        }
        Self::of(address, settings)
    }

    /// The names of a listener at `address`.
    pub(crate) fn of(address: IpAddr, settings: &Settings) -> Self {
        if !address.to_canonical().is_loopback() {
            return Self::Any;
        }
        let public = settings.public_url.as_ref().map(BackendUrl::host);
        let ordered = match &settings.encryption {
            Encryption::Acme(acme) => acme.domains.as_slice(),
            Encryption::None | Encryption::Files { .. } => &[],
        };
        let names = public.into_iter().map(str::to_owned);
        Self::Named(names.chain(ordered.iter().cloned()).collect())
    }

    /// Whether `authority`, a host with or without a port, is one of them.
    fn know(&self, authority: &str) -> bool {
        let Self::Named(names) = self else {
            return true;
        };
        let Some(host) = host(authority) else {
            return false;
        };
        is_this_machine(&host) || names.contains(&host)
    }
}

/// The host in `authority`, in lower case and without the dot that ends a full name.
fn host(authority: &str) -> Option<String> {
    let authority = authority.trim().to_ascii_lowercase();
    let end = if authority.starts_with('[') {
        authority.find(']')? + 1
    } else {
        authority.find(':').unwrap_or(authority.len())
    };
    let (host, port) = authority.split_at(end);
    let digits = if port.is_empty() {
        port
    } else {
        port.strip_prefix(':')?
    };
    let is_port = digits.bytes().all(|byte| byte.is_ascii_digit());
    let host = host.strip_suffix('.').unwrap_or(host);
    (is_port && !host.is_empty()).then(|| host.to_owned())
}

/// Whether a host names the machine itself (RFC 6761 §6.3, RFC 1122 §3.2.1.3, RFC 4291 §2.5.3).
fn is_this_machine(host: &str) -> bool {
    let address = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let is_loopback = match address {
        Some(text) => text
            .parse::<Ipv6Addr>()
            .is_ok_and(|ip| ip.to_canonical().is_loopback()),
        None => host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback()),
    };
    is_loopback || host == "localhost" || host.ends_with(".localhost")
}

/// Refuses to answer under a name that is not ours. Requests of HTTP/1.0 may have none.
pub(crate) async fn check(
    State(hosts): State<Hosts>,
    request: Request<Body>,
    next: Next,
) -> Response {
    // What stands in the target goes before the header (RFC 9112 §3.2.2), but neither may be foreign.
    let target = request.uri().authority().map(Authority::as_str);
    let named = request.headers().get_all(header::HOST).iter();
    let are_ours = target.is_none_or(|host| hosts.know(host))
        && named
            .map(|host| host.to_str())
            .all(|host| host.is_ok_and(|host| hosts.know(host)));
    if are_ours {
        next.run(request).await
    } else {
        Error::UnknownHost.into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hosts() -> Hosts {
        Hosts::Named(["kaifu.example.org".to_owned(), "[2001:db8::1]".to_owned()].into())
    }

    #[test]
    fn this_machine_and_the_public_name_are_known_by_any_port() {
        for (authority, expected) in [
            ("localhost", true),
            ("LocalHost:8787", true),
            ("kaifu.localhost:1", true),
            ("localhost.", true),
            ("127.0.0.1:8787", true),
            ("127.9.9.9", true),
            ("[::1]", true),
            ("[::1]:8787", true),
            ("[::ffff:127.0.0.1]:80", true),
            ("kaifu.example.org", true),
            ("Kaifu.Example.ORG.:443", true),
            ("[2001:db8::1]:443", true),
            ("", false),
            (":8787", false),
            (".", false),
            ("rebound.example.com:8787", false),
            ("localhost.example.com", false),
            ("notlocalhost", false),
            ("127.0.0.1.example.com", false),
            ("localhost:8787@example.com", false),
            ("example.com:127.0.0.1", false),
            ("localhost:x", false),
            ("10.0.0.1", false),
            ("0.0.0.0", false),
            ("[::]", false),
            ("[::1", false),
            ("::1", false),
            ("localhost, example.com", false),
            ("example.kaifu.example.org", false),
        ] {
            assert_eq!(hosts().know(authority), expected, "{authority}");
        }
        assert!(Hosts::Any.know("rebound.example.com"));
    }

    proptest! {
        /// Whatever page's name leads here, it is not ours.
        #[test]
        fn no_other_name_is_known(authority in "[a-z0-9.:@\\[\\]-]{0,30}\\.(com|test)(:[0-9]{1,5})?\\.?") {
            prop_assert!(!hosts().know(&authority), "{}", authority);
        }
    }
}
