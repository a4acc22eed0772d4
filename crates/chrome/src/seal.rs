//! Opening names that recipients sealed, by the browser's own cryptography.
//! <https://developer.mozilla.org/docs/Web/API/SubtleCrypto/decrypt>

use crate::error::ChromeError;
use crate::sys::seal as sys;
use js_sys::{Array, Object, Reflect, Uint8Array};
use kaifu_core::seal::{CONTEXT, MessageSealKey, Sealed, name};
use wasm_bindgen::JsValue;

/// The name that was sealed with `key`; `None` when none was typed, or it was sealed with another
/// key or changed on its way.
///
/// # Errors
///
/// When the browser offers no cryptography, as outside of secure contexts.
pub async fn open(sealed: &str, key: &MessageSealKey) -> Result<Option<String>, ChromeError> {
    let Ok(sealed) = sealed.parse::<Sealed>() else {
        return Ok(None);
    };
    let uses = Array::of1(&"decrypt".into());
    let key = sys::import_key("raw", &key.0, "AES-GCM", false, &uses).await?;
    let algorithm = Object::new();
    let nonce = Uint8Array::from(&sealed.nonce[..]);
    let context = Uint8Array::from(CONTEXT.as_bytes());
    for (field, value) in [
        ("name", JsValue::from_str("AES-GCM")),
        ("iv", nonce.into()),
        ("additionalData", context.into()),
    ] {
        Reflect::set(&algorithm, &field.into(), &value)?;
    }
    let opened = sys::decrypt(&algorithm, &key, &sealed.text).await;
    Ok(opened
        .ok()
        .and_then(|text| name(&Uint8Array::new(&text).to_vec())))
}
