//! The machine's clock.

use super::Finding;
use super::files::newest_change;
use crate::clock::Clock;
use crate::settings::Settings;
use std::path::Path;

const ABOUT: &str = "clock";

/// How far the clock may be behind the newest file, in seconds.
const BEHIND: i64 = 60;

/// Where systemd keeps its state, and where it notes that it has set the clock.
const SYSTEMD: &str = "/run/systemd/system";
const SYNCHRONIZED: &str = "/run/systemd/timesync/synchronized";

/// Where chrony and ntpd, which set the clock as well, keep theirs.
const OTHERS: [&str; 3] = ["/run/chrony", "/run/ntpd.pid", "/run/ntpd"];

/// Looks at the clock.
pub(super) fn look(settings: &Settings) -> Vec<Finding> {
    vec![clock(settings)]
}

fn clock(settings: &Settings) -> Finding {
    let clock = Clock::default();
    if clock.trusted_day().is_none() {
        return Finding::fault(ABOUT, "it was never set: set it before any event is stored");
    }
    let now = clock.now().0 / 1_000;
    let newest = newest_change(&settings.data_dir).unwrap_or(0);
    if newest > now + BEHIND {
        let behind = newest - now;
        return Finding::fault(
            ABOUT,
            format!("it is {behind} seconds behind the newest file in the data directory"),
        );
    }
    let is_set = Path::new(SYNCHRONIZED).exists() || OTHERS.iter().any(|it| Path::new(it).exists());
    if Path::new(SYSTEMD).exists() && !is_set {
        return Finding::warning(
            ABOUT,
            "nothing seems to set it: enable systemd-timesyncd or chrony",
        );
    }
    Finding::good(ABOUT, "it is not behind what was stored")
}
