//! The browser's tabs. The address and title of a tab are seen only where the manifest has its
//! host; no permission is needed beyond that.
//! <https://developer.chrome.com/docs/extensions/reference/api/tabs>

use crate::convert::{from_js, to_js};
use crate::error::ChromeError;
use crate::sys::tabs as sys;
use serde::{Deserialize, Serialize};

/// An open tab.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tab {
    /// The tab's id in this browser session.
    pub id: i32,
    /// The window it is in.
    pub window_id: i32,
    /// Its address.
    #[serde(default)]
    pub url: String,
    /// The title of its page.
    #[serde(default)]
    pub title: String,
}

/// The tabs whose address matches `pattern`, such as `https://mail.google.com/*`.
///
/// # Errors
///
/// When `pattern` is no match pattern.
pub async fn matching(pattern: &str) -> Result<Vec<Tab>, ChromeError> {
    #[derive(Serialize)]
    struct Filter<'a> {
        url: &'a str,
    }
    from_js(sys::query(&to_js(&Filter { url: pattern })?).await?)
}

/// Opens a new tab at `url`.
///
/// # Errors
///
/// When the browser refuses.
pub async fn open(url: &str) -> Result<(), ChromeError> {
    #[derive(Serialize)]
    struct Properties<'a> {
        url: &'a str,
    }
    sys::create(&to_js(&Properties { url })?).await?;
    Ok(())
}

/// Brings `tab` to the front of its window, at `url`.
///
/// # Errors
///
/// When the tab is gone.
pub async fn show(tab: &Tab, url: &str) -> Result<(), ChromeError> {
    #[derive(Serialize)]
    struct Properties<'a> {
        active: bool,
        url: &'a str,
    }
    sys::update(tab.id, &to_js(&Properties { active: true, url })?).await?;
    Ok(())
}
