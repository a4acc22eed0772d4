//! What can go wrong in a call to the browser.

use kaifu_protocol::call::Failure;
use wasm_bindgen::{JsCast as _, JsValue};

/// A value that a `chrome.*` call threw, or rejected its promise with.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", self.text())]
pub struct ChromeError {
    thrown: JsValue,
}

impl ChromeError {
    /// The thrown value itself.
    #[must_use]
    pub fn thrown(&self) -> &JsValue {
        &self.thrown
    }

    fn text(&self) -> String {
        self.thrown.dyn_ref::<js_sys::Error>().map_or_else(
            || {
                self.thrown
                    .as_string()
                    .unwrap_or_else(|| "unknown error".to_owned())
            },
            |error| error.message().into(),
        )
    }
}

impl From<JsValue> for ChromeError {
    fn from(thrown: JsValue) -> Self {
        Self { thrown }
    }
}

impl From<wasm_bindgen::JsError> for ChromeError {
    fn from(error: wasm_bindgen::JsError) -> Self {
        Self {
            thrown: error.into(),
        }
    }
}

impl From<serde_wasm_bindgen::Error> for ChromeError {
    fn from(error: serde_wasm_bindgen::Error) -> Self {
        Self {
            thrown: error.into(),
        }
    }
}

/// Why a call to the background worker brought no reply.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CallError {
    /// The worker could not be reached, or stopped before it answered. Asking again starts it.
    #[error("the background worker did not answer: {0}")]
    Channel(#[from] ChromeError),
    /// The worker answered that it could not.
    #[error(transparent)]
    Refused(#[from] Failure),
}
