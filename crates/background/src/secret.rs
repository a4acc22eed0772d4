//! The secret of this installation. It never leaves the worker: Gmail tabs get keys made from it.

use crate::error::WorkerError;
use futures_util::lock::Mutex;
use js_sys::Reflect;
use kaifu_chrome::storage;
use kaifu_core::id::{BrowserSecret, MessageKey, SealKey};
use kaifu_protocol::call::Failure;
use std::rc::Rc;
use wasm_bindgen::JsCast as _;
use web_sys::Crypto;

/// Where it lies in `chrome.storage.local`: 32 bytes in base64url without padding.
pub(crate) const KEY: &str = "browser_secret";

thread_local! {
    /// Held while the secret is made, so that two callers do not make one each.
    static MAKING: Rc<Mutex<()>> = Rc::default();
}

/// What the numbers of messages are made with.
pub(crate) async fn message_key() -> Result<MessageKey, WorkerError> {
    Ok(ensure().await?.message_key())
}

/// What the keys of the names are made with that recipients seal.
pub(crate) async fn seal_key() -> Result<SealKey, WorkerError> {
    Ok(ensure().await?.seal_key())
}

/// The secret, made at the first use.
async fn ensure() -> Result<BrowserSecret, WorkerError> {
    let making = MAKING.with(Rc::clone);
    let _turn = making.lock().await;
    let kept: Option<String> = storage::local::get(KEY).await?;
    if let Some(secret) = kept.and_then(|text| text.parse().ok()) {
        return Ok(secret);
    }
    let secret = BrowserSecret(random()?);
    storage::local::set(KEY, &secret.reveal()).await?;
    Ok(secret)
}

fn random() -> Result<[u8; 32], WorkerError> {
    let mut bytes = [0; 32];
    let crypto = Reflect::get(&js_sys::global(), &"crypto".into()).ok();
    let filled = crypto
        .and_then(|crypto| crypto.dyn_into::<Crypto>().ok())
        .and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes).ok());
    match filled {
        Some(_) => Ok(bytes),
        None => Err(Failure::Storage("the browser has no randomness".to_owned()).into()),
    }
}
