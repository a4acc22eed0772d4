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

/// `data/named-networks.csv` as the build script packs it: a row is the first and the last address of
/// a range, 4 or 16 bytes each, and a number of 4 bytes, all big-endian. See `data/README.md` for
/// where the table comes from.
const NAMED_V4: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/named.v4"));
const NAMED_V6: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/named.v6"));

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
        let named = rows::<4>(NAMED_V4).chain(rows::<16>(NAMED_V6));
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

/// The rows of a packed table, whose addresses have `N` bytes.
fn rows<const N: usize>(packed: &[u8]) -> impl Iterator<Item = (IpAddr, IpAddr, u32)>
where
    IpAddr: From<[u8; N]>,
{
    packed.chunks_exact(2 * N + 4).filter_map(|row| {
        let (first, rest) = row.split_first_chunk::<N>()?;
        let (last, rest) = rest.split_first_chunk::<N>()?;
        let (number, _) = rest.split_first_chunk()?;
        let number = u32::from_be_bytes(*number);
        Some((IpAddr::from(*first), IpAddr::from(*last), number))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use kaifu_core::fetch::ROLES;
    use std::collections::HashSet;

    #[test]
    fn every_line_of_the_data_is_read() {
        let text = include_str!("../data/named-networks.csv");
        let named = Seed::built_in().named;
        let mut rows = 0;
        let mut found = HashSet::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let fields: Vec<_> = line.split(',').collect();
            let &[first, last, asn] = fields.as_slice() else {
                panic!("{line}")
            };
            let (first, last) = (first.parse().unwrap(), last.parse().unwrap());
            let asn = asn.parse().unwrap();
            for end in [first, last] {
                assert_eq!(named.get(end), Some(asn), "{line}");
            }
            assert!(first <= last, "{line}");
            found.insert(asn);
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
