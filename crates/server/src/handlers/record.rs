//! Recording what a recipient, or a program on their way, did.

use crate::app::App;
use crate::store::NewOpen;
use axum::http::{HeaderMap, header};
use kaifu_core::fetch::{Claim, Fetch, Verdict, classify};
use kaifu_core::state::EventKind;
use kaifu_core::token::Token;
use std::time::Instant;

/// The request could not be recorded.
pub(crate) struct NotRecorded;

/// Stores the event that a request with `token` is, and waits until it is durable, though not for
/// ever.
pub(crate) async fn record(
    app: &App,
    token: Token,
    kind: EventKind,
    head: bool,
    headers: &HeaderMap,
) -> Result<(), NotRecorded> {
    let (account, message) = (token.account(), token.message());
    let at = app.clock.now();
    let verdict = judge(kind, head, headers);
    let counted_only = kind != EventKind::Refuse
        && app
            .floods
            .is_too_many(account, message, kind, verdict.class, at);
    let stored = app.store.record(NewOpen {
        account,
        message,
        kind,
        at,
        verdict,
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

fn judge(kind: EventKind, head: bool, headers: &HeaderMap) -> Verdict {
    let verdict = classify(&Fetch {
        head,
        user_agent: &headers
            .get(header::USER_AGENT)
            .map_or("".into(), |agent| String::from_utf8_lossy(agent.as_bytes())),
        prefetch: ["purpose", "sec-purpose"]
            .iter()
            .any(|name| announces_prefetch(headers, name)),
        ..Fetch::default()
    });
    match kind {
        EventKind::Pixel | EventKind::Link => verdict,
        // Whoever pressed a button has seen the page.
        EventKind::Read | EventKind::Refuse => Verdict {
            claim: Claim::Likely,
            ..verdict
        },
    }
}

/// Whether the header says that nobody has asked to see the image yet, as in
/// `Sec-Purpose: prefetch;prerender`.
fn announces_prefetch(headers: &HeaderMap, name: &str) -> bool {
    headers.get_all(name).iter().any(|value| {
        let value = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
        ["prefetch", "prerender", "preview"]
            .iter()
            .any(|purpose| value.contains(purpose))
    })
}
