//! The background worker: storage, the server, notifications.
//!
//! The worker may be stopped at any moment, so what matters lives in IndexedDB and
//! `chrome.storage`; what stands in memory is a cache that a new start rebuilds. The exports here
//! are one per browser event; a static boot file registers them before this module has loaded.

mod accounts;
mod agreement;
mod backend;
mod belongings;
mod clocks;
mod consents;
mod emails;
mod error;
mod handlers;
mod in_order;
mod judgements;
mod landmarks;
mod lines;
#[cfg(test)]
#[path = "../../l10n/tests/l10n/locale.rs"]
mod locale;
mod notify;
mod open_in_gmail;
mod own_addresses;
mod request_rules;
mod router;
mod secret;
mod sender;
mod settings;
mod store;
mod subscribers;
mod tabs;
mod turn;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// As fast as the standard library's, and smaller.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// Answers a message from a Gmail tab or one of the extension's own pages.
#[wasm_bindgen]
pub async fn on_message(message: JsValue, sender: JsValue) -> JsValue {
    router::answer(message, sender).await
}

/// The alarm went off: asks for news, unless a Gmail tab has that going already.
#[wasm_bindgen]
pub async fn on_alarm(name: String) {
    if name == backend::poll::ALARM {
        backend::poll::check().await;
    }
}

/// Opens the conversation that a notification is about.
#[wasm_bindgen]
pub async fn on_notice_clicked(id: String) {
    notify::announce::clicked(&id).await;
}

/// Shows no more notifications of what a notification tells of.
#[wasm_bindgen]
pub async fn on_notice_button(id: String) {
    notify::announce::button_pressed(&id).await;
}

/// The extension was installed or updated, as `reason` says in the browser's words. Once, it shows
/// the page on which the user agrees to what follows.
#[wasm_bindgen]
pub async fn on_installed(reason: String) {
    if reason == "install" {
        agreement::ask_once().await;
    }
    backend::poll::check().await;
}

/// The browser started.
#[wasm_bindgen]
pub async fn on_wake() {
    backend::poll::check().await;
}
