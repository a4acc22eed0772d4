//! Everything that another browser needs to go on in the place of this one, as one text, and back.

use crate::error::WorkerError;
use crate::store::Store;
use crate::store::archive::{self, FORMAT, malformed, set};
use crate::store::records::{AccountsRecord, ConsentRecord, FormerRecord, SettingsRecord};
use crate::{accounts, consents, secret, settings};
use js_sys::{JSON, Object, Reflect};
use kaifu_chrome::convert::from_js;
use kaifu_chrome::storage;
use kaifu_core::id::BrowserSecret;
use kaifu_protocol::call::Failure;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast as _, JsValue};

/// What it is: the number grows when an earlier version could no longer read it.
const KAIFU_MOVE: &str = "kaifu-move-1";
/// What lies in `chrome.storage.local` stands under this name.
const LOCAL: &str = "local";
/// And this is where the emails are, as an archive's text.
const EMAILS: &str = "emails";

/// What of `chrome.storage.local` comes along.
const KEYS: [&str; 6] = [
    settings::KEY,
    accounts::KEY,
    accounts::FORMER,
    accounts::REFUSED,
    secret::KEY,
    consents::KEY,
];

/// All of it, as JSON.
pub(crate) async fn pack(store: &Store) -> Result<String, WorkerError> {
    let all = Object::new();
    for (name, value) in [
        (FORMAT, KAIFU_MOVE.into()),
        (LOCAL, storage::local::as_stored(&KEYS).await?.into()),
        (EMAILS, archive::write(store).await?.into()),
    ] {
        set(&all, name, &value)?;
    }
    Ok(JSON::stringify(&all).map_err(malformed)?.into())
}

/// Puts what is in `text` in the place of what is here, and returns how many emails came with it. Nothing
/// is changed where the text is of another kind.
pub(crate) async fn unpack(store: &Store, text: &str) -> Result<u32, WorkerError> {
    let all = JSON::parse(text).map_err(malformed)?;
    let found = |name: &str| Reflect::get(&all, &name.into()).map_err(malformed);
    if found(FORMAT)?.as_string().as_deref() != Some(KAIFU_MOVE) {
        return Err(Failure::Malformed.into());
    }
    let (local, items) = (found(LOCAL)?, Object::new());
    for key in KEYS {
        let value = Reflect::get(&local, &key.into()).map_err(malformed)?;
        if value.is_undefined() {
            continue;
        }
        check(key, &value)?;
        set(&items, key, &value)?;
    }
    let emails = found(EMAILS)?.as_string().ok_or(Failure::Malformed)?;
    // The emails first: where they cannot be kept, all stays as it is.
    let count = archive::read(store, &emails).await?;
    storage::local::store(&items).await?;
    Ok(count)
}

/// Whether what lies under a key can be read again.
fn check(key: &str, value: &JsValue) -> Result<(), WorkerError> {
    fn is<T: DeserializeOwned>(value: &JsValue) -> bool {
        from_js::<T>(value.clone()).is_ok()
    }
    let is_sound = match key {
        settings::KEY => is::<SettingsRecord>(value),
        accounts::KEY => is::<AccountsRecord>(value),
        accounts::FORMER => is::<Vec<FormerRecord>>(value),
        accounts::REFUSED => is::<Vec<String>>(value),
        consents::KEY => is::<Vec<ConsentRecord>>(value),
        _ => {
            let secret = value.dyn_ref::<js_sys::JsString>().map(String::from);
            secret.is_some_and(|text| text.parse::<BrowserSecret>().is_ok())
        }
    };
    is_sound.then_some(()).ok_or(Failure::Malformed.into())
}
