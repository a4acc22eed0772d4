//! Files that the page gives to the user. They never leave the browser by another way.

use crate::dom;
use js_sys::Array;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// What a file is called that is made at `now`, which is in ISO 8601: the day stands between the two.
#[must_use]
pub fn dated(before: &str, now: &str, after: &str) -> String {
    let day = now.split('T').next().unwrap_or_default();
    [before, day, after].concat()
}

/// Has the browser save `text` under `name`.
///
/// # Errors
///
/// What the browser throws.
pub fn text(name: &str, media_type: &str, text: &str) -> Result<(), JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    let parts = Array::of1(&JsValue::from_str(text));
    let blob = Blob::new_with_str_sequence_and_options(&parts, &options)?;
    let address = Url::create_object_url_with_blob(&blob)?;
    let link: HtmlAnchorElement = dom::document()?.create_element("a")?.unchecked_into();
    link.set_href(&address);
    link.set_download(name);
    link.click();
    // The download has begun by now, and holds the file itself.
    Url::revoke_object_url(&address)
}
