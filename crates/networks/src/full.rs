//! The optional table of all networks and countries, in a form that loads at once.
//!
//! The file: eight bytes of magic, then four pairs of columns (IPv4 networks, IPv6 networks, IPv4
//! countries, IPv6 countries), each a count, the sorted first addresses, and one value for each; a
//! value of 0 is a gap. Numbers are little-endian. Of IPv6 addresses only the first 64 bits count.
//! A network's value is its number, with the highest bit set where its owner rents servers out.

use kaifu_core::fetch::Country;
use std::net::IpAddr;

const MAGIC: &[u8; 8] = b"kaifunw2";

/// The same without [`RENTED`]: such a file says nothing of who rents servers out.
const MAGIC_WITHOUT_RENTED: &[u8; 8] = b"kaifunw1";

/// In a network's value: its owner rents servers out, going by the registered name. No number of an
/// autonomous system is so large (<https://www.iana.org/assignments/as-numbers>).
const RENTED: u32 = 1 << 31;

/// What the table says of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The number of the autonomous system.
    pub asn: u32,
    /// Whether its owner rents servers out; `None` where the table is too old to say.
    pub rented: Option<bool>,
}

/// A sorted column of first addresses, and the value from each one on to the next.
#[derive(Debug, Default, PartialEq, Eq)]
struct Column<K, V> {
    firsts: Vec<K>,
    values: Vec<V>,
}

impl<K: Ord + Copy, V: Copy + Default + PartialEq> Column<K, V> {
    fn get(&self, key: K) -> Option<V> {
        let after = self.firsts.partition_point(|&first| first <= key);
        let value = *self.values.get(after.checked_sub(1)?)?;
        (value != V::default()).then_some(value)
    }

    /// From ranges with both ends; the ends of a range become the gap after it.
    fn build(mut ranges: Vec<(K, K, V)>, next: impl Fn(K) -> Option<K>) -> Self {
        ranges.sort_by_key(|&(first, ..)| first);
        let mut column = Self {
            firsts: Vec::new(),
            values: Vec::new(),
        };
        let mut free = None;
        for (first, last, value) in ranges {
            if let Some(end) = free.filter(|&end| end < first) {
                column.push(end, V::default());
            }
            column.push(first, value);
            free = next(last);
        }
        if let Some(end) = free {
            column.push(end, V::default());
        }
        column
    }

    fn push(&mut self, first: K, value: V) {
        match self.firsts.last() {
            // Two ranges inside one /64: the first one keeps it.
            Some(&last) if last >= first => {}
            _ if self.values.last() == Some(&value) => {}
            _ => {
                self.firsts.push(first);
                self.values.push(value);
            }
        }
    }

    fn bytes(&self) -> usize {
        self.firsts.capacity() * size_of::<K>() + self.values.capacity() * size_of::<V>()
    }
}

/// The table of all networks and countries.
#[derive(Debug, PartialEq, Eq)]
pub struct Full {
    asn4: Column<u32, u32>,
    asn6: Column<u64, u32>,
    country4: Column<u32, u16>,
    country6: Column<u64, u16>,
    tells_rented: bool,
}

/// Collects the rows of a new table.
#[derive(Debug, Default)]
pub struct FullBuilder {
    asn4: Vec<(u32, u32, u32)>,
    asn6: Vec<(u64, u64, u32)>,
    country4: Vec<(u32, u32, u16)>,
    country6: Vec<(u64, u64, u16)>,
}

impl FullBuilder {
    /// Adds a range of an autonomous system.
    pub fn asn(&mut self, first: IpAddr, last: IpAddr, asn: u32) {
        self.network(first, last, asn & !RENTED);
    }

    /// Adds a range of an autonomous system whose owner rents servers out.
    pub fn rented(&mut self, first: IpAddr, last: IpAddr, asn: u32) {
        self.network(first, last, asn | RENTED);
    }

    fn network(&mut self, first: IpAddr, last: IpAddr, value: u32) {
        match (first, last) {
            (IpAddr::V4(first), IpAddr::V4(last)) => {
                self.asn4.push((first.to_bits(), last.to_bits(), value));
            }
            (IpAddr::V6(first), IpAddr::V6(last)) => {
                self.asn6
                    .push((high(first.to_bits()), high(last.to_bits()), value));
            }
            _ => {}
        }
    }

    /// Adds a range of a country.
    pub fn country(&mut self, first: IpAddr, last: IpAddr, country: Country) {
        let letters = country.as_str().as_bytes();
        let value = u16::from_le_bytes([letters[0], letters[1]]);
        match (first, last) {
            (IpAddr::V4(first), IpAddr::V4(last)) => {
                self.country4.push((first.to_bits(), last.to_bits(), value));
            }
            (IpAddr::V6(first), IpAddr::V6(last)) => {
                self.country6
                    .push((high(first.to_bits()), high(last.to_bits()), value));
            }
            _ => {}
        }
    }

    /// The finished table.
    #[must_use]
    pub fn build(self) -> Full {
        Full {
            asn4: Column::build(self.asn4, |last| last.checked_add(1)),
            asn6: Column::build(self.asn6, |last| last.checked_add(1)),
            country4: Column::build(self.country4, |last| last.checked_add(1)),
            country6: Column::build(self.country6, |last| last.checked_add(1)),
            tells_rented: true,
        }
    }
}

const fn high(bits: u128) -> u64 {
    (bits >> 64) as u64
}

impl Full {
    /// Whose network `address` is of.
    #[must_use]
    pub fn owner(&self, address: IpAddr) -> Option<Owner> {
        let value = match address {
            IpAddr::V4(address) => self.asn4.get(address.to_bits()),
            IpAddr::V6(address) => self.asn6.get(high(address.to_bits())),
        }?;
        Some(Owner {
            asn: value & !RENTED,
            rented: self.tells_rented.then_some(value & RENTED != 0),
        })
    }

    /// The country in which `address` is registered.
    #[must_use]
    pub fn country(&self, address: IpAddr) -> Option<Country> {
        let value = match address {
            IpAddr::V4(address) => self.country4.get(address.to_bits()),
            IpAddr::V6(address) => self.country6.get(high(address.to_bits())),
        };
        Country::new(str::from_utf8(&value?.to_le_bytes()).ok()?)
    }

    /// The file's bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        macro_rules! write {
            ($($column:ident),*) => {$(
                let count = u32::try_from(self.$column.firsts.len()).unwrap_or(u32::MAX);
                bytes.extend(count.to_le_bytes());
                bytes.extend(self.$column.firsts.iter().flat_map(|first| first.to_le_bytes()));
                bytes.extend(self.$column.values.iter().flat_map(|value| value.to_le_bytes()));
            )*};
        }
        write!(asn4, asn6, country4, country6);
        bytes
    }

    /// Reads a file's bytes.
    ///
    /// # Errors
    ///
    /// What is wrong with them.
    pub fn decode(bytes: &[u8]) -> Result<Self, &'static str> {
        let (tells_rented, mut rest) = match bytes.split_first_chunk() {
            Some((MAGIC, rest)) => (true, rest),
            Some((MAGIC_WITHOUT_RENTED, rest)) => (false, rest),
            _ => return Err("not a table of networks"),
        };
        macro_rules! read {
            ($first:ty, $value:ty) => {{
                let count = take(&mut rest, 4)?;
                let count = count
                    .try_into()
                    .map(u32::from_le_bytes)
                    .map_err(|_| SHORT)? as usize;
                let firsts: Vec<$first> =
                    take(&mut rest, count.saturating_mul(size_of::<$first>()))?
                        .as_chunks()
                        .0
                        .iter()
                        .map(|chunk| <$first>::from_le_bytes(*chunk))
                        .collect();
                let values = take(&mut rest, count.saturating_mul(size_of::<$value>()))?
                    .as_chunks()
                    .0
                    .iter()
                    .map(|chunk| <$value>::from_le_bytes(*chunk))
                    .collect();
                if !firsts.is_sorted() {
                    return Err("its addresses are not in order");
                }
                Column { firsts, values }
            }};
        }
        let full = Self {
            asn4: read!(u32, u32),
            asn6: read!(u64, u32),
            country4: read!(u32, u16),
            country6: read!(u64, u16),
            tells_rented,
        };
        if rest.is_empty() {
            Ok(full)
        } else {
            Err("it is too long")
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.asn4.bytes() + self.asn6.bytes() + self.country4.bytes() + self.country6.bytes()
    }
}

const SHORT: &str = "it is too short";

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Result<&'a [u8], &'static str> {
    let (taken, left) = rest.split_at_checked(count).ok_or(SHORT)?;
    *rest = left;
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn table() -> Full {
        let mut builder = FullBuilder::default();
        builder.asn(address("192.0.2.128"), address("192.0.2.255"), 64497);
        builder.asn(address("192.0.2.0"), address("192.0.2.63"), 64496);
        builder.rented(address("255.255.255.0"), address("255.255.255.255"), 64500);
        builder.asn(
            address("2001:db8:1::"),
            address("2001:db8:1:ffff:ffff:ffff:ffff:ffff"),
            64498,
        );
        builder.country(
            address("192.0.2.0"),
            address("192.0.2.255"),
            Country::new("JP").unwrap(),
        );
        builder.country(
            address("2001:db8::"),
            address("2001:db8:1::"),
            Country::new("de").unwrap(),
        );
        builder.build()
    }

    #[test]
    fn ranges_and_gaps_are_found() {
        let table = table();
        for (text, asn, country) in [
            ("192.0.1.255", None, None),
            ("192.0.2.0", Some(64496), Some("JP")),
            ("192.0.2.63", Some(64496), Some("JP")),
            ("192.0.2.64", None, Some("JP")),
            ("192.0.2.255", Some(64497), Some("JP")),
            ("192.0.3.0", None, None),
            ("255.255.255.255", Some(64500), None),
            ("2001:db8:1::9", Some(64498), Some("DE")),
            ("2001:db8:2::", None, None),
        ] {
            let owner = table.owner(address(text));
            assert_eq!(owner.map(|owner| owner.asn), asn, "{text}");
            assert_eq!(
                owner.and_then(|owner| owner.rented),
                asn.map(|asn| asn == 64500)
            );
            let found = table.country(address(text));
            assert_eq!(found.as_ref().map(Country::as_str), country, "{text}");
        }
    }

    #[test]
    fn a_table_survives_its_file() {
        let bytes = table().encode();
        assert_eq!(Full::decode(&bytes), Ok(table()));
        for end in 0..bytes.len() {
            assert!(Full::decode(&bytes[..end]).is_err(), "cut at {end}");
        }
        // A file of the former form says nothing of who rents servers out.
        let former = [MAGIC_WITHOUT_RENTED, &bytes[8..]].concat();
        let former = Full::decode(&former).unwrap();
        let home = former.owner(address("192.0.2.0")).unwrap();
        assert_eq!((home.asn, home.rented), (64496, None));
        let mut longer = bytes.clone();
        longer.push(0);
        assert!(Full::decode(&longer).is_err());
        let mut huge = bytes;
        huge[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(Full::decode(&huge).is_err());
    }
}
