//! The address of a Kaifu server, and whether a recipient's email app could reach it.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// Where a server is: scheme, host and port, nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BackendUrl {
    secure: bool,
    host: String,
    port: Option<u16>,
}

/// Why a text is no server address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBackend {
    /// The text does not start with `https://` or `http://`.
    #[error("a server address starts with https:// or http://")]
    Scheme,
    /// The host is empty or has characters that no host name has.
    #[error("a server address needs a host name of letters, digits, dots and hyphens")]
    Host,
    /// The port is no number from 1 to 65535.
    #[error("a port is a number from 1 to 65535")]
    Port,
    /// Something follows the host and port.
    #[error("a server address ends after host and port")]
    Path,
}

/// Whether the recipients of an email can load an image from a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// By https under a public name.
    Public,
    /// By plain http: many email apps refuse it.
    Insecure,
    /// Only from this machine or a private network: good for trying out.
    Private,
}

impl BackendUrl {
    /// The host as it stands in the address; IPv6 addresses keep their brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether connections to it are encrypted.
    #[must_use]
    pub const fn is_secure(&self) -> bool {
        self.secure
    }

    /// Whether recipients can reach it, as far as the address tells.
    #[must_use]
    pub fn reach(&self) -> Reach {
        if is_private(&self.host) {
            Reach::Private
        } else if self.secure {
            Reach::Public
        } else {
            Reach::Insecure
        }
    }

    /// Whether an account's secrets may be sent there: encrypted, or by plain http no further than this
    /// machine or a private network.
    #[must_use]
    pub fn may_carry_secrets(&self) -> bool {
        self.secure || is_private(&self.host)
    }

    /// The match pattern that covers every path of this server.
    #[must_use]
    pub fn match_pattern(&self) -> String {
        format!("{self}/*")
    }
}

impl fmt::Display for BackendUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.secure { "https://" } else { "http://" })?;
        f.write_str(&self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl FromStr for BackendUrl {
    type Err = InvalidBackend;

    fn from_str(text: &str) -> Result<Self, InvalidBackend> {
        let text = text.trim().to_ascii_lowercase();
        let (secure, rest) = if let Some(rest) = text.strip_prefix("https://") {
            (true, rest)
        } else {
            (
                false,
                text.strip_prefix("http://").ok_or(InvalidBackend::Scheme)?,
            )
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains(['/', '?', '#']) {
            return Err(InvalidBackend::Path);
        }
        let host_len = match authority.strip_prefix('[') {
            Some(_) => authority.find(']').ok_or(InvalidBackend::Host)? + 1,
            None => authority.find(':').unwrap_or(authority.len()),
        };
        let (host, port) = authority.split_at(host_len);
        if !is_host(host) {
            return Err(InvalidBackend::Host);
        }
        let port = match port.strip_prefix(':') {
            None if port.is_empty() => None,
            None => return Err(InvalidBackend::Host),
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                match digits.parse() {
                    Ok(0) | Err(_) => return Err(InvalidBackend::Port),
                    Ok(port) => Some(port),
                }
            }
            Some(_) => return Err(InvalidBackend::Port),
        };
        let default = if secure { 443 } else { 80 };
        Ok(Self {
            secure,
            host: host.to_owned(),
            port: port.filter(|port| *port != default),
        })
    }
}

fn bracketed(host: &str) -> Option<&str> {
    host.strip_prefix('[')?.strip_suffix(']')
}

fn is_host(host: &str) -> bool {
    if let Some(address) = bracketed(host) {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    host.len() <= 253
        && host.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
}

fn is_private(host: &str) -> bool {
    if let Some(address) = bracketed(host).and_then(|text| text.parse::<Ipv6Addr>().ok()) {
        return match address.to_ipv4_mapped() {
            Some(mapped) => is_private_v4(mapped),
            None => {
                address.is_loopback()
                    || address.is_unspecified()
                    || address.is_unique_local()
                    || address.is_unicast_link_local()
            }
        };
    }
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return is_private_v4(address);
    }
    let last = host.rsplit('.').next().unwrap_or(host);
    !host.contains('.')
        || matches!(last, "localhost" | "local" | "internal" | "lan" | "test")
        // The name of networks at home (RFC 8375).
        || host.ends_with(".home.arpa")
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    // 100.64.0.0/10 is carrier-grade NAT (RFC 6598); `Ipv4Addr::is_shared` is not stable yet.
    let [a, b, ..] = address.octets();
    address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_unspecified()
        || (a == 100 && (64..128).contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_tidied() {
        for (text, expected) in [
            ("http://127.0.0.1:8787", Ok("http://127.0.0.1:8787")),
            (
                " HTTPS://Kaifu.Example.org/ ",
                Ok("https://kaifu.example.org"),
            ),
            (
                "https://kaifu.example.org:443",
                Ok("https://kaifu.example.org"),
            ),
            ("http://[::1]:8787/", Ok("http://[::1]:8787")),
            ("kaifu.example.org", Err(InvalidBackend::Scheme)),
            ("ftp://kaifu.example.org", Err(InvalidBackend::Scheme)),
            ("https://", Err(InvalidBackend::Host)),
            ("https://a b", Err(InvalidBackend::Host)),
            ("https://user@example.org", Err(InvalidBackend::Host)),
            ("https://[::1", Err(InvalidBackend::Host)),
            ("https://-a.org", Err(InvalidBackend::Host)),
            ("https://a..org", Err(InvalidBackend::Host)),
            ("https://a.org:0", Err(InvalidBackend::Port)),
            ("https://a.org:65536", Err(InvalidBackend::Port)),
            ("https://a.org:+80", Err(InvalidBackend::Port)),
            ("https://a.org/path", Err(InvalidBackend::Path)),
            ("https://a.org?x", Err(InvalidBackend::Path)),
        ] {
            assert_eq!(
                text.parse::<BackendUrl>().map(|url| url.to_string()),
                expected.map(str::to_owned),
                "{text}"
            );
        }
    }

    #[test]
    fn secrets_cross_the_internet_encrypted_alone() {
        for (text, expected) in [
            ("https://kaifu.example.org", true),
            ("http://kaifu.example.org", false),
            ("http://203.0.113.9:8787", false),
            ("http://[2001:db8::1]", false),
            ("http://[::ffff:203.0.113.9]", false),
            ("http://127.0.0.1:8787", true),
            ("http://192.168.1.4", true),
            ("http://[::1]:8787", true),
            ("http://[::ffff:192.168.1.4]", true),
            ("http://nas.local", true),
            ("http://nas.home.arpa", true),
            ("http://home.arpa.example.org", false),
        ] {
            let url: BackendUrl = text.parse().unwrap();
            assert_eq!(url.may_carry_secrets(), expected, "{text}");
        }
    }

    #[test]
    fn reach_is_told_from_the_address() {
        for (text, expected) in [
            ("https://kaifu.example.org", Reach::Public),
            ("http://kaifu.example.org", Reach::Insecure),
            ("https://203.0.113.9", Reach::Public),
            ("http://127.0.0.1:8787", Reach::Private),
            ("https://192.168.1.4", Reach::Private),
            ("https://100.64.0.1", Reach::Private),
            ("https://[::1]", Reach::Private),
            ("https://[fd00::1]", Reach::Private),
            ("https://[::ffff:10.0.0.1]", Reach::Private),
            ("https://nas", Reach::Private),
            ("https://nas.local", Reach::Private),
        ] {
            assert_eq!(
                text.parse::<BackendUrl>().unwrap().reach(),
                expected,
                "{text}"
            );
        }
    }
}
