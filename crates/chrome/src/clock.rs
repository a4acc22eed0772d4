//! The browser's clock. JavaScript counts milliseconds as floating-point numbers; everything of ours
//! counts them as [`Millis`], so they are converted here and nowhere else.

use crate::sys::clock as sys;
use js_sys::Date;
use kaifu_core::time::{DAY, MINUTE, Millis};
use std::cell::Cell;
use wasm_bindgen::JsValue;

/// The time by the browser's clock.
#[must_use]
pub fn now() -> Millis {
    of_js(Date::now())
}

/// The time by a clock that nobody sets, for measuring how long something takes. It has a beginning
/// of its own, which is not the epoch.
#[must_use]
pub fn steady() -> Millis {
    of_js(sys::now())
}

/// The time that `text` names in one of the forms that JavaScript reads, such as an HTTP date; `None`
/// where it names none.
#[must_use]
pub fn parse(text: &str) -> Option<Millis> {
    let date = Date::parse(text);
    date.is_finite().then(|| of_js(date))
}

/// By how many milliseconds the clocks of the user's zone are ahead of UTC at `at`.
#[must_use]
pub fn zone(at: Millis) -> i64 {
    // What JavaScript counts are the minutes from the local time to UTC.
    let minutes = Date::new(&JsValue::from_f64(to_js(at))).get_timezone_offset();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "an offset is a small number of minutes, and some old ones had a fraction"
    )]
    let offset = minutes as i64;
    -offset * MINUTE
}

/// The minute of the user's day at `at`, counted from midnight.
#[must_use]
pub fn minute_of_day(at: Millis) -> u32 {
    let local = at.plus(zone(at));
    u32::try_from(local.0.rem_euclid(DAY) / MINUTE).unwrap_or(0)
}

/// The same as [`zone`], for many times: a day in which it does not change is asked about once as long
/// as the times that follow each other are of it.
pub fn zone_by_day() -> impl Fn(Millis) -> i64 {
    let last = Cell::new(None);
    move |at| {
        let day = at.day();
        match last.get() {
            Some((known, ahead)) if known == day => ahead,
            _ => {
                let (first, next) = (Millis(day * DAY), Millis((day + 1) * DAY));
                let ahead = zone(first);
                if ahead != zone(next) {
                    return zone(at);
                }
                last.set(Some((day, ahead)));
                ahead
            }
        }
    }
}

/// A number of milliseconds as JavaScript's dates take it.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    reason = "dates end at 8.64e15 milliseconds, and whole numbers are exact up to 9e15"
)]
pub const fn to_js(at: Millis) -> f64 {
    at.0 as f64
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "fractions of a millisecond matter to nobody, and there are fewer than 2^53"
)]
const fn of_js(date: f64) -> Millis {
    Millis(date as i64)
}
