//! Whose request it is, when proxies stand in between.

use axum::http::HeaderMap;
use ipnet::IpNet;
use kaifu_networks::parse_address;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

/// The header in which each proxy adds, on the right, who asked it.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The header that does the same in another form (RFC 7239). It is not read.
const FORWARDED: &str = "forwarded";

/// Headers in which a CDN names who asked it
/// (<https://developers.cloudflare.com/fundamentals/reference/http-headers/>,
/// <https://www.fastly.com/documentation/reference/http/http-headers/Fastly-Client-IP/>,
/// <https://learn.microsoft.com/azure/frontdoor/front-door-http-headers-protocol>).
const CDN_CLIENTS: [&str; 4] = [
    "cf-connecting-ip",
    "true-client-ip",
    "fastly-client-ip",
    "x-azure-clientip",
];

/// A network of proxies that are believed: `192.0.2.0/24`, or a single address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrustedProxy(IpNet);

/// Text that names no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a network is given as ADDRESS or ADDRESS/PREFIX, such as 10.0.0.0/8 or fd00::/8")]
pub struct InvalidNetwork;

impl FromStr for TrustedProxy {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let text = text.trim();
        text.parse()
            .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
            .map(Self)
            .map_err(|_| InvalidNetwork)
    }
}

/// How far the proxies between a client and this server are trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// None shows.
    Direct,
    /// All that show are.
    Whole,
    /// One is, and was asked by another that is not: a CDN, or a client that pretends to be one.
    Part,
    /// One stands in front, or a client pretends so, that is not trusted.
    Nobody,
}

/// How far the proxies are trusted through which `client` asks, the address that [`of`] returns for the
/// same request.
pub(crate) fn trust(
    peer: SocketAddr,
    headers: &HeaderMap,
    trusted: &[TrustedProxy],
    client: IpAddr,
) -> Trust {
    let has_hops = headers.contains_key(FORWARDED_FOR);
    if !is_trusted(peer.ip().to_canonical(), trusted) {
        let is_asked_for = has_hops || headers.contains_key(FORWARDED);
        return if is_asked_for {
            Trust::Nobody
        } else {
            Trust::Direct
        };
    }
    if !has_hops {
        let in_another_form = headers.contains_key(FORWARDED);
        return if in_another_form {
            Trust::Part
        } else {
            Trust::Direct
        };
    }
    // Whoever asked the client is further left; what has no public address may be any office's proxy.
    let before = hops(headers)
        .map_while(|hop| hop)
        .skip_while(|hop| *hop != client)
        .find(|hop| *hop != client);
    let told = CDN_CLIENTS
        .iter()
        .filter_map(|name| parse_address(headers.get(*name)?.to_str().ok()?));
    let is_in_part = told
        .chain(before)
        .any(|other| other != client && is_public(other));
    if is_in_part {
        Trust::Part
    } else {
        Trust::Whole
    }
}

/// Whether an address can be on the internet, rather than in somebody's own network.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(ip) => {
            let is_shared = matches!(ip.octets(), [100, 64..128, ..]);
            let is_own = ip.is_private() || ip.is_loopback() || ip.is_link_local();
            !(is_own || is_shared || ip.is_unspecified())
        }
        IpAddr::V6(ip) => {
            let is_own = ip.is_unique_local() || ip.is_loopback() || ip.is_unicast_link_local();
            !(is_own || ip.is_unspecified())
        }
    }
}

/// What proxies have said of who asked them, the nearest first; `None` for what is no address.
fn hops(headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
    let lines = headers.get_all(FORWARDED_FOR).iter().rev();
    let entries = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
    entries.map(|entry| std::str::from_utf8(entry).ok().and_then(parse_address))
}

/// The address that `peer` asks for: the first one, from the right, that no trusted proxy has.
///
/// What stands further left may be anything that a client cared to send, so it is never looked at.
pub(crate) fn of(peer: SocketAddr, headers: &HeaderMap, trusted: &[TrustedProxy]) -> IpAddr {
    let mut client = peer.ip().to_canonical();
    if !is_trusted(client, trusted) {
        return client;
    }
    for hop in hops(headers) {
        let Some(address) = hop else {
            return client;
        };
        client = address;
        if !is_trusted(client, trusted) {
            return client;
        }
    }
    client
}

/// What of an address one customer has at the least: all of an IPv4 address, and the first 64 bits of
/// an IPv6 one.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (!0 << 64))),
        address @ IpAddr::V4(_) => address,
    }
}

/// Whether a proxy at `address` is believed.
pub(crate) fn is_trusted(address: IpAddr, trusted: &[TrustedProxy]) -> bool {
    trusted.iter().any(|proxy| proxy.0.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use proptest::collection::vec;
    use proptest::prelude::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let trusted = ["10.0.0.0/8", "fd00::/8", "192.0.2.7"].map(|text| text.parse().unwrap());
        for (peer, lines, expected) in [
            ("198.51.100.1:1", &["203.0.113.9"][..], "198.51.100.1"),
            ("10.0.0.1:1", &[], "10.0.0.1"),
            ("10.0.0.1:1", &["203.0.113.9"], "203.0.113.9"),
            ("[::ffff:10.0.0.1]:1", &["203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1:1", &["203.0.113.9:4711"], "203.0.113.9"),
            ("10.0.0.1:1", &["[2001:db8::9]"], "2001:db8::9"),
            ("10.0.0.1:1", &["2001:db8::9%eth0"], "2001:db8::9"),
            ("10.0.0.1:1", &["::ffff:203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1:1", &["[2001:db8::1]:4711"], "2001:db8::1"),
            ("[fd00::1]:1", &["2001:db8::1"], "2001:db8::1"),
            // What the client sent itself stands on the left.
            ("10.0.0.1:1", &["1.1.1.1, 203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1:1", &["1.1.1.1", "203.0.113.9"], "203.0.113.9"),
            (
                "10.0.0.1:1",
                &["203.0.113.9, 192.0.2.7,10.2.3.4"],
                "203.0.113.9",
            ),
            ("10.0.0.1:1", &["203.0.113.9, 192.0.2.8"], "192.0.2.8"),
            ("10.0.0.1:1", &["10.9.9.9"], "10.9.9.9"),
            ("10.0.0.1:1", &["203.0.113.9, nonsense"], "10.0.0.1"),
            ("10.0.0.1:1", &["nonsense, 203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1:1", &[""], "10.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(FORWARDED_FOR, HeaderValue::from_static(line));
            }
            let found = of(peer.parse().unwrap(), &headers, &trusted);
            assert_eq!(
                found,
                expected.parse::<IpAddr>().unwrap(),
                "{peer} {lines:?}"
            );
        }
    }

    proptest! {
        /// Whatever a client sends ahead of what the proxy adds changes nothing.
        #[test]
        fn nothing_to_the_left_counts(sent in vec(any::<u8>(), 0..60)) {
            let trusted = ["10.0.0.0/8".parse().unwrap()];
            let value = [&sent[..], b", 203.0.113.9"].concat();
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                let mut headers = HeaderMap::new();
                headers.append(FORWARDED_FOR, value);
                let peer = "10.0.0.1:1".parse().unwrap();
                let found = of(peer, &headers, &trusted);
                prop_assert_eq!(found, "203.0.113.9".parse::<IpAddr>().unwrap());
                // It can look like a proxy that nobody named, and like nothing else.
                let trust = trust(peer, &headers, &trusted, found);
                let names_another = sent.contains(&b'.') || sent.contains(&b':');
                let is_part = trust == Trust::Part && names_another;
                prop_assert!(is_part || trust == Trust::Whole, "{:?}", trust);
            }
        }
    }

    const CLOUDFLARE: &str = "cf-connecting-ip";

    /// Who asks, what the request says of who asked before, and how far that is trusted.
    type Asked = (&'static str, &'static [(&'static str, &'static str)], Trust);

    const ASKED: &[Asked] = &[
        ("198.51.100.1:1", &[], Trust::Direct),
        (
            "198.51.100.1:1",
            &[(FORWARDED_FOR, "9.9.9.9")],
            Trust::Nobody,
        ),
        (
            "198.51.100.1:1",
            &[(FORWARDED, "for=9.9.9.9")],
            Trust::Nobody,
        ),
        ("10.0.0.1:1", &[], Trust::Direct),
        ("10.0.0.1:1", &[(FORWARDED, "for=9.9.9.9")], Trust::Part),
        (
            "10.0.0.1:1",
            &[(FORWARDED_FOR, "66.249.93.55")],
            Trust::Whole,
        ),
        // Through a CDN that is named, and through one that is not.
        (
            "10.0.0.1:1",
            &[(FORWARDED_FOR, "66.249.93.55, 173.245.48.9")],
            Trust::Whole,
        ),
        (
            "10.0.0.1:1",
            &[(FORWARDED_FOR, "66.249.93.55, 151.101.1.1")],
            Trust::Part,
        ),
        (
            "10.0.0.1:1",
            &[
                (FORWARDED_FOR, "66.249.93.55"),
                (FORWARDED_FOR, "151.101.1.1, 10.2.3.4"),
            ],
            Trust::Part,
        ),
        // A local proxy that keeps only who asked it.
        (
            "10.0.0.1:1",
            &[
                (FORWARDED_FOR, "151.101.1.1"),
                ("fastly-client-ip", "66.249.93.55"),
            ],
            Trust::Part,
        ),
        (
            "10.0.0.1:1",
            &[
                (FORWARDED_FOR, "66.249.93.55"),
                (CLOUDFLARE, "66.249.93.55"),
            ],
            Trust::Whole,
        ),
        (
            "10.0.0.1:1",
            &[
                (FORWARDED_FOR, "2001:db8::9"),
                (CLOUDFLARE, "2001:DB8:0::9"),
            ],
            Trust::Whole,
        ),
        // An office's own proxy names what is of no use to anybody.
        (
            "10.0.0.1:1",
            &[(FORWARDED_FOR, "192.168.1.5, 9.9.9.9")],
            Trust::Whole,
        ),
        (
            "10.0.0.1:1",
            &[(FORWARDED_FOR, "unknown, 9.9.9.9")],
            Trust::Whole,
        ),
        (
            "10.0.0.1:1",
            &[(FORWARDED_FOR, "9.9.9.9, 9.9.9.9")],
            Trust::Whole,
        ),
    ];

    #[test]
    fn proxies_that_are_trusted_in_part_are_noticed() {
        let trusted = ["10.0.0.0/8", "173.245.48.0/20"].map(|text| text.parse().unwrap());
        for (peer, lines, expected) in ASKED {
            let mut headers = HeaderMap::new();
            for (name, value) in *lines {
                headers.append(*name, HeaderValue::from_static(value));
            }
            let peer = peer.parse().unwrap();
            let client = of(peer, &headers, &trusted);
            assert_eq!(
                trust(peer, &headers, &trusted, client),
                *expected,
                "{lines:?}"
            );
        }
    }

    #[test]
    fn networks_are_read_strictly() {
        for text in ["", "10.0.0.0/33", "10.0.0", "example.org", "10.0.0.0/8/8"] {
            assert_eq!(text.parse::<TrustedProxy>(), Err(InvalidNetwork), "{text}");
        }
    }
}
