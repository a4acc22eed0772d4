//! Whether the user has agreed to what the first page says. Until then nothing leaves the browser.

use crate::accounts;
use crate::error::WorkerError;
use kaifu_chrome::{clock, runtime, storage, tabs};

/// Where it lies in `chrome.storage.local`: when the user agreed, in milliseconds since the Unix epoch.
const KEY: &str = "agreed_at";

const FIRST_PAGE: &str = "first.html";

/// Whether the user has agreed. Whoever has an account from the time before that page has used it.
pub(crate) async fn is_given() -> Result<bool, WorkerError> {
    let agreed_at: Option<f64> = storage::local::get(KEY).await?;
    Ok(agreed_at.is_some() || !accounts::all().await?.is_empty())
}

/// The user agrees.
pub(crate) async fn give() -> Result<(), WorkerError> {
    #[expect(clippy::cast_precision_loss, reason = "a time is below 2^53")]
    let now = clock::now().0 as f64;
    Ok(storage::local::set(KEY, &now).await?)
}

/// Shows the page on which the user agrees.
pub(crate) async fn ask() -> Result<(), WorkerError> {
    Ok(tabs::open(&runtime::url(FIRST_PAGE)?).await?)
}

/// Shows the page to whoever has just installed the extension.
pub(crate) async fn ask_once() {
    // There is nobody to tell about a failure: the popup and the switch lead there as well.
    if is_given().await.is_ok_and(|given| !given) {
        let _ = ask().await;
    }
}
