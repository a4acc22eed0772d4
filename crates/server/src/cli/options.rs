//! The command line.

use crate::client_address::TrustedProxy;
use crate::clock::Clock;
use crate::failure::Failure;
use crate::logging::LogLevel;
use crate::settings::{Acme, Database, Encryption, Limits, Settings};
use clap::{Args, Parser, Subcommand};
use kaifu_core::backend::BackendUrl;
use rustls::pki_types::DnsName;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// Kaifu's backend: serves tracking images and tells senders, honestly, whether they were fetched.
#[derive(Debug, Parser)]
#[command(
    name = "kaifu-server",
    version,
    after_help = "Every flag can be set in the environment as well; the flag wins.\n\
        Exit status: 0 done, 1 it failed (the reason is on standard error), 2 a flag is wrong.\n\
        Start with `kaifu-server serve`; it needs nothing else."
)]
pub struct Options {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How much to log on standard error; never tokens, addresses or user agents
    #[arg(
        long,
        env = "KAIFU_LOG_LEVEL",
        value_name = "LEVEL",
        default_value = "info",
        global = true
    )]
    pub log_level: LogLevel,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve until SIGTERM or SIGINT, then finish what is under way
    Serve(Box<ServeOptions>),
    /// Write a consistent copy of the database and the server keys, while the server may run
    #[command(
        after_help = "The server keys are copied to PATH.key: without them, no image of a mail sent so \
        far can be told from a forged one. To restore, put both in place as kaifu.db and server.key."
    )]
    Backup {
        /// Where the database is.
        #[command(flatten)]
        store: StoreOptions,
        /// The file to write; it must not exist
        path: PathBuf,
    },
    /// Give the space of deleted events back to the file system
    Vacuum {
        /// Where the database is.
        #[command(flatten)]
        store: StoreOptions,
    },
    /// Create the server key, where there is none, and print the file's path
    Keygen {
        /// Where the key goes.
        #[command(flatten)]
        keys: KeyOptions,
        /// Add a key for new accounts; those of the former ones go on. Running servers take it up
        #[arg(long)]
        rotate: bool,
    },
    /// Exit with 0 when the server answers, with 1 when not
    Healthcheck {
        /// Where the server listens.
        #[command(flatten)]
        listen: ListenOption,
        /// Whether it encrypts.
        #[command(flatten)]
        tls: TlsOptions,
    },
}

/// Where the server listens.
#[derive(Clone, Copy, Debug, Args)]
pub struct ListenOption {
    /// Address and port to listen on; port 0 takes a free one and logs it
    #[arg(
        long,
        env = "KAIFU_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8787"
    )]
    pub listen: SocketAddr,
}

/// Where the files are.
#[derive(Clone, Debug, Args)]
pub struct DataDirOption {
    /// Directory of the server key and the database; created where missing
    #[arg(
        long,
        env = "KAIFU_DATA_DIR",
        value_name = "PATH",
        default_value = "kaifu-data"
    )]
    pub data_dir: PathBuf,
}

/// Where the server keys are.
#[derive(Clone, Debug, Args)]
pub struct KeyOptions {
    /// Where the files are.
    #[command(flatten)]
    pub data_dir: DataDirOption,
    /// File of the server keys, newest first; server.key in the data directory unless given
    #[arg(long, env = "KAIFU_KEY_FILE", value_name = "PATH")]
    pub key_file: Option<PathBuf>,
}

impl KeyOptions {
    /// The file of the server keys.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.key_file
            .clone()
            .unwrap_or_else(|| self.data_dir.data_dir.join("server.key"))
    }
}

/// Where the database is.
#[derive(Clone, Debug, Args)]
pub struct StoreOptions {
    /// Where the files are.
    #[command(flatten)]
    pub keys: KeyOptions,
    /// sqlite:PATH, which counts from the data directory, or `postgres://USER:PASSWORD@HOST/NAME`
    #[arg(
        long,
        env = "KAIFU_DATABASE",
        hide_env_values = true,
        value_name = "URL",
        default_value = "sqlite:kaifu.db"
    )]
    pub database: DatabaseText,
}

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

impl StoreOptions {
    /// The database that was asked for.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidDatabase`] when the text names none.
    pub fn database(&self) -> Result<Database, Failure> {
        Ok(self.database.0.parse()?)
    }
}

/// How connections are encrypted, where no proxy in front does it.
#[derive(Clone, Debug, Args)]
pub struct TlsOptions {
    /// Domains to order a certificate for, free of charge and renewed in time; their port 443 must
    /// lead to --listen. This accepts the authority's terms of service
    #[arg(
        long,
        env = "KAIFU_ACME_DOMAIN",
        value_name = "DOMAINS",
        value_delimiter = ',',
        conflicts_with = "tls_cert"
    )]
    pub acme_domain: Vec<Domain>,
    /// File of a certificate in PEM, with what leads to its root; taken up again when it changes
    #[arg(
        long,
        env = "KAIFU_TLS_CERT",
        value_name = "PATH",
        requires = "tls_key"
    )]
    pub tls_cert: Option<PathBuf>,
    /// File of the certificate's private key in PEM
    #[arg(
        long,
        env = "KAIFU_TLS_KEY",
        value_name = "PATH",
        requires = "tls_cert"
    )]
    pub tls_key: Option<PathBuf>,
}

impl TlsOptions {
    /// Whether connections are encrypted.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.tls_cert.is_some() || !self.acme_domain.is_empty()
    }
}

/// A name in the DNS, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain(BackendUrl);

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

/// Let's Encrypt, which every mail program and browser trusts.
const ACME_DIRECTORY: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// How to serve.
#[derive(Debug, Args)]
pub struct ServeOptions {
    /// Where to listen.
    #[command(flatten)]
    pub listen: ListenOption,
    /// Where the database is.
    #[command(flatten)]
    pub store: StoreOptions,
    /// The address under which recipients reach this server, such as `https://kaifu.example.org`
    #[arg(long, env = "KAIFU_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<BackendUrl>,
    /// Days to keep an event, from 1 to 3650
    #[arg(
        long,
        env = "KAIFU_RETENTION_DAYS",
        value_name = "DAYS",
        default_value_t = 180,
        allow_negative_numbers = true,
        value_parser = clap::value_parser!(u32).range(1..=3650)
    )]
    pub retention_days: u32,
    /// New accounts per hour from one network (an IPv4 address or an IPv6 /64); 0 for any number
    #[arg(
        long,
        env = "KAIFU_ACCOUNTS_PER_HOUR",
        value_name = "COUNT",
        default_value_t = 60,
        allow_negative_numbers = true
    )]
    pub accounts_per_hour: u32,
    /// Failing requests of the API per minute from one network; 0 for any number
    #[arg(
        long,
        env = "KAIFU_ERRORS_PER_MINUTE",
        value_name = "COUNT",
        default_value_t = 300,
        allow_negative_numbers = true
    )]
    pub errors_per_minute: u32,
    /// Networks of proxies whose X-Forwarded-For is believed, such as `127.0.0.1,fd00::/8`
    #[arg(
        long,
        env = "KAIFU_TRUSTED_PROXIES",
        value_name = "NETWORKS",
        value_delimiter = ','
    )]
    pub trusted_proxies: Vec<TrustedProxy>,
    /// How connections are encrypted.
    #[command(flatten)]
    pub tls: TlsOptions,
    /// Mail addresses to which the certificate authority may write
    #[arg(
        long,
        env = "KAIFU_ACME_CONTACT",
        value_name = "ADDRESSES",
        value_delimiter = ',',
        requires = "acme_domain",
        value_parser = contact
    )]
    pub acme_contact: Vec<String>,
    /// Directory of another certificate authority that speaks ACME (RFC 8555)
    #[arg(
        long,
        env = "KAIFU_ACME_DIRECTORY",
        value_name = "URL",
        default_value = ACME_DIRECTORY,
        value_parser = directory
    )]
    pub acme_directory: String,
    /// Address and port to answer plain http on, with where the same is encrypted; mostly port 80
    #[arg(long, env = "KAIFU_REDIRECT_LISTEN", value_name = "ADDRESS")]
    pub redirect_listen: Option<SocketAddr>,
    /// Address and port to serve Prometheus metrics on; keep it from the public
    #[arg(long, env = "KAIFU_METRICS_LISTEN", value_name = "ADDRESS")]
    pub metrics_listen: Option<SocketAddr>,
}

/// Reads a mail address as the authority wants it.
fn contact(text: &str) -> Result<String, &'static str> {
    let address = text.trim().trim_start_matches("mailto:");
    match address.split_once('@') {
        Some((name, host)) if !name.is_empty() && !host.is_empty() => {
            Ok(format!("mailto:{address}"))
        }
        _ => Err("a contact is a mail address"),
    }
}

fn directory(text: &str) -> Result<String, &'static str> {
    let url = text.trim();
    let is_https = url.starts_with("https://") && url.parse::<hyper::Uri>().is_ok();
    is_https
        .then(|| url.to_owned())
        .ok_or("a directory is an address that starts with https://")
}

impl TryFrom<ServeOptions> for Settings {
    type Error = Failure;

    fn try_from(options: ServeOptions) -> Result<Self, Failure> {
        let TlsOptions {
            acme_domain: domains,
            tls_cert,
            tls_key,
        } = options.tls;
        let own_url = domains.first().map(|domain| domain.0.clone());
        let public_url = options.public_url.or(own_url);
        let encryption = match (tls_cert, tls_key) {
            (Some(certificate), Some(key)) => Encryption::Files { certificate, key },
            _ if domains.is_empty() => Encryption::None,
            _ => Encryption::Acme(Acme {
                domains: domains
                    .iter()
                    .map(|domain| domain.0.host().to_owned())
                    .collect(),
                contacts: options.acme_contact,
                directory: options.acme_directory,
            }),
        };
        let redirect = match (options.redirect_listen, &public_url) {
            (None, _) => None,
            (Some(listen), Some(url)) if url.is_secure() => Some((listen, url.clone())),
            (Some(_), _) => return Err(Failure::RedirectWhere),
        };
        Ok(Self {
            database: options.store.database()?,
            key_file: options.store.keys.path(),
            data_dir: options.store.keys.data_dir.data_dir,
            public_url,
            retention: Duration::from_hours(u64::from(options.retention_days) * 24),
            accounts_per_hour: options.accounts_per_hour,
            errors_per_minute: options.errors_per_minute,
            trusted_proxies: options.trusted_proxies,
            metrics_listen: options.metrics_listen,
            encryption,
            redirect,
            clock: Clock::default(),
            limits: Limits::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

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

    #[test]
    fn the_command_line_is_consistent() {
        Options::command().debug_assert();
    }
}
