//! Recording what a recipient, or a program on their way, did.

pub(crate) mod flood;
pub(crate) mod senders;

use crate::app::App;
use crate::store::NewEvent;
use axum::http::{HeaderMap, header};
use kaifu_core::fetch::{Claim, Fetch, PURPOSE_HEADERS, Verdict, announces_prefetch, classify};
use kaifu_core::id::AccountId;
use kaifu_core::state::EventKind;
use kaifu_core::token::Token;
use std::net::IpAddr;
use std::time::Instant;

/// What a request says of who sends it. Judged and forgotten.
pub(crate) struct Asked<'a> {
    pub(crate) client: IpAddr,
    pub(crate) head: bool,
    pub(crate) headers: &'a HeaderMap,
}

/// The request could not be recorded.
pub(crate) struct NotRecorded;

/// Stores the event that a request with `token` is, and waits until it is durable, though not for
/// ever.
pub(crate) async fn record(
    app: &App,
    token: Token,
    kind: EventKind,
    asked: &Asked<'_>,
) -> Result<(), NotRecorded> {
    let (account, message) = (token.account(), token.message());
    let at = app.clock.now();
    let verdict = judge(app, account, kind, asked);
    let counted_only = kind != EventKind::Refuse
        && app
            .floods
            .is_too_many(account, message, kind, verdict.class, at);
    // A mail service's address is nobody's, who presses a button need not be told apart, and a count
    // has no reader.
    let has_reader = matches!(kind, EventKind::Pixel | EventKind::Link)
        && !verdict.class.is_proxy()
        && !counted_only;
    let reader = has_reader
        .then(|| app.readers.reader(message, asked.client, at))
        .flatten();
    let stored = app.store.record(NewEvent {
        account,
        message,
        kind,
        at,
        verdict,
        reader,
        counted_only,
    });
    let reason = match tokio::time::timeout(app.limits.record_timeout, stored).await {
        Ok(Ok(_)) => {
            app.metrics.open(verdict.class);
            app.metrics.folded.add(counted_only.into());
            return Ok(());
        }
        Ok(Err(error)) => error.to_string(),
        Err(_) => "storage does not answer".to_owned(),
    };
    app.metrics.lost.add(1);
    if let Some(events) = app.lost_events.count(Instant::now()) {
        tracing::error!(
            events,
            "requests were answered without an event being acknowledged: {reason}"
        );
    }
    Err(NotRecorded)
}

fn judge(app: &App, account: AccountId, kind: EventKind, asked: &Asked<'_>) -> Verdict {
    let headers = asked.headers;
    let user_agent = headers
        .get(header::USER_AGENT)
        .map_or("".into(), |agent| String::from_utf8_lossy(agent.as_bytes()));
    let network = app.tables.network(asked.client);
    let verdict = classify(&Fetch {
        head: asked.head,
        user_agent: &user_agent,
        prefetch: PURPOSE_HEADERS
            .iter()
            .flat_map(|name| headers.get_all(*name))
            .any(|value| announces_prefetch(&String::from_utf8_lossy(value.as_bytes()))),
        accepts_page: headers
            .get(header::ACCEPT)
            .is_some_and(|accept| accept.as_bytes().starts_with(b"text/html")),
        listed_bot: app.tables.is_listed_bot(&user_agent),
        // On a private network, sender and recipient may well be one address to this server.
        from_sender: network.is_some() && app.is_sender(account, asked.client),
        network,
    });
    match kind {
        EventKind::Pixel | EventKind::Link => verdict,
        // Whoever pressed a button has seen the page.
        EventKind::Read | EventKind::Refuse => Verdict {
            claim: Claim::Likely,
            device: None,
            country: None,
            ..verdict
        },
    }
}
