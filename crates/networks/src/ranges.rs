//! Ranges of addresses, each with a value.

use std::net::IpAddr;

/// Ranges that do not overlap, sorted, so that a lookup is one binary search.
#[derive(Debug)]
pub struct Ranges<V> {
    v4: Vec<(u32, u32, V)>,
    v6: Vec<(u128, u128, V)>,
}

impl<V> Default for Ranges<V> {
    fn default() -> Self {
        Self {
            v4: Vec::new(),
            v6: Vec::new(),
        }
    }
}

impl<V: Copy + PartialEq> Ranges<V> {
    /// Sorts `ranges`, each from its first to its last address, both included. Where ranges overlap,
    /// the part that an earlier one covers stays with that one. A range whose ends are not of one
    /// family, or in the wrong order, is left out.
    #[must_use]
    pub fn new(ranges: impl IntoIterator<Item = (IpAddr, IpAddr, V)>) -> Self {
        let mut all = Self::default();
        for (first, last, value) in ranges {
            match (first, last) {
                (IpAddr::V4(first), IpAddr::V4(last)) if first <= last => {
                    all.v4.push((first.to_bits(), last.to_bits(), value));
                }
                (IpAddr::V6(first), IpAddr::V6(last)) if first <= last => {
                    all.v6.push((first.to_bits(), last.to_bits(), value));
                }
                _ => {}
            }
        }
        all.v4 = flatten(all.v4, |last| last.checked_add(1));
        all.v6 = flatten(all.v6, |last| last.checked_add(1));
        all
    }

    /// The value of the range that holds `address`.
    #[must_use]
    pub fn get(&self, address: IpAddr) -> Option<V> {
        match address {
            IpAddr::V4(address) => find(&self.v4, address.to_bits()),
            IpAddr::V6(address) => find(&self.v6, address.to_bits()),
        }
    }

    /// How many ranges there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.v4.len() + self.v6.len()
    }

    /// Whether there is no range at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<V> Ranges<V> {
    /// How many bytes of memory the ranges take.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.v4.capacity() * size_of::<(u32, u32, V)>()
            + self.v6.capacity() * size_of::<(u128, u128, V)>()
    }
}

/// Cuts away overlaps and joins neighbours of one value.
fn flatten<K: Ord + Copy, V: Copy + PartialEq>(
    mut ranges: Vec<(K, K, V)>,
    next: impl Fn(K) -> Option<K>,
) -> Vec<(K, K, V)> {
    ranges.sort_by_key(|&(first, ..)| first);
    let mut flat: Vec<(K, K, V)> = Vec::with_capacity(ranges.len());
    for (mut first, last, value) in ranges {
        if let Some((_, end, before)) = flat.last_mut() {
            let Some(after) = next(*end) else { break };
            if last <= *end {
                continue;
            }
            first = first.max(after);
            if first == after && *before == value {
                *end = last;
                continue;
            }
        }
        flat.push((first, last, value));
    }
    flat.shrink_to_fit();
    flat
}

fn find<K: Ord + Copy, V: Copy>(ranges: &[(K, K, V)], address: K) -> Option<V> {
    let after = ranges.partition_point(|&(first, ..)| first <= address);
    let &(_, last, value) = ranges.get(after.checked_sub(1)?)?;
    (address <= last).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::net::Ipv4Addr;

    fn v4(bits: u32) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from_bits(bits))
    }

    proptest! {
        #[test]
        fn a_lookup_agrees_with_a_plain_search(
            ranges in prop::collection::vec((0u32..60, 0u32..12, 0u8..3), 0..12),
        ) {
            let mut sorted = ranges.clone();
            sorted.sort_by_key(|&(first, ..)| first);
            let table =
                Ranges::new(ranges.iter().map(|&(first, more, value)| (v4(first), v4(first + more), value)));
            for address in 0..80 {
                let covered = sorted
                    .iter()
                    .any(|&(first, more, _)| (first..=first + more).contains(&address));
                prop_assert_eq!(table.get(v4(address)).is_some(), covered);
                if let Some(value) = table.get(v4(address)) {
                    let given = sorted.iter().any(|&(first, more, found)| {
                        found == value && (first..=first + more).contains(&address)
                    });
                    prop_assert!(given);
                }
            }
        }
    }

    #[test]
    fn the_ends_of_the_address_space_hold() {
        let all = Ranges::new([
            (v4(0), v4(u32::MAX), 1),
            (
                "::".parse().unwrap(),
                "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff".parse().unwrap(),
                2,
            ),
            (v4(9), v4(10), 3),
            (v4(10), v4(9), 4),
        ]);
        assert_eq!(all.len(), 2);
        assert_eq!(all.get(v4(0)), Some(1));
        assert_eq!(all.get(v4(u32::MAX)), Some(1));
        assert_eq!(all.get("::1".parse().unwrap()), Some(2));
    }
}
