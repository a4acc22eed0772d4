//! Which network an address belongs to, and which user agents are known robots.
//!
//! For the server alone: it looks an address up while it answers, hands the result to
//! [`kaifu_core::fetch::classify`], and forgets the address. Everything is in memory; a lookup
//! neither allocates nor asks anybody.
//!
//! A small table of the networks that the rules name, and a list of robots, are built in. A larger
//! table (every network, countries) and Apple's list of relay addresses are optional files that can
//! be replaced without a new version of the server: see [`Files`].

mod address;
mod agents;
mod full;
mod ranges;
mod relay;
mod seed;

pub use address::parse_address;
pub use agents::Agents;
pub use full::{Full, FullBuilder, Owner};
pub use ranges::Ranges;
pub use relay::read_relay;
pub use seed::{Seed, SeedRow};

use kaifu_core::fetch::{Network, Range};
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// Where the optional tables are; a missing file is no error.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// All networks and countries, as the refresh command writes them.
    pub networks: PathBuf,
    /// Apple's list of relay addresses, as Apple publishes it.
    pub relay: PathBuf,
    /// A newer list of robots, one piece of a user agent on each line.
    pub agents: PathBuf,
}

impl Files {
    /// The usual names in `directory`: `networks.bin`, `apple-relay.csv` and `agents.txt`.
    #[must_use]
    pub fn within(directory: &Path) -> Self {
        Self {
            networks: directory.join("networks.bin"),
            relay: directory.join("apple-relay.csv"),
            agents: directory.join("agents.txt"),
        }
    }
}

/// A table that is there but cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file cannot be read.
    #[error("cannot read {path}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is no table of this kind, or is damaged.
    #[error("{path} is damaged: {what}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: &'static str,
    },
}

/// All tables of a server. They never change: a server that wants newer ones loads new tables.
#[derive(Debug)]
pub struct Tables {
    seed: Seed,
    full: Option<Full>,
    relay: Option<Ranges<()>>,
    agents: Agents,
}

impl Default for Tables {
    fn default() -> Self {
        Self::built_in()
    }
}

impl Tables {
    /// The built-in tables alone.
    #[must_use]
    pub fn built_in() -> Self {
        Self {
            seed: Seed::built_in(),
            full: None,
            relay: None,
            agents: Agents::built_in(),
        }
    }

    /// The built-in tables with those of `files` that exist.
    ///
    /// # Errors
    ///
    /// [`TableError`] when a file exists but cannot be read or is damaged.
    pub fn load(files: &Files) -> Result<Self, TableError> {
        let mut tables = Self::built_in();
        if let Some(bytes) = read(&files.networks)? {
            tables.full =
                Some(Full::decode(&bytes).map_err(|what| damaged(&files.networks, what))?);
        }
        if let Some(bytes) = read(&files.relay)? {
            let text = String::from_utf8(bytes).map_err(|_| damaged(&files.relay, "not UTF-8"))?;
            tables.relay = Some(read_relay(&text).map_err(|what| damaged(&files.relay, what))?);
        }
        if let Some(bytes) = read(&files.agents)? {
            let text = String::from_utf8(bytes).map_err(|_| damaged(&files.agents, "not UTF-8"))?;
            tables.agents = Agents::parse(&text).map_err(|what| damaged(&files.agents, what))?;
        }
        Ok(tables)
    }

    /// What is known about the network of `address`; `None` for an address that is not public, or
    /// not one of a single machine.
    #[must_use]
    pub fn network(&self, address: IpAddr) -> Option<Network> {
        let address = address::public(address)?;
        let full = self.full.as_ref();
        let owner = full.and_then(|full| full.owner(address));
        let named = self.seed.get(address);
        let range = match named {
            _ if self
                .relay
                .as_ref()
                .is_some_and(|relay| relay.get(address).is_some()) =>
            {
                Some(Range::AppleRelay)
            }
            Some(SeedRow::ExchangeOnline) => Some(Range::ExchangeOnline),
            // The larger table is the newer one, and overrules what is built in.
            named => owner
                .and_then(|owner| owner.rented)
                .unwrap_or(named == Some(SeedRow::Rented))
                .then_some(Range::Rented),
        };
        let asn = owner.map(|owner| owner.asn).or(match named {
            Some(SeedRow::Asn(asn)) => Some(asn),
            _ => None,
        });
        Some(Network {
            asn,
            range,
            country: full.and_then(|full| full.country(address)),
        })
    }

    /// Whether the list of known robots has this user agent. Only for
    /// [`Fetch::listed_bot`](kaifu_core::fetch::Fetch::listed_bot): the list also holds the proxies
    /// of mail services, which the rules judge before it.
    #[must_use]
    pub fn is_listed_bot(&self, user_agent: &str) -> bool {
        self.agents.matches(user_agent)
    }

    /// What cannot be told for want of an optional table, as sentences for the log.
    #[must_use]
    pub fn blind_spots(&self) -> Vec<&'static str> {
        let mut spots = Vec::new();
        if self.full.is_none() {
            spots.push("no table of all networks: countries are not shown, and the networks that rules name are as old as this version");
        }
        if self.relay.is_none() {
            spots.push("no list of Apple's relay addresses: they are only known by the companies that run them");
        }
        spots
    }

    /// How many bytes of memory the tables take.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.seed.bytes()
            + self.full.as_ref().map_or(0, Full::bytes)
            + self.relay.as_ref().map_or(0, Ranges::bytes)
            + self.agents.bytes()
    }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, TableError> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        // An empty path stands for a table that was not asked for.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(TableError::Unreadable {
            path: path.to_owned(),
            source,
        }),
    }
}

fn damaged(path: &Path, what: &'static str) -> TableError {
    TableError::Damaged {
        path: path.to_owned(),
        what,
    }
}
