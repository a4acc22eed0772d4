//! Timers that wake a sleeping worker. Needs the permission `alarms`.
//! <https://developer.chrome.com/docs/extensions/reference/api/alarms>

use crate::convert::to_js;
use crate::error::ChromeError;
use crate::sys::alarms as sys;
use serde::Serialize;

/// Makes sure that alarm `name` goes off every `period_minutes`; Chrome keeps to 0.5 or more.
/// An alarm that already runs keeps its rhythm.
///
/// # Errors
///
/// When the browser refuses.
pub async fn ensure(name: &str, period_minutes: f64) -> Result<(), ChromeError> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Info {
        period_in_minutes: f64,
    }
    if sys::get(name).await?.is_undefined() {
        sys::create(
            name,
            &to_js(&Info {
                period_in_minutes: period_minutes,
            })?,
        )
        .await?;
    }
    Ok(())
}
