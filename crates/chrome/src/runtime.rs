//! Messages between the extension's parts. Needs no permission.
//! <https://developer.chrome.com/docs/extensions/reference/api/runtime>

use crate::convert::{from_js, message_to_js};
use crate::error::{CallError, ChromeError};
use crate::sys::runtime as sys;
use kaifu_protocol::call::{Call, Failure};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

/// Asks the background worker, starting it where it sleeps.
///
/// # Errors
///
/// [`CallError::Channel`] when no answer came, [`CallError::Refused`] when the worker could not.
pub async fn call<C: Call>(call: C) -> Result<C::Reply, CallError> {
    let request: C::Request = call.into();
    send(&message_to_js(&request)?).await
}

/// Tells the background worker something that it has nothing to answer to.
///
/// # Errors
///
/// As for [`call`].
pub async fn tell<R: Serialize>(request: &R) -> Result<(), CallError> {
    send(&message_to_js(request)?).await
}

async fn send<T: DeserializeOwned>(request: &JsValue) -> Result<T, CallError> {
    let reply = sys::send_message(request)
        .await
        .map_err(ChromeError::from)?;
    from_js::<Result<T, Failure>>(reply)?.map_err(CallError::from)
}

/// The address of one of the extension's own files.
///
/// # Errors
///
/// When the extension was updated or removed since this script was loaded.
pub fn url(path: &str) -> Result<String, ChromeError> {
    Ok(sys::get_url(path)?)
}

/// Whether the extension that this script came with still runs; not so after an update.
#[must_use]
pub fn is_connected() -> bool {
    sys::RUNTIME.with(|runtime| {
        runtime
            .as_ref()
            .is_some_and(|runtime| runtime.id().is_some())
    })
}
