//! Addresses as they come in, and which of them a table can know.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Reads an address as proxies write it into `X-Forwarded-For` or `Forwarded`: with or without a
/// port, brackets, quotes or an IPv6 scope. An IPv4 address mapped into IPv6 comes out as IPv4.
#[must_use]
pub fn parse_address(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    let bare = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        // One colon separates a port from IPv4; IPv6 has at least two.
        None => match text.split_once(':') {
            Some((host, port)) if !port.contains(':') => host,
            _ => text,
        },
    };
    let bare = bare
        .split_once('%')
        .map_or(bare, |(address, _scope)| address);
    bare.parse::<IpAddr>()
        .ok()
        .map(|address| address.to_canonical())
}

/// The address that tables know: IPv4 where it only travels inside IPv6; `None` when it is not a
/// public address of one machine.
pub(crate) fn public(address: IpAddr) -> Option<IpAddr> {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address).then_some(IpAddr::V4(address)),
        IpAddr::V6(address) => match address.segments() {
            // NAT64 (RFC 6052).
            [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
                let address = Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
                is_public_v4(address).then_some(IpAddr::V4(address))
            }
            _ => is_public_v6(address).then_some(IpAddr::V6(address)),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    !(first == 0
        || first >= 224
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        // Carriers' own networks (RFC 6598).
        || (first == 100 && second & 0b1100_0000 == 64))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    // Only 2000::/3 is assigned, and 2001:db8::/32 is for documents.
    first & 0xe000 == 0x2000 && !(first == 0x2001 && second == 0xdb8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_proxies_write_them() {
        for (text, expected) in [
            ("192.0.2.1", Some("192.0.2.1")),
            (" 192.0.2.1:443 ", Some("192.0.2.1")),
            ("\"[2001:db8::1]:443\"", Some("2001:db8::1")),
            ("[2001:db8::1]", Some("2001:db8::1")),
            ("fe80::1%eth0", Some("fe80::1")),
            ("[fe80::1%25eth0]:80", Some("fe80::1")),
            ("::ffff:192.0.2.1", Some("192.0.2.1")),
            ("unknown", None),
            ("_hidden", None),
            ("", None),
            ("[", None),
            ("1.2.3.4.5", None),
        ] {
            let expected = expected.map(|text| text.parse::<IpAddr>().unwrap());
            assert_eq!(parse_address(text), expected, "{text}");
        }
    }

    #[test]
    fn only_public_addresses_are_looked_up() {
        for text in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.1.1",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2001:db8::1",
        ] {
            assert_eq!(public(text.parse().unwrap()), None, "{text}");
        }
        for (text, expected) in [
            ("8.8.8.8", "8.8.8.8"),
            ("::ffff:8.8.8.8", "8.8.8.8"),
            ("64:ff9b::808:808", "8.8.8.8"),
            ("2a00:1450::1", "2a00:1450::1"),
        ] {
            assert_eq!(
                public(text.parse().unwrap()),
                expected.parse().ok(),
                "{text}"
            );
        }
    }
}
