//! Whose request it is, when proxies stand in between.

use axum::http::HeaderMap;
use ipnet::IpNet;
use kaifu_networks::parse_address;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// The header in which each proxy adds, on the right, who asked it.
pub(crate) const FORWARDED_FOR: &str = "x-forwarded-for";

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

/// The address that `peer` asks for: the first one, from the right, that no trusted proxy has.
///
/// What stands further left may be anything that a client cared to send, so it is never looked at.
pub(crate) fn of(peer: SocketAddr, headers: &HeaderMap, trusted: &[TrustedProxy]) -> IpAddr {
    let mut client = peer.ip().to_canonical();
    if !is_trusted(client, trusted) {
        return client;
    }
    let lines = headers.get_all(FORWARDED_FOR).iter().rev();
    let entries = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
    for entry in entries {
        let Some(address) = std::str::from_utf8(entry).ok().and_then(parse_address) else {
            return client;
        };
        client = address;
        if !is_trusted(client, trusted) {
            return client;
        }
    }
    client
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
                let found = of("10.0.0.1:1".parse().unwrap(), &headers, &trusted);
                prop_assert_eq!(found, "203.0.113.9".parse::<IpAddr>().unwrap());
            }
        }
    }

    #[test]
    fn networks_are_read_strictly() {
        for text in ["", "10.0.0.0/33", "10.0.0", "example.org", "10.0.0.0/8/8"] {
            assert_eq!(text.parse::<TrustedProxy>(), Err(InvalidNetwork), "{text}");
        }
    }
}
