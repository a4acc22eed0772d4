//! What a report says of made-up emails.

mod chance;
mod counts;
mod people;
mod which;

use super::*;
use crate::time::{HOUR, MINUTE};

/// A Wednesday, at noon in UTC.
const NOW: Millis = Millis(20_789 * DAY + 12 * HOUR);

/// A zone that is always the same number of hours ahead of UTC.
fn ahead(hours: i64) -> impl Fn(Millis) -> i64 {
    move |_| hours * HOUR
}

/// An email to Anna that stands so and was sent so many milliseconds before [`NOW`].
fn email(standing: Standing, before: i64) -> Facts {
    let anna = Person {
        address: "Anna@Example.com".to_owned(),
        name: "Anna".to_owned(),
    };
    Facts::new(NOW.plus(-before), standing, vec![anna])
}

/// An email that was sent so long before [`NOW`], and opened so long after each time.
fn opened(before: i64, after: &[i64]) -> Facts {
    let email = email(Standing::Opened, before);
    let opens = after.iter().map(|after| email.sent_at.plus(*after));
    Facts {
        opens: opens.collect(),
        ..email
    }
}

/// All that is kept.
fn always() -> Window {
    Window::of_days(None, NOW)
}
