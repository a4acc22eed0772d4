//! How people stand to being tracked, by address: what recipients said on their page, and what the sender
//! wishes. It is told to nobody but this browser's own Gmail tabs and pages.
//!
//! One page serves all recipients of an email, so a press is somebody's own only where the email went to
//! exactly one address, and consent only where that is no list, as the sender says.

use crate::error::WorkerError;
use crate::store::kept::KeptMessage;
use crate::store::records::ConsentRecord;
use crate::subscribers::{self, Topic};
use kaifu_chrome::{clock, storage};
use kaifu_core::mail::consent::Standing;
use kaifu_core::mail::mode::Mode;
use kaifu_core::state::{Judgement, State, StateReason};
use kaifu_protocol::call::Failure;
use kaifu_protocol::content::{Recipient, Wish};
use kaifu_protocol::pages::{ForgetConsent, Said};
use kaifu_protocol::panel::read_wish;

/// Where they lie in `chrome.storage.local`.
pub(crate) const KEY: &str = "consents";

async fn load() -> Result<Vec<ConsentRecord>, WorkerError> {
    Ok(storage::local::get(KEY).await?.unwrap_or_default())
}

async fn save(all: &Vec<ConsentRecord>) -> Result<(), WorkerError> {
    storage::local::set(KEY, all).await?;
    subscribers::changed(&[Topic::Settings]);
    Ok(())
}

/// What is known of all, as core's `Consents` has it.
pub(crate) async fn all() -> Result<Vec<String>, WorkerError> {
    let all = load().await?.into_iter();
    Ok(all
        .map(|it| [&*it.consent, " ", &it.address].concat())
        .collect())
}

/// What is known of all, for the user to see.
pub(crate) async fn list() -> Result<Vec<Said>, WorkerError> {
    let all = load().await?.into_iter();
    Ok(all.map(ConsentRecord::said).collect())
}

/// Forgets one thing that is known of somebody.
pub(crate) async fn forget(call: &ForgetConsent) -> Result<(), WorkerError> {
    let mut all = load().await?;
    all.retain(|known| known.address != call.address || known.consent != call.consent);
    save(&all).await
}

/// The sender wishes something, or no longer does.
pub(crate) async fn wish(call: &Wish) -> Result<(), WorkerError> {
    let (wish, holds, address) = read_wish(&call.said).ok_or(Failure::Malformed)?;
    let mut all = load().await?;
    if let Some(place) = place(&all, wish, address) {
        all.remove(place);
    }
    if holds {
        all.push(record(address, wish, ""));
    }
    save(&all).await
}

/// An email that asks for consent leaves: its only recipient is asked.
pub(crate) async fn ask(
    mode: Mode,
    recipients: &[Recipient],
    message: &str,
) -> Result<(), WorkerError> {
    let ([recipient], Mode::Consent) = (recipients, mode) else {
        return Ok(());
    };
    let mut all = load().await?;
    if place(&all, Standing::Asked, &recipient.address).is_none() {
        all.push(record(&recipient.address, Standing::Asked, message));
        save(&all).await?;
    }
    Ok(())
}

/// Takes in what `message` came to: its only recipient declined or agreed, or took that back.
pub(crate) async fn hear(message: &KeptMessage, judgement: &Judgement) -> Result<(), WorkerError> {
    let [recipient] = &message.recipients[..] else {
        return Ok(());
    };
    let mut all = load().await?;
    let of = |standing| place(&all, standing, &recipient.address);
    let (place, is_alone) = (of(Standing::Asked), of(Standing::Alone).is_some());
    let known = place.map(|place| &all[place]);
    let said = match (judgement.state, judgement.reason) {
        (State::Refused, _) => Some(Standing::Declined),
        (State::Confirmed, StateReason::AgreePressed) if is_alone => Some(Standing::Agreed),
        // Only the page on which something was said can take it back.
        _ if known.is_none_or(|known| known.message != message.message) => return Ok(()),
        _ if message.mode == Mode::Consent => Some(Standing::Asked),
        _ => None,
    };
    if said.is_some_and(|said| known.is_some_and(|known| known.consent == said.name())) {
        return Ok(());
    }
    if let Some(place) = place {
        all.remove(place);
    }
    all.extend(said.map(|said| record(&recipient.address, said, &message.message)));
    save(&all).await
}

/// Where in `all` stands what `standing` would take the place of.
fn place(all: &[ConsentRecord], standing: Standing, address: &str) -> Option<usize> {
    let is_its = |known: &ConsentRecord| {
        standing.replaces(&known.consent) && known.address.eq_ignore_ascii_case(address)
    };
    all.iter().position(is_its)
}

fn record(address: &str, said: Standing, message: &str) -> ConsentRecord {
    let address = address.to_ascii_lowercase();
    ConsentRecord::new(address, said, message.to_owned(), clock::now())
}
