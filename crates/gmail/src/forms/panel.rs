//! The panel of one email's choices. It is a program of its own, which is loaded once one is opened.

use crate::session::Session;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use web_sys::Element;

/// What hears what the user chose in a panel.
pub(crate) type Hears = Closure<dyn FnMut(String)>;

/// Whether the panel of `opener` is open.
pub(crate) fn is_open(opener: &Element) -> bool {
    opener.get_attribute("aria-expanded").as_deref() == Some("true")
}

/// Has the panel of `opener` show what it is `told`. With `hears`, which is for a press of the user's, it opens, or
/// closes where it is open.
pub(crate) fn show(session: &Session, opener: &Element, told: &str, hears: Option<&Hears>) {
    let nothing = JsValue::UNDEFINED;
    let hears = hears.map_or(&nothing, |hears| hears.as_ref());
    if let Some(show) = session.show_panel() {
        // Where it cannot be loaded, as the extension is gone, there is no panel.
        let _ = show.call3(&nothing, opener, &told.into(), hears);
    }
}
