//! The browser's windows. Needs no permission.
//! <https://developer.chrome.com/docs/extensions/reference/api/windows>

use crate::convert::to_js;
use crate::error::ChromeError;
use crate::sys::windows as sys;
use serde::Serialize;

/// Brings the window `id` to the front.
///
/// # Errors
///
/// When the window is gone.
pub async fn focus(id: i32) -> Result<(), ChromeError> {
    #[derive(Serialize)]
    struct Changes {
        focused: bool,
    }
    sys::update(id, &to_js(&Changes { focused: true })?).await?;
    Ok(())
}
