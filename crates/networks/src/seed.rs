//! The built-in table: the networks that the rules name.

use crate::ranges::Ranges;
use crate::relay::parse_prefix;
use std::net::IpAddr;

/// What the built-in table says of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeedRow {
    /// It belongs to the autonomous system with this number.
    Asn(u32),
    /// It belongs to a company that rents servers out, and that no rule names.
    Rented,
    /// Exchange Online receives, scans and sends mail from it.
    ExchangeOnline,
}

/// The built-in table.
#[derive(Debug)]
pub struct Seed {
    named: Ranges<u32>,
    exchange: Ranges<()>,
}

/// Written by the refresh command; see `data/README.md` for where it comes from.
const NAMED: &str = include_str!("../data/named-networks.csv");

/// The addresses of `*.mail.protection.outlook.com`
/// (<https://learn.microsoft.com/en-us/microsoft-365/enterprise/urls-and-ip-address-ranges>, the
/// rows of Exchange Online for port 25).
const EXCHANGE_ONLINE: &[&str] = &[
    "40.92.0.0/15",
    "40.107.0.0/16",
    "52.100.0.0/14",
    "104.47.0.0/17",
    "2a01:111:f400::/48",
    "2a01:111:f403::/48",
];

impl Seed {
    /// Reads the built-in table.
    #[must_use]
    pub fn built_in() -> Self {
        let named = NAMED
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| {
                let mut fields = line.split(',');
                let first: IpAddr = fields.next()?.parse().ok()?;
                let last: IpAddr = fields.next()?.parse().ok()?;
                Some((first, last, fields.next()?.parse().ok()?))
            });
        let exchange = EXCHANGE_ONLINE.iter().filter_map(|prefix| {
            let (first, last) = parse_prefix(prefix)?;
            Some((first, last, ()))
        });
        Self {
            named: Ranges::new(named),
            exchange: Ranges::new(exchange),
        }
    }

    /// What the table says of `address`.
    #[must_use]
    pub fn get(&self, address: IpAddr) -> Option<SeedRow> {
        match self.exchange.get(address) {
            Some(()) => Some(SeedRow::ExchangeOnline),
            None => self.named.get(address).map(|asn| match asn {
                0 => SeedRow::Rented,
                asn => SeedRow::Asn(asn),
            }),
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.named.bytes() + self.exchange.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kaifu_core::fetch::ROLES;
    use std::collections::HashSet;

    #[test]
    fn every_line_of_the_data_is_read() {
        let mut rows = 0;
        let mut found = HashSet::new();
        for line in NAMED.lines().filter(|line| !line.starts_with('#')) {
            let fields: Vec<_> = line.split(',').collect();
            let &[first, last, asn] = fields.as_slice() else {
                panic!("{line}")
            };
            assert!(
                first.parse::<IpAddr>().unwrap() <= last.parse::<IpAddr>().unwrap(),
                "{line}"
            );
            found.insert(asn.parse::<u32>().unwrap());
            rows += 1;
        }
        assert!(rows > 1_000, "only {rows} ranges");
        assert_eq!(Seed::built_in().exchange.len(), EXCHANGE_ONLINE.len());
        // A network that the rules name must be in the table, or a forged name could not be told.
        for (role, numbers) in ROLES {
            let known = numbers
                .iter()
                .filter(|number| found.contains(number))
                .count();
            assert!(
                known * 10 >= numbers.len() * 9,
                "{role:?}: {known} of {}",
                numbers.len()
            );
        }
    }
}
