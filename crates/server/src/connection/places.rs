//! The places of connections, of which there are so many: who has one, and who gives one up.
//!
//! A network has a share of them, where no proxy stands in front. When they run short, connections
//! on which nothing is asked are closed, the longest idle one first, and the last places are for
//! those that ask for an image first.

use crate::client_address::{self, TrustedProxy};
use crate::metrics::{Gauge, Metrics};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Of how many places one is kept for connections that ask for an image first.
const RESERVED: usize = 20;

/// How long a connection may be idle when places run short.
const SHORT: Duration = Duration::from_secs(5);

/// How long a connection has to be idle before it is closed for another's sake: what it was
/// answered is on its way then.
const SETTLED: Duration = Duration::from_millis(500);

/// Of how many places one is made free at once where none is.
const SOME: usize = 200;

/// Between two looks for idle connections while places are short.
const LOOK: Duration = Duration::from_millis(100);

/// All places of a listener.
pub(crate) struct Places {
    capacity: usize,
    /// How many one network may have; 0 for any number.
    per_network: usize,
    trusted: Vec<TrustedProxy>,
    began: Instant,
    state: Mutex<State>,
    /// A place has become free.
    freed: Notify,
    counted: Arc<Gauge>,
    metrics: Arc<Metrics>,
}

#[derive(Default)]
struct State {
    last_id: u64,
    open: HashMap<u64, Arc<Seat>>,
    networks: HashMap<IpAddr, usize>,
    looked: Option<Instant>,
}

/// What the place of a connection knows of it.
struct Seat {
    network: Option<IpAddr>,
    /// Since when nothing is asked, in milliseconds after the start; [`BUSY`] while something is.
    idle_since: AtomicU64,
    is_parked: AtomicBool,
    /// Tells the connection to close.
    close: Notify,
}

const BUSY: u64 = u64::MAX;

/// The place of a connection, given up when dropped.
pub(crate) struct Place {
    places: Arc<Places>,
    seat: Arc<Seat>,
    id: u64,
    /// Whether it is kept for whoever asks for an image first, and has asked for nothing yet.
    is_reserved: AtomicBool,
}

impl Places {
    /// `capacity` places, of which a network may have `per_network`, unless it is one of the
    /// `trusted` proxies'.
    pub(crate) fn new(
        capacity: usize,
        per_network: usize,
        trusted: Vec<TrustedProxy>,
        counted: Arc<Gauge>,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self {
            capacity,
            per_network,
            trusted,
            began: Instant::now(),
            state: Mutex::default(),
            freed: Notify::new(),
            counted,
            metrics,
        }
    }

    /// A place for a connection of `peer`, as soon as there is one; `None` where its network has its
    /// share.
    pub(crate) async fn take(self: &Arc<Self>, peer: SocketAddr) -> Option<Place> {
        let network = self.network(peer);
        loop {
            let freed = self.freed.notified();
            match self.try_take(network) {
                Ok(place) => return Some(place),
                Err(Full::Network) => {
                    self.metrics.refused_connections.add(1);
                    return None;
                }
                Err(Full::All) => {
                    // Somebody may become idle without giving up a place.
                    let _ = tokio::time::timeout(LOOK, freed).await;
                }
            }
        }
    }

    /// What `peer` is counted with: its address, or for IPv6 the network of 64 bits.
    fn network(&self, peer: SocketAddr) -> Option<IpAddr> {
        let address = peer.ip().to_canonical();
        let is_counted =
            self.per_network > 0 && !client_address::is_trusted(address, &self.trusted);
        is_counted.then(|| client_address::network(address))
    }

    fn try_take(self: &Arc<Self>, network: Option<IpAddr>) -> Result<Place, Full> {
        let mut state = self.state();
        if let Some(network) = network
            && (state.networks.get(&network)).is_some_and(|places| *places >= self.per_network)
        {
            return Err(Full::Network);
        }
        let free = self.capacity.saturating_sub(state.open.len());
        let is_short = free <= self.capacity / RESERVED;
        if is_short {
            self.close_idle(&mut state, free == 0);
        }
        if free == 0 {
            return Err(Full::All);
        }
        if let Some(network) = network {
            *state.networks.entry(network).or_default() += 1;
        }
        state.last_id += 1;
        let id = state.last_id;
        let seat = Arc::new(Seat {
            network,
            idle_since: AtomicU64::new(self.now()),
            is_parked: AtomicBool::new(false),
            close: Notify::new(),
        });
        state.open.insert(id, Arc::clone(&seat));
        drop(state);
        self.counted.rise();
        Ok(Place {
            places: Arc::clone(self),
            seat,
            id,
            is_reserved: AtomicBool::new(is_short && self.capacity >= RESERVED),
        })
    }

    /// Has connections closed that have been idle for longer than is bearable now, and, where there
    /// is no place at all, the longest idle one; polls that wait come last.
    fn close_idle(&self, state: &mut State, is_full: bool) {
        let now = Instant::now();
        if (state.looked).is_some_and(|at| now.saturating_duration_since(at) < LOOK) && !is_full {
            return;
        }
        state.looked = Some(now);
        let (mut idle, mut parked) = (Vec::new(), None);
        for seat in state.open.values() {
            let since = seat.idle_since.load(Ordering::Relaxed);
            if since > self.before(SETTLED) {
                continue;
            }
            if !seat.is_parked.load(Ordering::Relaxed) {
                idle.push((since, seat));
            } else if parked.is_none_or(|(longest, _)| since < longest) {
                parked = Some((since, seat));
            }
        }
        idle.sort_unstable_by_key(|(since, _)| *since);
        let mut count = idle.partition_point(|(since, _)| *since <= self.before(SHORT));
        if is_full {
            // Some more, so that the next few find a place without another look at all.
            count = count.max(1 + self.capacity / SOME).min(idle.len());
        }
        idle.truncate(count);
        if is_full && idle.is_empty() {
            idle.extend(parked);
        }
        let closed = idle.len() as u64;
        for (_, seat) in idle {
            seat.close.notify_one();
        }
        self.metrics.closed_connections.add(closed);
    }

    /// The moment before which something began that has lasted for so long.
    fn before(&self, time: Duration) -> u64 {
        self.now().saturating_sub(millis(time))
    }

    fn now(&self) -> u64 {
        millis(self.began.elapsed())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(BUSY - 1)
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Full {
    /// The network has its share.
    Network,
    /// All are taken.
    All,
}

impl Place {
    /// A request has come.
    pub(crate) fn begin(&self) {
        self.seat.idle_since.store(BUSY, Ordering::Relaxed);
    }

    /// A request has been answered.
    pub(crate) fn end(&self) {
        let now = self.places.now();
        self.seat.idle_since.store(now, Ordering::Relaxed);
    }

    /// Whether nothing is being asked.
    pub(crate) fn is_idle(&self) -> bool {
        self.seat.idle_since.load(Ordering::Relaxed) != BUSY
    }

    /// A poll waits on it, or does so no longer.
    pub(crate) fn park(&self, is_parked: bool) {
        self.seat.is_parked.store(is_parked, Ordering::Relaxed);
        self.end();
    }

    /// Whether it is kept for whoever asks for an image first; what comes later may be anything.
    pub(crate) fn take_reserved(&self) -> bool {
        self.is_reserved.swap(false, Ordering::Relaxed)
    }

    /// Completes when the connection is to close, if it is idle then.
    pub(crate) async fn closing(&self) {
        self.seat.close.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.places.state();
        state.open.remove(&self.id);
        if let Some(network) = self.seat.network
            && let Some(places) = state.networks.get_mut(&network)
        {
            *places -= 1;
            if *places == 0 {
                state.networks.remove(&network);
            }
        }
        drop(state);
        self.places.counted.fall();
        self.places.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    fn peer(address: &str) -> SocketAddr {
        SocketAddr::new(address.parse().unwrap(), 1)
    }

    fn places(capacity: usize, per_network: usize, trusted: &[&str]) -> Arc<Places> {
        let trusted = trusted.iter().map(|it| it.parse().unwrap()).collect();
        let places = Places::new(
            capacity,
            per_network,
            trusted,
            Arc::default(),
            Arc::default(),
        );
        Arc::new(places)
    }

    fn is_told_to_close(place: &Place) -> bool {
        let closing = pin!(place.closing());
        closing.poll(&mut Context::from_waker(Waker::noop())) == Poll::Ready(())
    }

    /// Places whose clock shows some minutes already.
    fn begun(places: Arc<Places>) -> Arc<Places> {
        let mut places = Arc::into_inner(places).unwrap();
        places.began = Instant::now().checked_sub(SHORT * 100).unwrap();
        Arc::new(places)
    }

    #[tokio::test]
    async fn a_network_has_a_share_unless_it_is_a_proxys() {
        let places = places(100, 2, &["192.0.2.1"]);
        let mut held = Vec::new();
        for address in [
            "2001:db8::1",
            "2001:db8::2",
            "2001:db8:0:1::1",
            "198.51.100.1",
        ] {
            held.push(places.take(peer(address)).await.unwrap());
        }
        assert!(places.take(peer("2001:db8::3")).await.is_none());
        for _ in 0..5 {
            held.push(places.take(peer("192.0.2.1")).await.unwrap());
        }
        drop(held.remove(0));
        assert!(places.take(peer("2001:db8::3")).await.is_some());
        drop(held);
        let state = places.state();
        assert!(state.open.is_empty() && state.networks.is_empty());
    }

    #[tokio::test]
    async fn the_longest_idle_one_makes_room_and_polls_come_last() {
        let places = begun(places(4, 0, &[]));
        let mut all = Vec::new();
        for _ in 0..4 {
            all.push(places.take(peer("192.0.2.1")).await.unwrap());
        }
        let since = |secs: u64| places.now() - secs * 1_000;
        all[0].begin();
        all[1].park(true);
        all[1].seat.idle_since.store(since(4), Ordering::Relaxed);
        all[2].seat.idle_since.store(since(2), Ordering::Relaxed);
        all[3].seat.idle_since.store(since(3), Ordering::Relaxed);
        assert!(places.try_take(None).is_err());
        let told: Vec<_> = all.iter().map(is_told_to_close).collect();
        assert_eq!(told, [false, false, false, true]);
        for place in &all[2..] {
            place.begin();
        }
        assert!(places.try_take(None).is_err());
        assert!(is_told_to_close(&all[1]) && !is_told_to_close(&all[0]));
        // Whoever waits for a place gets it.
        let mut taking = pin!(places.take(peer("192.0.2.2")));
        let mut context = Context::from_waker(Waker::noop());
        assert!(taking.as_mut().poll(&mut context).is_pending());
        all.pop();
        assert!(taking.await.is_some());
    }

    #[tokio::test]
    async fn the_last_places_are_for_images_and_patience_is_short_then() {
        let places = begun(places(40, 0, &[]));
        let mut all = Vec::new();
        for _ in 0..38 {
            let place = places.take(peer("192.0.2.1")).await.unwrap();
            assert!(!place.take_reserved());
            all.push(place);
        }
        let early = places.now() - millis(SHORT) - 1;
        all[7].seat.idle_since.store(early, Ordering::Relaxed);
        let last = places.take(peer("192.0.2.1")).await.unwrap();
        assert!(last.take_reserved() && !last.take_reserved());
        let told = all.iter().filter(|place| is_told_to_close(place)).count();
        assert_eq!(told, 1);
        // A request is never cut off.
        all[8].seat.idle_since.store(early, Ordering::Relaxed);
        all[8].begin();
        places.state().looked = None;
        drop(places.take(peer("192.0.2.1")).await);
        assert!(!is_told_to_close(&all[8]));
    }
}
