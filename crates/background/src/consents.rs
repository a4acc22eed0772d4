//! How recipients stand to being tracked, by address, as they said on their page. It is told to nobody but this browser's own Gmail tabs.
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
use std::collections::BTreeMap;

/// Where they lie in `chrome.storage.local`.
const KEY: &str = "consents";

async fn load() -> Result<BTreeMap<String, ConsentRecord>, WorkerError> {
    Ok(storage::local::get(KEY).await?.unwrap_or_default())
}

/// What is known of all.
pub(crate) async fn all() -> Result<Consents, WorkerError> {
    let mut all = Consents::default();
    for (address, record) in load().await? {
        match record.consent() {
            Some(Consent::Declined) => all.declined.push(address),
            Some(Consent::Asked) => all.asked.push(address),
            Some(Consent::Agreed) => all.agreed.push(address),
            None => {}
        }
    }
    Ok(all)
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
    if all.contains_key(&key(recipient)) {
        return Ok(());
    }
    let record = ConsentRecord::new(Consent::Asked, message.to_owned(), clock::now());
    all.insert(key(recipient), record);
    save(&all).await
}

fn key(recipient: &Recipient) -> String {
    recipient.address.to_ascii_lowercase()
}

async fn save(all: &BTreeMap<String, ConsentRecord>) -> Result<(), WorkerError> {
    storage::local::set(KEY, all).await?;
    subscribers::changed(&[Topic::Drafts]);
    Ok(())
}

/// Takes in what `message` came to: its only recipient declined or agreed, or took that back.
pub(crate) async fn hear(message: &KeptMessage, judgement: &Judgement) -> Result<(), WorkerError> {
    let [recipient] = &message.recipients[..] else {
        return Ok(());
    };
    let consent = match (judgement.state, judgement.reason) {
        (State::Refused, _) => Some(Consent::Declined),
        (State::Confirmed, StateReason::AgreePressed) => Some(Consent::Agreed),
        _ => None,
    };
    let mut all = load().await?;
    let address = key(recipient);
    let known = all.get(&address);
    match consent {
        Some(consent) if known.and_then(ConsentRecord::consent) != Some(consent) => {
            let record = ConsentRecord::new(consent, message.message.clone(), clock::now());
            all.insert(address, record);
        }
        // Only the page on which it was said can take it back, and who was asked there still was.
        None if message.mode != Mode::Consent
            && known.is_some_and(|known| known.message == message.message) =>
        {
            all.remove(&address);
        }
        _ => return Ok(()),
    }
    save(&all).await
}
