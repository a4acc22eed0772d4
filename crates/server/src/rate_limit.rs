//! How much of something one network may have.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How many networks are remembered at once.
const NETWORKS: usize = 50_000;

/// The IPv6 networks that an address lies in, by the length of their prefix, and how many times the
/// share of the smallest each of them has. A /64 is the smallest piece that a customer gets, a /56
/// and a /48 what they are given at home and at work for the asking, a /32 what a provider has.
const LEVELS: [(u32, u32); 4] = [(64, 1), (56, 4), (48, 16), (32, 256)];

/// An IPv4 address, or an IPv6 network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Network {
    V4(u32),
    V6 { prefix: u32, bits: u128 },
}

impl Network {
    /// The networks that count `address`, each with its multiple of the share, the smallest first.
    fn all(address: IpAddr) -> Vec<(Self, u32)> {
        match address.to_canonical() {
            IpAddr::V4(address) => vec![(Self::V4(address.to_bits()), 1)],
            IpAddr::V6(address) => LEVELS
                .iter()
                .map(|(prefix, multiple)| {
                    let bits = address.to_bits() & (!0 << (128 - prefix));
                    let prefix = *prefix;
                    (Self::V6 { prefix, bits }, *multiple)
                })
                .collect(),
        }
    }
}

/// Lets each network have a burst of one period's share, then one at a time as the share comes back.
/// Larger networks have larger shares, so that who has many small ones gains little.
///
/// Per network only the moment is kept at which its whole share is back.
pub(crate) struct RateLimiter {
    period: Duration,
    /// Between two in the long run; `None` for no limit.
    step: Option<Duration>,
    places: Mutex<Places>,
    /// Networks that were forgotten early, as there were too many.
    crowded_out: AtomicU64,
}

/// When each network's whole share is back.
#[derive(Default)]
struct Places {
    back: HashMap<Network, Instant>,
    /// The same in the order of their times.
    order: BTreeSet<(Instant, Network)>,
}

impl RateLimiter {
    /// `count` in each `period`; 0 for any number.
    pub(crate) fn new(count: u32, period: Duration) -> Self {
        Self {
            period,
            step: period.checked_div(count),
            places: Mutex::default(),
            crowded_out: AtomicU64::new(0),
        }
    }

    /// Takes one from the shares of the networks of `address`, if all of them have one.
    ///
    /// # Errors
    ///
    /// How long to wait, when a share is used up.
    pub(crate) fn take(&self, address: IpAddr, now: Instant) -> Result<(), Duration> {
        let Some(step) = self.step else { return Ok(()) };
        let mut places = self.places();
        places.forget(now);
        let taken: Vec<_> = Network::all(address)
            .into_iter()
            .map(|(network, multiple)| {
                let back = places.back.get(&network).copied().unwrap_or(now);
                (network, back.max(now) + step / multiple)
            })
            .collect();
        let wait = (taken.iter())
            .map(|(_, back)| back.saturating_duration_since(now + self.period))
            .max();
        if let Some(wait) = wait.filter(|wait| !wait.is_zero()) {
            return Err(wait);
        }
        for (network, back) in taken {
            let crowded_out = places.set(network, back);
            self.crowded_out.fetch_add(crowded_out, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Takes one from the share of `address`, which is given back unless it is used: what came to
    /// nothing is not held against the client.
    ///
    /// # Errors
    ///
    /// How long to wait, when the share is used up.
    pub(crate) fn reserve(
        &self,
        address: IpAddr,
        now: Instant,
    ) -> Result<Reservation<'_>, Duration> {
        self.take(address, now)?;
        Ok(Reservation {
            limiter: Some(self),
            address,
        })
    }

    /// Forgets networks whose whole share is back.
    pub(crate) fn forget(&self, now: Instant) {
        self.places().forget(now);
    }

    /// How many networks were forgotten early so far, as there were too many.
    pub(crate) fn crowded_out(&self) -> u64 {
        self.crowded_out.load(Ordering::Relaxed)
    }

    fn give_back(&self, address: IpAddr) {
        let Some(step) = self.step else { return };
        let mut places = self.places();
        for (network, multiple) in Network::all(address) {
            if let Some(back) = places.back.get(&network).copied() {
                places.set(network, back.checked_sub(step / multiple).unwrap_or(back));
            }
        }
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Places {
    /// Forgets those whose whole share is back: the first in the order.
    fn forget(&mut self, now: Instant) {
        while let Some((back, network)) = self.order.first().copied()
            && back <= now
        {
            self.order.pop_first();
            self.back.remove(&network);
        }
    }

    /// Notes when a network's share is back. A newcomer takes the place of the network that has
    /// used least, which loses little by that. Returns how many did.
    fn set(&mut self, network: Network, back: Instant) -> u64 {
        let mut crowded_out = 0;
        if let Some(before) = self.back.insert(network, back) {
            self.order.remove(&(before, network));
        } else if self.order.len() >= NETWORKS
            && let Some((_, soonest)) = self.order.pop_first()
        {
            self.back.remove(&soonest);
            crowded_out = 1;
        }
        self.order.insert((back, network));
        crowded_out
    }
}

/// One of a share, given back when it is dropped without being used.
pub(crate) struct Reservation<'a> {
    limiter: Option<&'a RateLimiter>,
    address: IpAddr,
}

impl Reservation<'_> {
    /// It was used.
    pub(crate) fn commit(mut self) {
        self.limiter = None;
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        if let Some(limiter) = self.limiter {
            limiter.give_back(self.address);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv6Addr;

    const HOUR: Duration = Duration::from_hours(1);

    #[test]
    fn a_share_is_used_up_and_comes_back() {
        let limit = RateLimiter::new(60, HOUR);
        let start = Instant::now();
        let at = |secs| start + Duration::from_secs(secs);
        let home = "192.0.2.1".parse().unwrap();
        for _ in 0..60 {
            assert_eq!(limit.take(home, start), Ok(()));
        }
        assert_eq!(limit.take(home, start), Err(Duration::from_mins(1)));
        assert_eq!(limit.take(home, at(59)), Err(Duration::from_secs(1)));
        assert_eq!(limit.take("192.0.2.2".parse().unwrap(), start), Ok(()));
        assert_eq!(limit.take(home, at(60)), Ok(()));
        assert!(limit.take(home, at(60)).is_err());
    }

    #[test]
    fn what_came_to_nothing_is_given_back() {
        let limit = RateLimiter::new(2, HOUR);
        let now = Instant::now();
        for home in ["192.0.2.1", "2001:db8::1"] {
            let home = home.parse().unwrap();
            for _ in 0..10 {
                drop(limit.reserve(home, now).unwrap());
            }
            for _ in 0..2 {
                limit.reserve(home, now).unwrap().commit();
            }
            assert!(limit.reserve(home, now).is_err());
        }
    }

    #[test]
    fn networks_are_what_one_customer_gets() {
        for (one, other, same) in [
            ("2001:db8::1", "2001:db8::ffff:1", true),
            ("2001:db8::1", "2001:db8:0:1::1", false),
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
        ] {
            let network = |text: &str| Network::all(text.parse::<IpAddr>().unwrap())[0];
            assert_eq!(network(one) == network(other), same, "{one} {other}");
        }
    }

    /// How many accounts somebody gets who has all of a network with so long a prefix.
    fn greedy(prefix: u32) -> u32 {
        let limit = RateLimiter::new(60, HOUR);
        let now = Instant::now();
        let base = "2001:db8::".parse::<Ipv6Addr>().unwrap().to_bits();
        let mut taken = 0;
        // Spread over the network, as its owner would do.
        for n in 0..60_000_u128 {
            let network = n.reverse_bits() >> prefix & !0 << 64;
            let address = IpAddr::V6(Ipv6Addr::from_bits(base | network));
            taken += u32::from(limit.take(address, now).is_ok());
        }
        taken
    }

    #[test]
    fn who_has_many_networks_has_a_few_shares() {
        assert_eq!(greedy(64), 60);
        assert_eq!(greedy(56), 60 * 4);
        assert_eq!(greedy(48), 60 * 16);
        assert_eq!(greedy(32), 60 * 256);
    }

    #[test]
    fn a_refusal_takes_nothing_from_larger_networks() {
        let limit = RateLimiter::new(1, HOUR);
        let now = Instant::now();
        let [one, other] = ["2001:db8::1", "2001:db8:0:1::1"].map(|it| it.parse().unwrap());
        assert!(limit.take(one, now).is_ok());
        for _ in 0..100 {
            assert!(limit.take(one, now).is_err());
        }
        assert!(limit.take(other, now).is_ok());
    }

    fn address(n: usize) -> IpAddr {
        IpAddr::V4(std::net::Ipv4Addr::from_bits(u32::try_from(n).unwrap()))
    }

    #[test]
    fn a_newcomer_always_finds_a_place_and_who_used_much_is_known_on() {
        let limit = RateLimiter::new(60, HOUR);
        let start = Instant::now();
        while limit.take(address(0), start).is_ok() {}
        for n in 1..=3 * NETWORKS {
            assert_eq!(limit.take(address(n), start), Ok(()));
        }
        assert!(limit.take(address(0), start).is_err());
        assert_eq!(limit.places().back.len(), NETWORKS);
        assert_eq!(limit.crowded_out(), 2 * NETWORKS as u64 + 1);
    }

    #[test]
    fn what_is_over_is_forgotten_by_the_clock() {
        let limit = RateLimiter::new(60, HOUR);
        let start = Instant::now();
        for n in 0..10 {
            assert_eq!(limit.take(address(n), start), Ok(()));
        }
        assert_eq!(limit.take(address(0), start), Ok(()));
        limit.forget(start + Duration::from_secs(61));
        assert_eq!(limit.places().back.len(), 1);
        assert_eq!(limit.places().order.len(), 1);
        limit.forget(start + Duration::from_secs(121));
        assert!(limit.places().back.is_empty());
    }

    #[test]
    fn zero_means_no_limit() {
        let limit = RateLimiter::new(0, HOUR);
        let now = Instant::now();
        assert!((0..1_000).all(|_| limit.take("192.0.2.1".parse().unwrap(), now).is_ok()));
    }
}
