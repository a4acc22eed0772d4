//! How recipients stand to being tracked, by address, as they said on their page. It is told to nobody but
//! this browser's own Gmail tabs and pages.
//!
//! One page serves all recipients of an email, so a press is somebody's own only where the email went to
//! exactly one address.

use crate::error::WorkerError;
use crate::store::kept::{Consent, KeptMessage};
use crate::store::records::ConsentRecord;
use crate::subscribers::{self, Topic};
use kaifu_chrome::{clock, storage};
use kaifu_core::mail::consent::Consents;
use kaifu_core::mail::mode::Mode;
use kaifu_core::state::{Judgement, State, StateReason};
use kaifu_protocol::content::Recipient;
use kaifu_protocol::pages::Said;

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

/// What is known of all.
pub(crate) async fn all() -> Result<Consents, WorkerError> {
    let mut all = Consents::default();
    for record in load().await? {
        match record.consent() {
            Some(Consent::Declined) => all.declined.push(record.address),
            Some(Consent::Asked) => all.asked.push(record.address),
            Some(Consent::Agreed) => all.agreed.push(record.address),
            None => {}
        }
    }
    Ok(all)
}

/// What is known of all, for the user to see.
pub(crate) async fn list() -> Result<Vec<Said>, WorkerError> {
    let all = load().await?.into_iter();
    Ok(all.map(ConsentRecord::said).collect())
}

/// Forgets what is known of `address`.
pub(crate) async fn forget(address: &str) -> Result<(), WorkerError> {
    let mut all = load().await?;
    all.retain(|known| known.address != address);
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
    if place(&all, recipient).is_none() {
        all.push(record(recipient, Consent::Asked, message));
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
    let place = place(&all, recipient);
    let known = place.map(|place| &all[place]);
    let said = match (judgement.state, judgement.reason) {
        (State::Refused, _) => Some(Consent::Declined),
        (State::Confirmed, StateReason::AgreePressed) => Some(Consent::Agreed),
        // Only the page on which something was said can take it back.
        _ if known.is_none_or(|known| known.message != message.message) => return Ok(()),
        _ if message.mode == Mode::Consent => Some(Consent::Asked),
        _ => None,
    };
    if said.is_some() && known.and_then(ConsentRecord::consent) == said {
        return Ok(());
    }
    if let Some(place) = place {
        all.remove(place);
    }
    all.extend(said.map(|said| record(recipient, said, &message.message)));
    save(&all).await
}

fn place(all: &[ConsentRecord], recipient: &Recipient) -> Option<usize> {
    let is_its = |known: &ConsentRecord| known.address.eq_ignore_ascii_case(&recipient.address);
    all.iter().position(is_its)
}

fn record(recipient: &Recipient, said: Consent, message: &str) -> ConsentRecord {
    let address = recipient.address.to_ascii_lowercase();
    ConsentRecord::new(address, said, message.to_owned(), clock::now())
}
