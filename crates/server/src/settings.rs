//! Everything that can be set.

use crate::client_address::TrustedProxy;
use crate::clock::Clock;
use clap::ValueEnum;
use kaifu_core::backend::BackendUrl;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// What a server works with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Holds the server key and, unless said otherwise, the database.
    pub data_dir: PathBuf,
    /// Holds the server keys.
    pub key_file: PathBuf,
    /// Where the events are kept.
    pub database: Database,
    /// Whether nothing is stored in PostgreSQL unless it names a synchronous standby.
    pub needs_standby: bool,
    /// The address that recipients reach, where it is known.
    pub public_url: Option<BackendUrl>,
    /// Who runs the server, as recipients are told.
    pub operator: Operator,
    /// How long an event is kept.
    pub retention: Duration,
    /// New accounts per hour and network; 0 for any number.
    pub accounts_per_hour: u32,
    /// Requests of the API that may fail per minute and network; 0 for any number.
    pub errors_per_minute: u32,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<TrustedProxy>,
    /// Where operators may ask for metrics.
    pub metrics_listen: Option<SocketAddr>,
    /// What tracked links do.
    pub links: Links,
    /// How connections are encrypted.
    pub encryption: Encryption,
    /// Where requests by plain http are sent on from, and the address that they are sent on to.
    pub redirect: Option<(SocketAddr, BackendUrl)>,
    /// Where the time of events comes from.
    pub clock: Clock,
    /// Bounds that only tests and unusual sites change.
    pub limits: Limits,
}

impl Settings {
    /// Whether recipients reach the server by https, by itself or by a proxy in front.
    pub(crate) fn is_reached_by_https(&self) -> bool {
        let public = self.public_url.as_ref();
        public.map_or(self.encryption != Encryption::None, BackendUrl::is_secure)
    }
}

/// Who runs the server, as far as recipients are told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Operator {
    /// The host under which they reach it.
    pub host: Option<String>,
    /// The person or organisation.
    pub name: Option<String>,
    /// The https address of their privacy notice.
    pub privacy: Option<String>,
}

/// Bounds on what clients can make the server spend.
#[derive(Clone, Debug)]
pub struct Limits {
    /// For a connection to be encrypted.
    pub handshake_timeout: Duration,
    /// For a request's head to arrive, and for an idle connection to ask again.
    pub head_timeout: Duration,
    /// For a request to be read and answered; a long poll's wait comes on top.
    pub request_timeout: Duration,
    /// How long the image waits for its event to be stored.
    pub record_timeout: Duration,
    /// For a client to take what it is sent.
    pub write_timeout: Duration,
    /// For requests under way when the server is asked to stop.
    pub drain_timeout: Duration,
    /// Between two searches for events past their retention.
    pub purge_every: Duration,
    /// Between two looks for floods whose minute is over.
    pub settle_every: Duration,
    /// Between two looks for files that have changed: server keys and certificates.
    pub reload_every: Duration,
    /// Before a server key that was added while the server runs is given to new accounts.
    pub new_key_wait: Duration,
    /// Before the second attempt to order a certificate; the pauses then double up to an hour.
    pub certificate_retry: Duration,
    /// Open connections; more wait until others give up theirs.
    pub connections: usize,
    /// Open connections of one network (an IPv4 address or an IPv6 /64), unless it is a trusted
    /// proxy's; 0 for any number.
    pub connections_per_network: usize,
    /// Long polls of one account; one more is told to come later.
    pub waiters_per_account: usize,
    /// Fetches of one account that are stored one by one in a day; more are only counted. 0 for any
    /// number, here and below.
    pub account_events_per_day: u32,
    /// Fetches of one message that are stored one by one in a day; more are only counted.
    pub message_events_per_day: u32,
    /// Presses of each button of a message's page in a day; more are refused.
    pub presses_per_day: u32,
    /// The room on the disk below which only accounts that are in use are stored.
    pub reserve: Reserve,
}

/// Room on a disk: so many bytes, though no more than so much of the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reserve {
    /// In bytes.
    pub bytes: u64,
    /// In hundredths of the disk.
    pub percent: u8,
}

impl Reserve {
    /// What that comes to on a disk of `total` bytes.
    pub(crate) fn of(self, total: u64) -> u64 {
        self.bytes.min(total / 100 * u64::from(self.percent))
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            handshake_timeout: Duration::from_secs(30),
            // Longer than a minute: a browser without a Gmail tab asks every 30 s, and each new
            // connection costs a handshake.
            head_timeout: Duration::from_secs(75),
            request_timeout: Duration::from_secs(10),
            record_timeout: Duration::from_secs(5),
            write_timeout: Duration::from_secs(20),
            drain_timeout: Duration::from_secs(10),
            purge_every: Duration::from_hours(6),
            settle_every: Duration::from_secs(2),
            reload_every: Duration::from_secs(2),
            new_key_wait: Duration::from_mins(10),
            certificate_retry: Duration::from_mins(1),
            connections: 20_000,
            connections_per_network: 2_000,
            waiters_per_account: 8,
            account_events_per_day: 50_000,
            message_events_per_day: 10_000,
            presses_per_day: 200,
            reserve: Reserve {
                bytes: 1 << 30,
                percent: 5,
            },
        }
    }
}

/// What a tracked link, `/l/…`, does. Anybody may make an account and mint links, so whoever follows
/// them trusts the server's name for the sake of strangers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Links {
    /// Nothing: there is no such address.
    #[default]
    Off,
    /// It shows a page that says where it leads.
    Page,
    /// It leads on at once.
    Redirect,
}

/// How connections are encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// Not at all: a proxy in front does it.
    None,
    /// With a certificate that somebody else renews.
    Files {
        /// The certificate and what leads to its root, in PEM.
        certificate: PathBuf,
        /// Its private key, in PEM.
        key: PathBuf,
    },
    /// With a certificate that the server orders and renews itself.
    Acme(Acme),
}

/// A certificate to be ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acme {
    /// What it is for: DNS names in lower case.
    pub domains: Vec<String>,
    /// Whom the authority may write to, as `mailto:` addresses.
    pub contacts: Vec<String>,
    /// Where the authority's directory is.
    pub directory: String,
}

/// Where the events are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// An SQLite file; a relative path counts from the data directory.
    Sqlite(PathBuf),
    /// A PostgreSQL database. Its debug output leaves the password out.
    Postgres(Box<tokio_postgres::Config>),
}

/// Why a text names no database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDatabase {
    /// The text starts with neither `sqlite:` nor `postgres://`.
    #[error("a database is given as sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME")]
    Scheme,
    /// There is no path, or it is not the name of a file.
    #[error("sqlite: is followed by the path of a file")]
    Path,
    /// The address cannot be read.
    #[error("postgres:// is followed by USER:PASSWORD@HOST:PORT/NAME, percent-encoded")]
    Postgres,
    /// The connection is to be encrypted in a way that is not known.
    #[error(
        "sslmode is disable, prefer, require or verify-full; the last two check the certificate and \
         the name in it"
    )]
    SslMode,
    /// A file of certificates is named in the address.
    #[error("sslrootcert is not read: name the file of certificates in SSL_CERT_FILE")]
    RootCertificate,
}

impl FromStr for Database {
    type Err = InvalidDatabase;

    fn from_str(text: &str) -> Result<Self, InvalidDatabase> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let config = known_options(text)?.parse();
            let config = config.map_err(|_| InvalidDatabase::Postgres)?;
            return Ok(Self::Postgres(Box::new(config)));
        }
        let path = text
            .strip_prefix("sqlite:")
            .ok_or(InvalidDatabase::Scheme)?;
        let path = path.strip_prefix("//").unwrap_or(path);
        // A database in memory would be a different one for every connection.
        if path.is_empty() || path.ends_with('/') || path.starts_with(':') || path.contains('?') {
            return Err(InvalidDatabase::Path);
        }
        Ok(Self::Sqlite(path.into()))
    }
}

/// The address with the words of libpq that we know in other words, or have no use for.
///
/// `require` checks the certificate and the name here, so `verify-full` is the same
/// (<https://www.postgresql.org/docs/current/libpq-ssl.html>).
fn known_options(text: &str) -> Result<String, InvalidDatabase> {
    let Some((address, query)) = text.split_once('?') else {
        return Ok(text.to_owned());
    };
    let mut options = Vec::new();
    for option in query.split('&') {
        match option.split_once('=') {
            Some(("sslmode", "verify-full")) => options.push("sslmode=require"),
            Some(("sslmode", "disable" | "prefer" | "require")) => options.push(option),
            Some(("sslmode", _)) => return Err(InvalidDatabase::SslMode),
            // The system's certificates are the ones that are used.
            Some(("sslrootcert", "system")) => {}
            Some(("sslrootcert", _)) => return Err(InvalidDatabase::RootCertificate),
            _ => options.push(option),
        }
    }
    Ok(format!("{address}?{}", options.join("&")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_outlasts_the_pause_between_two_questions_of_a_browser() {
        // A browser without a Gmail tab asks each 30 s, and no alarm is on time.
        assert!(Limits::default().head_timeout >= Duration::from_secs(75));
    }

    #[test]
    fn databases_are_named_by_their_file() {
        for (text, expected) in [
            ("sqlite:kaifu.db", Ok("kaifu.db")),
            ("sqlite:/var/lib/kaifu.db", Ok("/var/lib/kaifu.db")),
            ("sqlite:///var/lib/kaifu.db", Ok("/var/lib/kaifu.db")),
            ("sqlite:", Err(InvalidDatabase::Path)),
            ("sqlite:dir/", Err(InvalidDatabase::Path)),
            ("sqlite::memory:", Err(InvalidDatabase::Path)),
            ("sqlite:kaifu.db?mode=memory", Err(InvalidDatabase::Path)),
            ("kaifu.db", Err(InvalidDatabase::Scheme)),
            ("mysql://example.org/kaifu", Err(InvalidDatabase::Scheme)),
        ] {
            let expected = expected.map(|path| Database::Sqlite(path.into()));
            assert_eq!(text.parse::<Database>(), expected, "{text}");
        }
    }

    #[test]
    fn postgres_is_named_by_its_address_and_its_password_is_not_shown() {
        let text = "postgres://kaifu:hunter2@db.example.org:5433/opens?sslmode=disable";
        let Ok(Database::Postgres(config)) = text.parse() else {
            panic!("it is an address");
        };
        assert_eq!(config.get_dbname(), Some("opens"));
        assert!(!format!("{config:?}").contains("hunter2"));
        assert_eq!(
            "postgres://host:port/".parse::<Database>(),
            Err(InvalidDatabase::Postgres)
        );
    }

    #[test]
    fn the_ways_to_encrypt_are_those_that_clouds_hand_out() {
        use tokio_postgres::config::SslMode;
        for (options, expected) in [
            ("", Ok(SslMode::Prefer)),
            ("?sslmode=require", Ok(SslMode::Require)),
            ("?sslmode=verify-full", Ok(SslMode::Require)),
            (
                "?sslrootcert=system&sslmode=verify-full&connect_timeout=3",
                Ok(SslMode::Require),
            ),
            ("?sslmode=verify-ca", Err(InvalidDatabase::SslMode)),
            (
                "?sslrootcert=/etc/ca.pem",
                Err(InvalidDatabase::RootCertificate),
            ),
            ("?nonsense=1", Err(InvalidDatabase::Postgres)),
        ] {
            let found = format!("postgres://host/name{options}").parse();
            let found = found.map(|database| match database {
                Database::Postgres(config) => config.get_ssl_mode(),
                Database::Sqlite(_) => panic!("it is PostgreSQL"),
            });
            assert_eq!(found, expected, "{options}");
        }
    }
}
