//! Recording what a recipient, or a program on their way, did: judged, told apart, and stored.
//! Images, links and the recipient's page ask this room and no other.

mod askers;
mod flood;
mod presses;
mod room;
mod senders;
mod shares;
mod withheld;

pub(crate) use askers::Askers;
pub(crate) use flood::Floods;
pub(crate) use presses::Pressing;
pub(crate) use room::Room;
pub(crate) use shares::Button;

use crate::clock::Clock;
use crate::keys::reader_keys::ReaderKeys;
use crate::logging::log;
use crate::metrics::{Folded, Metrics};
use crate::settings::Settings;
use crate::store::{NewEvent, Pending, Period, Press, Recorded, Store};
use axum::http::{HeaderMap, HeaderValue, header};
use kaifu_core::fetch::{
    Accept, Asked, Class, Destination, Fetch, NOT_TO_TRACK_HEADERS, PURPOSE_HEADERS, Verdict,
    announces_prefetch, classify,
};
use kaifu_core::id::{AccountId, EventId, MessageId};
use kaifu_core::state::EventKind;
use kaifu_core::time::Millis;
use kaifu_core::token::Token;
use kaifu_networks::Tables;
use senders::Senders;
use shares::{Full, Shares};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How many senders' addresses are remembered; about 8 MB at the most.
const SENDERS: usize = 100_000;

/// Milliseconds in a day.
const DAY_MILLIS: i64 = 86_400_000;

/// What a request says of who sends it. Judged and forgotten.
pub(crate) struct Requester<'a> {
    /// The address, behind proxies that are trusted.
    pub(crate) client: IpAddr,
    /// Whether it asks by `HEAD`, as no mail program does.
    pub(crate) head: bool,
    /// Everything else that it says.
    pub(crate) headers: &'a HeaderMap,
}

/// What became of a request's event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is durable, or the store has refused it for good.
    Recorded,
    /// The token's last day is over, so there is none.
    Expired,
    /// The button was pressed too often today, so there is none.
    TooMany,
}

/// The request could not be recorded.
pub(crate) struct NotRecorded;

/// Judges and stores events.
pub(crate) struct Recorder {
    store: Arc<dyn Store>,
    metrics: Arc<Metrics>,
    tables: Tables,
    reader_keys: ReaderKeys,
    floods: Arc<Floods>,
    shares: Shares,
    askers: Askers,
    room: Room,
    senders: Mutex<Senders>,
    clock: Clock,
    /// Whether recipients reach this server by https, where browsers say what they ask for.
    over_https: bool,
    /// How long an event may take to be stored.
    timeout: Duration,
}

impl Recorder {
    /// A recorder that stores in `store`, judges by `tables` and tells readers apart by
    /// `reader_keys`.
    pub(crate) fn new(
        store: Arc<dyn Store>,
        metrics: Arc<Metrics>,
        tables: Tables,
        reader_keys: ReaderKeys,
        room: Room,
        settings: &Settings,
    ) -> Self {
        let limits = &settings.limits;
        Self {
            shares: Shares::new(shares::Day {
                account: limits.account_events_per_day,
                message: limits.message_events_per_day,
                presses: limits.presses_per_day,
            }),
            askers: Askers::new(Instant::now()),
            room,
            store,
            metrics,
            tables,
            reader_keys,
            floods: Arc::default(),
            senders: Mutex::new(Senders::new(SENDERS, Instant::now())),
            clock: settings.clock.clone(),
            over_https: settings.is_reached_by_https(),
            timeout: limits.record_timeout,
        }
    }

    /// How often each message was lately fetched.
    pub(crate) const fn floods(&self) -> &Arc<Floods> {
        &self.floods
    }

    /// The accounts that lately asked for their events.
    pub(crate) const fn askers(&self) -> &Askers {
        &self.askers
    }

    /// The room on the disk.
    pub(crate) const fn room(&self) -> &Room {
        &self.room
    }

    /// Takes one press of a button for today; `false` where there is none left.
    pub(crate) fn may_press(&self, token: &Token, button: Button) -> bool {
        let day = self.clock.now().day();
        let may = (self.shares).press(token.account(), token.message(), button, day);
        if !may {
            self.metrics.limited_presses.add(1);
        }
        may
    }

    /// How long it takes until there are presses again.
    pub(crate) fn until_tomorrow(&self) -> Duration {
        let now = self.clock.now();
        let tomorrow = (now.day() + 1).saturating_mul(DAY_MILLIS);
        Duration::from_millis(u64::try_from(tomorrow - now.0).unwrap_or_default())
    }

    /// The account asked for its events from `client`, which is remembered for at most two hours.
    pub(crate) fn saw_sender(&self, account: AccountId, client: IpAddr) {
        self.askers.note(account);
        self.senders().saw(account, client, Instant::now());
    }

    /// Forgets the addresses and the secret whose time is over.
    pub(crate) fn forget(&self, now: Instant) {
        self.senders().forget(now);
        self.reader_keys.expire(self.clock.now());
    }

    /// Stores the event that a request with `token` is, and waits until it is durable, though no
    /// longer than the time limit. After the token's last day there is nothing to store.
    ///
    /// # Errors
    ///
    /// [`NotRecorded`] when the store failed or did not answer in time. The loss is counted and
    /// logged.
    pub(crate) async fn record(
        &self,
        token: Token,
        kind: EventKind,
        requester: &Requester<'_>,
    ) -> Result<Outcome, NotRecorded> {
        if !self.records(&token) {
            self.metrics.expired_tokens.add(1);
            return Ok(Outcome::Expired);
        }
        if let Some(barred) = self.bar(&token, kind).await? {
            return Ok(barred);
        }
        let event = if kind.is_fetch() && asks_not_to_be_tracked(requester.headers) {
            self.withheld(&token, kind)
        } else {
            self.judge(token, kind, requester)
        };
        let (class, counted) = (event.verdict.class, event.counted);
        self.finish(self.store.record(event), class, counted).await
    }

    /// What keeps a request from being stored that would be otherwise.
    async fn bar(&self, token: &Token, kind: EventKind) -> Result<Option<Outcome>, NotRecorded> {
        if !kind.is_fetch() && !self.may_press(token, Button::Event(kind)) {
            return Ok(Some(Outcome::TooMany));
        }
        if self.room.is_low() && !self.is_in_use(token.account()).await {
            self.metrics.without_room.add(1);
            return Err(NotRecorded);
        }
        Ok(None)
    }

    /// Waits until an event of `class` is stored, and counts it.
    async fn finish(
        &self,
        stored: Pending<'_, Recorded>,
        class: Class,
        counted: Option<Period>,
    ) -> Result<Outcome, NotRecorded> {
        let reason = match tokio::time::timeout(self.timeout, stored).await {
            Ok(Ok(Recorded::Kept)) => {
                let folded = counted.map(|period| match period {
                    Period::Minute => Folded::Flood,
                    Period::Hour => Folded::Message,
                    Period::Day => Folded::Account,
                });
                self.metrics.recorded(class, folded);
                return Ok(Outcome::Recorded);
            }
            Ok(Ok(Recorded::Dropped)) => {
                self.metrics.dropped.add(1);
                return Ok(Outcome::Recorded);
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "storage does not answer".to_owned(),
        };
        self.metrics.lost.add(1);
        log!(
            Error,
            "requests were answered without an event being acknowledged: {reason}"
        );
        Err(NotRecorded)
    }

    /// Whether `token` records anything today. A clock that is not trusted bars nothing.
    pub(crate) fn records(&self, token: &Token) -> bool {
        let today = self.clock.trusted_day();
        today.is_none_or(|today| token.records_on(today))
    }

    /// What is to be stored of a request, which is forgotten then.
    fn judge(&self, token: Token, kind: EventKind, requester: &Requester<'_>) -> NewEvent {
        let (account, message) = (token.account(), token.message());
        let at = self.clock.now();
        let verdict = self.classify(account, kind, requester);
        let counted = self.counted(&token, kind, verdict.class, at);
        // A mail service's address is nobody's, who presses a button need not be told apart, and a
        // count has no reader.
        let has_reader = kind.is_fetch() && !verdict.class.is_proxy() && counted.is_none();
        let reader = has_reader
            .then(|| self.reader_keys.reader(message, requester.client, at))
            .flatten();
        NewEvent {
            id: new_id(),
            account,
            // What is counted for the account as a whole names no message.
            message: match counted {
                Some(Period::Day) => MessageId([0; 8]),
                _ => message,
            },
            kind,
            at,
            verdict,
            reader,
            until: token.until(),
            counted,
            press: Press::default(),
        }
    }

    /// How long a fetch is only counted, if it is one of too many. A press never is.
    fn counted(&self, token: &Token, kind: EventKind, class: Class, at: Millis) -> Option<Period> {
        if !kind.is_fetch() {
            return None;
        }
        let (account, message, day) = (token.account(), token.message(), at.day());
        let is_flood = (self.floods).is_too_many(account, message, kind, class, at);
        let full = self.shares.look(account, message, day);
        let counted = match full {
            Err(Full::Account) => Some(Period::Day),
            Err(Full::Message) => Some(Period::Hour),
            Ok(()) => is_flood.then_some(Period::Minute),
        };
        match counted {
            None => self.shares.use_up(account, message, day),
            Some(_) => self.floods.set_pending(),
        }
        counted
    }

    /// Whether the account asks for its events, now or before.
    async fn is_in_use(&self, account: AccountId) -> bool {
        self.askers.knows(account) || self.store.is_in_use(account).await.unwrap_or(false)
    }

    fn classify(&self, account: AccountId, kind: EventKind, requester: &Requester<'_>) -> Verdict {
        let headers = requester.headers;
        let user_agent = headers
            .get(header::USER_AGENT)
            .map_or("".into(), |agent| String::from_utf8_lossy(agent.as_bytes()));
        let network = self.tables.network(requester.client);
        let header = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
        classify(&Fetch {
            asked: match kind {
                EventKind::Pixel => Asked::Image,
                EventKind::Link => Asked::Link,
                EventKind::Read | EventKind::Refuse | EventKind::Agree | EventKind::Undo => {
                    Asked::Press
                }
            },
            head: requester.head,
            user_agent: &user_agent,
            prefetch: PURPOSE_HEADERS
                .iter()
                .flat_map(|name| headers.get_all(*name))
                .any(|value| announces_prefetch(&String::from_utf8_lossy(value.as_bytes()))),
            accept: Accept::of(header("accept")),
            destination: if self.over_https {
                Destination::of(header("sec-fetch-dest"))
            } else {
                Destination::NotKnown
            },
            listed_bot: self.tables.is_listed_bot(&user_agent),
            // On a private network, sender and recipient may well be one address to this server.
            from_sender: network.is_some() && self.is_sender(account, requester.client),
            network,
        })
    }

    /// Whether the account lately asked from `client`.
    fn is_sender(&self, account: AccountId, client: IpAddr) -> bool {
        self.senders().is_sender(account, client, Instant::now())
    }

    fn senders(&self) -> MutexGuard<'_, Senders> {
        self.senders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the program says that its user does not want to be tracked.
fn asks_not_to_be_tracked(headers: &HeaderMap) -> bool {
    let says = |name: &str| headers.get(name).is_some_and(|value| value == "1");
    NOT_TO_TRACK_HEADERS.into_iter().any(says)
}

/// What tells an event from all others.
fn new_id() -> EventId {
    let mut id = [0; 8];
    // Without random numbers an event without a name of its own is better than none.
    let _ = getrandom::fill(&mut id);
    EventId(id)
}
