//! Timers that wake a sleeping worker. Needs the permission `alarms`.
//! <https://developer.chrome.com/docs/extensions/reference/api/alarms>

use crate::clock::now;
use crate::convert::{from_js, to_js};
use crate::error::ChromeError;
use crate::sys::alarms as sys;
use kaifu_core::time::Millis;
use serde::{Deserialize, Serialize};

const MINUTE_MS: f64 = 60_000.0;

/// Makes sure that alarm `name` goes off every `period_minutes`; Chrome keeps to 0.5 or more.
/// An alarm that already runs keeps its rhythm, unless the clock was set back since: it would wait
/// for a time that is far ahead.
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
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Alarm {
        scheduled_time: f64,
    }
    let found: Option<Alarm> = from_js(sys::get(name).await?).ok();
    if !found.is_some_and(|alarm| is_soon(alarm.scheduled_time, now(), period_minutes)) {
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

/// Whether an alarm of that period that is to go off at `scheduled` is the next of its rhythm.
fn is_soon(scheduled: f64, now: Millis, period_minutes: f64) -> bool {
    scheduled <= crate::clock::to_js(now) + period_minutes * MINUTE_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_of_a_clock_that_was_ahead_is_none() {
        let now = Millis(1_790_000_000_000);
        let at = |offset: i64| crate::clock::to_js(now.plus(offset));
        for (offset, soon) in [
            (8 * 3_600_000, false),
            (30_001, false),
            (30_000, true),
            (0, true),
            // A late one is about to go off.
            (-90_000, true),
        ] {
            assert_eq!(is_soon(at(offset), now, 0.5), soon, "{offset}");
        }
    }
}
