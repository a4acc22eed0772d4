//! The extension's button in the browser's toolbar. Needs the manifest's `action`.
//! <https://developer.chrome.com/docs/extensions/reference/api/action>

use crate::convert::to_js;
use crate::error::ChromeError;
use crate::sys::action as sys;
use serde::Serialize;

/// Shows `text` (about four characters fit) on the button; nothing when it is empty.
///
/// # Errors
///
/// When the browser refuses.
pub async fn set_badge(text: &str) -> Result<(), ChromeError> {
    #[derive(Serialize)]
    struct Text<'a> {
        text: &'a str,
    }
    #[derive(Serialize)]
    struct Color {
        color: &'static str,
    }
    sys::set_badge_background_color(&to_js(&Color { color: "#0b6e4f" })?).await?;
    sys::set_badge_text(&to_js(&Text { text })?).await?;
    Ok(())
}
