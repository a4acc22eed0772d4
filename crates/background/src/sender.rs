//! Who sent a message to the worker, and how far they are trusted.

use kaifu_chrome::convert::from_js;
use kaifu_chrome::runtime;
use serde::Deserialize;
use wasm_bindgen::JsValue;

/// Where Gmail is: the origin of its pages.
pub(crate) const GMAIL: &str = "https://mail.google.com";

/// Gmail's host, without the scheme.
pub(crate) const GMAIL_HOST: &str = "mail.google.com";

/// The tabs that show Gmail, as a match pattern.
pub(crate) const GMAIL_TABS: &str = "https://mail.google.com/*";

/// The sender of a message, as the browser describes it (`chrome.runtime.MessageSender`).
#[derive(Deserialize)]
struct Sender {
    #[serde(default)]
    origin: Option<String>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    tab: Option<SenderTab>,
}

/// The tab that a message came from. What it says is as trustworthy as its page.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct SenderTab {
    /// The title of its page.
    #[serde(default)]
    pub(crate) title: String,
    /// Its address.
    #[serde(default)]
    pub(crate) url: String,
}

/// Which requests a sender may make.
pub(crate) enum Trust {
    /// Those of a Gmail tab.
    Gmail(SenderTab),
    /// Those of the extension's own pages.
    OwnPage,
}

impl Trust {
    /// How far `sender`, a `chrome.runtime.MessageSender`, is trusted; `None` for everybody else.
    pub(crate) fn of(sender: JsValue) -> Option<Self> {
        let sender: Sender = from_js(sender).ok()?;
        let own = runtime::url("").ok()?;
        if sender.url.is_some_and(|url| url.starts_with(&own)) {
            return Some(Self::OwnPage);
        }
        (sender.origin.as_deref() == Some(GMAIL))
            .then(|| Self::Gmail(sender.tab.unwrap_or_default()))
    }
}
