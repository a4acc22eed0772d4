//! From our types to JavaScript values and back, in the form that survives Chrome's message channel.

mod read;
mod write;

use crate::error::ChromeError;
use read::Value;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::{JsError, JsValue};
use write::Writer;

/// `value` as plain objects and arrays.
///
/// # Errors
///
/// When a number is too large for JavaScript, or a map's key is no string.
pub fn to_js<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, ChromeError> {
    Ok(value.serialize(&Serializer::json_compatible())?)
}

/// `message`, which crosses between the extension's parts, as plain objects and arrays.
///
/// # Errors
///
/// When it has something that no message has, such as a map, or a number that is too large for JavaScript.
pub fn message_to_js<T: Serialize + ?Sized>(message: &T) -> Result<JsValue, ChromeError> {
    let written = message.serialize(Writer);
    written.map_err(|mismatch| JsError::new(&mismatch.to_string()).into())
}

/// A `T` out of plain objects and arrays.
///
/// # Errors
///
/// When the value does not have the shape of `T`.
pub fn from_js<T: DeserializeOwned>(value: JsValue) -> Result<T, ChromeError> {
    T::deserialize(Value(value)).map_err(|mismatch| JsError::new(&mismatch.to_string()).into())
}
