//! The extension's button in the browser's toolbar. Needs the manifest's `action`.
//! <https://developer.chrome.com/docs/extensions/reference/api/action>

use crate::convert::to_js;
use crate::error::ChromeError;
use crate::sys::action as sys;
use serde::Serialize;

/// Shows `text` (about four characters fit) on the button, on `color` such as `#0b6e4f`; nothing when
/// it is empty.
///
/// # Errors
///
/// When the browser refuses.
pub async fn set_badge(text: &str, color: &str) -> Result<(), ChromeError> {
    #[derive(Serialize)]
    struct Text<'a> {
        text: &'a str,
    }
    #[derive(Serialize)]
    struct Color<'a> {
        color: &'a str,
    }
    sys::set_badge_background_color(&to_js(&Color { color })?).await?;
    sys::set_badge_text(&to_js(&Text { text })?).await?;
    Ok(())
}

/// Has the button's tooltip say `title`.
///
/// # Errors
///
/// When the browser refuses.
pub async fn set_title(title: &str) -> Result<(), ChromeError> {
    #[derive(Serialize)]
    struct Title<'a> {
        title: &'a str,
    }
    sys::set_title(&to_js(&Title { title })?).await?;
    Ok(())
}
