//! The flags and commands, as clap reads them.

use super::shares::ShareOptions;
use super::values::{self, DatabaseText, Domain, contact, directory};
use crate::client_address::TrustedProxy;
use crate::failure::Failure;
use crate::logging::LogLevel;
use crate::settings::{Database, Links};
use clap::{Args, Parser, Subcommand};
use kaifu_core::backend::BackendUrl;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Kaifu's server: serves tracking images and tells senders, honestly, whether they were fetched.
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
        far can be told from a forged one. `restore` puts both in place."
    )]
    Backup {
        /// Where the database is.
        #[command(flatten)]
        store: StoreOptions,
        /// The file to write; it must not exist
        path: PathBuf,
    },
    /// Check a backup and put it, with its keys, in place of the database; no server may run meanwhile
    #[command(
        after_help = "What was refused, erased or deleted since the backup stays so, where the \
        database of before is there and whole; otherwise it says that this is not known. That \
        database is kept beside the new one, as kaifu.db.before-restore: remove it when all is \
        well. A dump of PostgreSQL is restored with pg_restore; then this command, given the \
        postgres.journal out of each server's data directory, does again what the dump does not \
        know of."
    )]
    Restore {
        /// Where the database is.
        #[command(flatten)]
        store: StoreOptions,
        /// The file that `backup` wrote, or any whole copy of the database; with PostgreSQL, the
        /// journal of each server
        #[arg(required = true, value_name = "FILE")]
        paths: Vec<PathBuf>,
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
    /// Say what keeps the server from being reached or events from being kept; takes serve's flags
    #[command(
        after_help = "Run it on the server's machine, with the same flags and environment as the \
        server. It looks at keys, database, disk, backups, certificate, clock, DNS, ports and \
        proxies, and exits with 1 when something must be mended."
    )]
    Doctor(Box<ServeOptions>),
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

impl StoreOptions {
    /// The database that was asked for.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidDatabase`] when the text names none.
    pub fn database(&self) -> Result<Database, Failure> {
        self.database.read()
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
    /// Store in PostgreSQL only while it names a synchronous standby; events are spooled meanwhile
    #[arg(long, env = "KAIFU_REQUIRE_SYNCHRONOUS_STANDBY")]
    pub require_synchronous_standby: bool,
    /// The address under which recipients reach this server, such as `https://kaifu.example.org`
    #[arg(long, env = "KAIFU_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<BackendUrl>,
    /// Who runs this server, as its page tells recipients: a name, and how to be reached
    #[arg(long, env = "KAIFU_OPERATOR", value_name = "TEXT", value_parser = values::line)]
    pub operator: Option<String>,
    /// The address of the operator's privacy notice, which that page links to
    #[arg(long, env = "KAIFU_PRIVACY_URL", value_name = "URL", value_parser = values::https)]
    pub privacy_url: Option<String>,
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
    /// What one account or email may have.
    #[command(flatten)]
    pub shares: ShareOptions,
    /// Networks of proxies whose X-Forwarded-For is believed, such as `127.0.0.1,fd00::/8`
    #[arg(
        long,
        env = "KAIFU_TRUSTED_PROXIES",
        value_name = "NETWORKS",
        value_delimiter = ','
    )]
    pub trusted_proxies: Vec<TrustedProxy>,
    /// What tracked links do: nothing, show a page that says where they lead, or lead on at once.
    /// Anybody can make an account, and with `redirect` links to any place under this server's name
    #[arg(
        long,
        env = "KAIFU_LINKS",
        value_name = "WAY",
        value_enum,
        default_value_t
    )]
    pub links: Links,
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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Options::command().debug_assert();
    }
}
