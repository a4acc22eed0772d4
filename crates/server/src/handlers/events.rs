//! Reading events, at once or as they happen.

use crate::app::App;
use crate::connection::parked::{Poll, PollSlot};
use crate::handlers::credential::Credential;
use crate::http::error::Error;
use crate::http::json::json;
use crate::http::middleware::Client;
use crate::store::{AccountRow, SEQ_MAX};
use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use kaifu_protocol::api::EventsPage;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::time::Duration;
use tokio::time::Instant;

/// How long a poll may wait for news.
const WAIT_MAX: Duration = Duration::from_secs(55);

/// The largest number that an event can have.
const CURSOR_MAX: u64 = SEQ_MAX;

/// How long a poll is to stay away for which there is no place, in seconds.
const RETRY_AFTER: u64 = 30;

/// What a poll asks for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    after: u64,
    wait: Duration,
    limit: u16,
}

/// `GET /v1/events?after=&wait=&limit=`: the account's events after a cursor. Without any, it waits
/// for the first, at most `wait` seconds.
pub(crate) async fn list(
    State(app): State<App>,
    Extension(Client(client)): Extension<Client>,
    slot: Option<Extension<PollSlot>>,
    woken: Option<Extension<Poll>>,
    RawQuery(query): RawQuery,
    credential: Credential,
) -> Result<Response, Error> {
    let is_asked_again = woken.is_some();
    let poll = if let Some(Extension(poll)) = woken {
        poll
    } else {
        let account = credential.account(&app).await?;
        Asked::parse(query.as_deref().unwrap_or_default())?.by(account, client)
    };
    app.recorder.saw_sender(poll.account.id, poll.client);
    // The place is taken before the look, so that nothing falls between look and wait.
    let may_wait = !poll.must_answer && !app.polls.is_stopping();
    let place = slot.filter(|_| may_wait).map(|Extension(slot)| {
        let waiters = app.polls.waiters();
        let waiter = if is_asked_again {
            waiters.enter_again(poll.account.id)
        } else {
            waiters.enter(poll.account.id)
        };
        (slot, waiter)
    });
    let mut page = read(&app, &poll).await?;
    // What woke it may be an event that it has already read.
    if page.events.is_empty()
        && let Some((slot, waiter)) = place
    {
        let waiter = waiter.ok_or_else(|| {
            app.metrics.limited_polls.add(1);
            Error::TooManyPolls {
                retry_after_secs: RETRY_AFTER,
            }
        })?;
        match slot.park(poll, waiter).await {}
    }
    // Numbers never come twice, so a cursor is right wherever the store has been meanwhile.
    page.cursor = (page.events.last()).map_or(poll.after, |event| event.seq);
    Ok(json(StatusCode::OK, &page))
}

/// The events after the cursor; the page's cursor is the account's last event, read or not.
async fn read(app: &App, poll: &Poll) -> Result<EventsPage, Error> {
    app.store
        .events_after(poll.account, poll.after, poll.limit)
        .await?
        .ok_or(Error::Unauthorized)
}

impl Asked {
    /// The poll that begins now.
    fn by(&self, account: AccountRow, client: IpAddr) -> Poll {
        let now = Instant::now();
        Poll {
            account,
            client,
            after: self.after,
            limit: self.limit,
            asked: now,
            deadline: now + self.wait,
            must_answer: self.wait.is_zero(),
        }
    }

    fn parse(query: &str) -> Result<Self, Error> {
        let (mut after, mut wait, mut limit) = (None, None, None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let (slot, range, invalid) = match &*name {
                "after" => (&mut after, 0..=CURSOR_MAX, INVALID_AFTER),
                "wait" => (&mut wait, 0..=WAIT_MAX.as_secs(), INVALID_WAIT),
                "limit" => (&mut limit, 1..=1_000, INVALID_LIMIT),
                // Later versions may ask for more.
                _ => continue,
            };
            let number = number(&value, &range)
                .filter(|_| slot.is_none())
                .ok_or_else(invalid)?;
            *slot = Some(number);
        }
        Ok(Self {
            after: after.unwrap_or(0),
            wait: Duration::from_secs(wait.unwrap_or(0)),
            limit: limit
                .and_then(|limit| u16::try_from(limit).ok())
                .unwrap_or(500),
        })
    }
}

const INVALID_AFTER: fn() -> Error = || Error::Invalid {
    code: "invalid_after",
    message: "after is given once: the cursor of an earlier answer, or 0",
};
const INVALID_WAIT: fn() -> Error = || Error::Invalid {
    code: "invalid_wait",
    message: "wait is given once: whole seconds from 0 to 55",
};
const INVALID_LIMIT: fn() -> Error = || Error::Invalid {
    code: "invalid_limit",
    message: "limit is given once: a whole number from 1 to 1000",
};

/// Reads digits only: no sign, no space, no other alphabet.
fn number(text: &str, range: &RangeInclusive<u64>) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .then(|| text.parse().ok())
        .flatten()
        .filter(|number| range.contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_read_strictly() {
        let asked = |after, wait, limit| {
            Ok(Asked {
                after,
                wait: Duration::from_secs(wait),
                limit,
            })
        };
        for (query, expected) in [
            ("", asked(0, 0, 500)),
            ("after=7&wait=55&limit=1000", asked(7, 55, 1_000)),
            ("limit=1&later=thing", asked(0, 0, 1)),
            ("after=9007199254740991", asked(CURSOR_MAX, 0, 500)),
            ("after=9007199254740992", Err("invalid_after")),
            ("after=99999999999999999999", Err("invalid_after")),
            ("after=-1", Err("invalid_after")),
            ("after=%2B1", Err("invalid_after")),
            ("after=", Err("invalid_after")),
            ("after=1&after=2", Err("invalid_after")),
            ("after=%ff", Err("invalid_after")),
            ("wait=56", Err("invalid_wait")),
            ("wait=1.5", Err("invalid_wait")),
            ("wait=%D9%A1", Err("invalid_wait")),
            ("limit=0", Err("invalid_limit")),
            ("limit=1001", Err("invalid_limit")),
            ("limit= 1", Err("invalid_limit")),
        ] {
            let found = Asked::parse(query).map_err(|error| match error {
                Error::Invalid { code, .. } => code,
                _ => "another error",
            });
            assert_eq!(found, expected, "{query}");
        }
    }
}
