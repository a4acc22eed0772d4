//! What the browser says of itself.

use js_sys::Reflect;
use wasm_bindgen::JsValue;

fn get(name: &str) -> Option<JsValue> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).ok()?;
    Reflect::get(&navigator, &name.into()).ok()
}

/// How it names itself to servers.
#[must_use]
pub fn user_agent() -> Option<String> {
    get("userAgent")?.as_string()
}

/// Whether it has a network at all, as far as it knows.
#[must_use]
pub fn is_online() -> bool {
    get("onLine").is_none_or(|it| it != JsValue::FALSE)
}
