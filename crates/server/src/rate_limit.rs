//! How much of something one network may have.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How many networks are remembered at once.
const NETWORKS: usize = 50_000;

/// An IPv4 address or an IPv6 /64, the smallest piece that one customer gets.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Network(IpAddr);

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6(std::net::Ipv6Addr::from_bits(
                address.to_bits() & (!0 << 64),
            )),
            address @ IpAddr::V4(_) => address,
        })
    }
}

/// Lets each network have a burst of one period's share, then one at a time as the share comes back.
///
/// Per network only the moment is kept at which its whole share is back.
pub(crate) struct RateLimiter {
    period: Duration,
    /// Between two in the long run; `None` for no limit.
    step: Option<Duration>,
    whole_again_at: Mutex<HashMap<Network, Instant>>,
}

impl RateLimiter {
    /// `count` in each `period`; 0 for any number.
    pub(crate) fn new(count: u32, period: Duration) -> Self {
        Self {
            period,
            step: period.checked_div(count),
            whole_again_at: Mutex::default(),
        }
    }

    /// Takes one from the share of `address`.
    ///
    /// # Errors
    ///
    /// How long to wait, when the share is used up.
    pub(crate) fn take(&self, address: IpAddr, now: Instant) -> Result<(), Duration> {
        let Some(step) = self.step else { return Ok(()) };
        let mut networks = self.networks();
        if networks.len() >= NETWORKS {
            networks.retain(|_, at| *at > now);
        }
        let network = Network::from(address);
        // With every place taken, a newcomer waits rather than pushing out someone's count.
        if networks.len() >= NETWORKS && !networks.contains_key(&network) {
            return Err(step);
        }
        let at = networks.entry(network).or_insert(now);
        let next = (*at).max(now) + step;
        let too_far = next.saturating_duration_since(now + self.period);
        if !too_far.is_zero() {
            return Err(too_far);
        }
        *at = next;
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
        self.networks().retain(|_, at| *at > now);
    }

    fn give_back(&self, address: IpAddr) {
        let Some(step) = self.step else { return };
        if let Some(at) = self.networks().get_mut(&Network::from(address)) {
            *at = at.checked_sub(step).unwrap_or(*at);
        }
    }

    fn networks(&self) -> MutexGuard<'_, HashMap<Network, Instant>> {
        self.whole_again_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
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
        let home = "192.0.2.1".parse().unwrap();
        for _ in 0..10 {
            drop(limit.reserve(home, now).unwrap());
        }
        for _ in 0..2 {
            limit.reserve(home, now).unwrap().commit();
        }
        assert!(limit.reserve(home, now).is_err());
    }

    #[test]
    fn networks_are_what_one_customer_gets() {
        for (one, other, same) in [
            ("2001:db8::1", "2001:db8::ffff:1", true),
            ("2001:db8::1", "2001:db8:0:1::1", false),
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
        ] {
            let network = |text: &str| Network::from(text.parse::<IpAddr>().unwrap());
            assert_eq!(network(one) == network(other), same, "{one} {other}");
        }
    }

    #[test]
    fn memory_is_bounded_and_free_places_are_found_again() {
        let limit = RateLimiter::new(60, HOUR);
        let start = Instant::now();
        let address =
            |n: usize| IpAddr::V4(std::net::Ipv4Addr::from_bits(u32::try_from(n).unwrap()));
        for n in 0..NETWORKS {
            assert_eq!(limit.take(address(n), start), Ok(()));
        }
        assert!(limit.take(address(NETWORKS), start).is_err());
        assert_eq!(limit.take(address(0), start), Ok(()));
        assert_eq!(
            limit.take(address(NETWORKS), start + Duration::from_mins(2)),
            Ok(())
        );
        assert_eq!(limit.networks().len(), 1);
    }

    #[test]
    fn zero_means_no_limit() {
        let limit = RateLimiter::new(0, HOUR);
        let now = Instant::now();
        assert!((0..1_000).all(|_| limit.take("192.0.2.1".parse().unwrap(), now).is_ok()));
    }
}
