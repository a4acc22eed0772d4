//! Notices when a compose form changes between rich and plain text, or to confidential mode and back.

use crate::forms::compose::Compose;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, MutationObserver, MutationObserverInit};

/// Watches one form's mode for as long as it lives. Gmail keeps both editors in the page and shows
/// one of them, by a style or class of the elements around it.
#[derive(Debug)]
pub(crate) struct ModeWatch {
    observer: MutationObserver,
    _callback: Closure<dyn FnMut()>,
}

impl ModeWatch {
    /// Runs `changed` whenever `compose` may have changed its mode; `None` while it has not got both
    /// editors.
    pub(crate) fn new(compose: &Compose, changed: impl FnMut() + 'static) -> Option<Self> {
        let (rich, plain) = compose.editor().zip(compose.plain_editor())?;
        let callback: Closure<dyn FnMut()> = Closure::new(changed);
        let observer = MutationObserver::new(callback.as_ref().unchecked_ref()).ok()?;
        let init = MutationObserverInit::new();
        init.set_attributes(true);
        for (editor, other) in [(&rich, &plain), (&plain, &rich)] {
            for around in containers(editor, other) {
                observer.observe_with_options(&around, &init).ok()?;
            }
        }
        if let Some(button) = compose.confidential_button() {
            observer.observe_with_options(&button, &init).ok()?;
        }
        Some(Self {
            observer,
            _callback: callback,
        })
    }
}

impl Drop for ModeWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// `editor` and what is around it, but not around `other`.
fn containers(editor: &Element, other: &Element) -> impl Iterator<Item = Element> {
    std::iter::successors(Some(editor.clone()), |around| around.parent_element())
        .take_while(|around| !around.contains(Some(other)))
}
