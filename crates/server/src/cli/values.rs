//! Values of flags that are more than text.

use crate::failure::Failure;
use crate::settings::Database;
use kaifu_core::backend::BackendUrl;
use rustls::pki_types::DnsName;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// What was given as the database. It may hold a password, so it is read only after the command
/// line, whose error messages repeat what they cannot read.
#[derive(Clone)]
pub struct DatabaseText(String);

impl From<String> for DatabaseText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for DatabaseText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseText(…)")
    }
}

impl DatabaseText {
    /// The database that it names.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidDatabase`] when the text names none.
    pub(super) fn read(&self) -> Result<Database, Failure> {
        Ok(self.0.parse()?)
    }
}

/// A line of text that people read.
pub(super) fn line(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    let is_line = !text.is_empty() && text.len() <= 200 && !text.chars().any(char::is_control);
    is_line
        .then(|| text.to_owned())
        .ok_or("a line of at most 200 bytes is expected")
}

/// An address that a page may link to.
pub(super) fn https(text: &str) -> Result<String, &'static str> {
    let text = line(text)?;
    let is_address = text.starts_with("https://") && !text.contains(char::is_whitespace);
    is_address
        .then_some(text)
        .ok_or("an address that begins with https:// is expected")
}

/// A name in the DNS, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain(BackendUrl);

impl Domain {
    /// The address at which a server of that name answers.
    #[must_use]
    pub const fn url(&self) -> &BackendUrl {
        &self.0
    }
}

impl FromStr for Domain {
    type Err = InvalidDomain;

    fn from_str(text: &str) -> Result<Self, InvalidDomain> {
        let text = text.trim();
        let url: BackendUrl = format!("https://{text}")
            .parse()
            .map_err(|_| InvalidDomain)?;
        let is_name = url.host().eq_ignore_ascii_case(text)
            && DnsName::try_from(text).is_ok()
            && text.parse::<IpAddr>().is_err();
        is_name.then_some(Self(url)).ok_or(InvalidDomain)
    }
}

/// Text that is no name in the DNS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a domain is a name such as kaifu.example.org, without a scheme, port or wildcard")]
pub struct InvalidDomain;

/// Reads a mail address as the authority wants it.
pub(super) fn contact(text: &str) -> Result<String, &'static str> {
    let address = text.trim().trim_start_matches("mailto:");
    match address.split_once('@') {
        Some((name, host)) if !name.is_empty() && !host.is_empty() => {
            Ok(format!("mailto:{address}"))
        }
        _ => Err("a contact is a mail address"),
    }
}

/// Reads the address of an authority.
pub(super) fn directory(text: &str) -> Result<String, &'static str> {
    let url = text.trim();
    let is_https = url.starts_with("https://") && url.parse::<hyper::Uri>().is_ok();
    is_https
        .then(|| url.to_owned())
        .ok_or("a directory is an address that starts with https://")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_names_and_nothing_more() {
        for (text, expected) in [
            ("kaifu.example.org", true),
            ("Kaifu.Example.ORG", true),
            ("xn--bcher-kva.example", true),
            ("", false),
            ("*.example.org", false),
            ("https://example.org", false),
            ("example.org:443", false),
            ("example.org/", false),
            ("192.0.2.1", false),
            ("[2001:db8::1]", false),
            ("a b", false),
        ] {
            assert_eq!(text.parse::<Domain>().is_ok(), expected, "{text}");
        }
        let domain: Domain = "Kaifu.Example.ORG".parse().unwrap();
        assert_eq!(domain.0.host(), "kaifu.example.org");
    }
}
