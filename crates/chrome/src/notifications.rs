//! Desktop notifications. Needs the permission `notifications`.
//! <https://developer.chrome.com/docs/extensions/reference/api/notifications>

use crate::convert::to_js;
use crate::error::ChromeError;
use crate::sys::notifications as sys;
use js_sys::Reflect;
use kaifu_core::time::Millis;
use serde::Serialize;

/// What a notification says.
#[derive(Clone, Debug)]
pub struct Notice {
    /// The first line.
    pub title: String,
    /// The text below it.
    pub message: String,
    /// The small print.
    pub context_message: String,
    /// When it happened.
    pub event_time: Millis,
    /// Whether it makes no sound and does not stay in the way: it says a little more than the one before.
    pub silent: bool,
    /// What stands on its button; `None` for none. Not every system shows it.
    pub button: Option<String>,
}

/// Shows `notice` as `id`, in the place of an earlier one of that id.
///
/// # Errors
///
/// When the browser refuses.
pub async fn show(id: &str, notice: &Notice) -> Result<(), ChromeError> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Options<'a> {
        r#type: &'static str,
        icon_url: &'static str,
        title: &'a str,
        message: &'a str,
        context_message: &'a str,
        event_time: i64,
        silent: bool,
        buttons: Vec<Button<'a>>,
    }
    #[derive(Serialize)]
    struct Button<'a> {
        title: &'a str,
    }
    let options = Options {
        r#type: "basic",
        icon_url: "/icons/128.png",
        title: &notice.title,
        message: &notice.message,
        context_message: &notice.context_message,
        event_time: notice.event_time.0,
        silent: notice.silent,
        buttons: notice.button.iter().map(|title| Button { title }).collect(),
    };
    sys::create(id, &to_js(&options)?).await?;
    Ok(())
}

/// Takes notification `id` away, if it is still there.
///
/// # Errors
///
/// When the browser refuses.
pub async fn clear(id: &str) -> Result<(), ChromeError> {
    sys::clear(id).await?;
    Ok(())
}

/// Whether notification `id` is still there: the user has not put it away.
///
/// # Errors
///
/// When the browser refuses.
pub async fn is_shown(id: &str) -> Result<bool, ChromeError> {
    let all = sys::get_all().await?;
    Ok(Reflect::has(&all, &id.into())?)
}
