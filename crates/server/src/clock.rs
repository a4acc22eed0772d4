//! The server's clock.

use kaifu_core::time::Millis;
use std::time::{SystemTime, UNIX_EPOCH};

/// Now, by the system's clock; 0 when that stands before 1970.
pub(crate) fn now() -> Millis {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}
