//! Texts under a passphrase, by the browser's own cryptography: AES-256-GCM with a key from PBKDF2.
//! <https://developer.mozilla.org/docs/Web/API/SubtleCrypto/deriveKey>

use crate::error::ChromeError;
use crate::sys::passphrase as sys;
use js_sys::{Array, Object, Reflect, Uint8Array};
use kaifu_core::id::{decode_all, encode};
use wasm_bindgen::JsValue;

/// How often the passphrase is hashed, as OWASP's cheat sheet on storing passwords asks for SHA-256
/// (<https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>).
const ROUNDS: u32 = 600_000;

const SALT: usize = 16;
const NONCE: usize = 12;

/// `text` locked with `passphrase`: `salt:16 | nonce:12 | what is encrypted, with its tag`, in base64url
/// without padding.
///
/// # Errors
///
/// When the browser offers no cryptography.
pub async fn lock(text: &str, passphrase: &str) -> Result<String, ChromeError> {
    let mut head = [0; SALT + NONCE];
    sys::random(&mut head);
    let (salt, nonce) = head.split_at(SALT);
    let key = key(passphrase, salt, "encrypt").await?;
    let locked = sys::encrypt(&algorithm(nonce)?, &key, text.as_bytes()).await?;
    let locked = Uint8Array::new(&locked).to_vec();
    Ok(encode(&[&head, locked.as_slice()].concat()))
}

/// The text that was [`lock`]ed with `passphrase`; `None` where it was another one, or `locked` is nothing
/// of that kind.
///
/// # Errors
///
/// When the browser offers no cryptography.
pub async fn open(locked: &str, passphrase: &str) -> Result<Option<String>, ChromeError> {
    let Some(locked) = decode_all(locked) else {
        return Ok(None);
    };
    let Some((salt, rest)) = locked.split_at_checked(SALT) else {
        return Ok(None);
    };
    let Some((nonce, encrypted)) = rest.split_at_checked(NONCE) else {
        return Ok(None);
    };
    let key = key(passphrase, salt, "decrypt").await?;
    let opened = sys::decrypt(&algorithm(nonce)?, &key, encrypted).await;
    Ok(opened
        .ok()
        .and_then(|text| String::from_utf8(Uint8Array::new(&text).to_vec()).ok()))
}

async fn key(passphrase: &str, salt: &[u8], used_to: &str) -> Result<JsValue, ChromeError> {
    let uses = Array::of1(&"deriveKey".into());
    let from = sys::import_key("raw", passphrase.as_bytes(), "PBKDF2", false, &uses).await?;
    let how = object(&[
        ("name", "PBKDF2".into()),
        ("hash", "SHA-256".into()),
        ("salt", Uint8Array::from(salt).into()),
        ("iterations", ROUNDS.into()),
    ])?;
    let kind = object(&[("name", "AES-GCM".into()), ("length", 256.into())])?;
    let uses = Array::of1(&used_to.into());
    Ok(sys::derive_key(&how, &from, &kind, false, &uses).await?)
}

fn algorithm(nonce: &[u8]) -> Result<JsValue, ChromeError> {
    object(&[
        ("name", "AES-GCM".into()),
        ("iv", Uint8Array::from(nonce).into()),
    ])
}

fn object(fields: &[(&str, JsValue)]) -> Result<JsValue, ChromeError> {
    let object = Object::new();
    for (name, value) in fields {
        Reflect::set(&object, &(*name).into(), value)?;
    }
    Ok(object.into())
}
