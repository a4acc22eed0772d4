//! Pauses after orders that failed, kept over a restart: restarts of a server that has no
//! certificate would otherwise use up the few failing orders that an authority allows.

use crate::data_dir::replace_private;
use crate::logging::log;
use kaifu_core::time::Millis;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The longest pause between two attempts.
const PAUSE_MAX: Duration = Duration::from_hours(1);

/// The longest pause that a restart keeps: Let's Encrypt allows five failing orders an hour
/// (<https://letsencrypt.org/docs/rate-limits/>).
const KEPT_MAX: Duration = Duration::from_mins(12);

/// When the last order failed.
pub(super) struct Retry {
    path: PathBuf,
    domains: Vec<String>,
    first_pause: Duration,
    last: Option<Failed>,
}

#[derive(Serialize, Deserialize)]
struct Failed {
    /// In milliseconds since 1970.
    at: i64,
    /// How long to wait from then, in seconds.
    pause: u64,
    /// What was ordered; for other domains nothing has failed yet.
    domains: Vec<String>,
}

impl Retry {
    /// What is kept in `folder`, where it is about `domains`.
    pub(super) fn open(folder: &Path, domains: &[String], first_pause: Duration) -> Self {
        let path = folder.join("failed-order.json");
        let kept = std::fs::read(&path).ok();
        let last: Option<Failed> = kept.and_then(|text| serde_json::from_slice(&text).ok());
        Self {
            path,
            domains: domains.to_vec(),
            first_pause,
            last: last.filter(|failed| failed.domains == domains),
        }
    }

    /// How long a server that starts at `now` is to wait.
    pub(super) fn wait(&self, now: Millis) -> Duration {
        let Some(last) = &self.last else {
            return Duration::ZERO;
        };
        let passed = u64::try_from(now.0.saturating_sub(last.at)).unwrap_or(0);
        let pause = Duration::from_secs(last.pause).min(KEPT_MAX);
        pause.saturating_sub(Duration::from_millis(passed))
    }

    /// Notes a failure, and returns how long to wait.
    pub(super) fn failed(&mut self, now: Millis) -> Duration {
        let pause = self.last.as_ref().map_or(self.first_pause, |last| {
            (Duration::from_secs(last.pause) * 2).clamp(self.first_pause, PAUSE_MAX)
        });
        let failed = Failed {
            at: now.0,
            pause: pause.as_secs(),
            domains: self.domains.clone(),
        };
        let written = serde_json::to_vec(&failed)
            .map_err(std::io::Error::other)
            .and_then(|text| replace_private(&self.path, &text));
        if let Err(error) = written {
            log!(Warn, "{}: {error}", self.path.display());
        }
        self.last = Some(failed);
        pause
    }

    /// Forgets failures.
    pub(super) fn succeeded(&mut self) {
        if self.last.take().is_some() {
            // One that stays behind costs a later start some minutes.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_a_restart_keeps_them_for_the_same_domains() {
        let dir = tempfile::tempdir().unwrap();
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let one = names(&["a.example.org"]);
        let open = |domains: &[String]| Retry::open(dir.path(), domains, Duration::from_mins(1));
        let mut retry = open(&one);
        assert_eq!(retry.wait(Millis(0)), Duration::ZERO);
        let pauses: Vec<u64> = (0..8).map(|_| retry.failed(Millis(0)).as_secs()).collect();
        assert_eq!(pauses, [60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
        // A clock that was set back does not prolong the wait.
        for (now, wait) in [(0, 720), (60_000, 660), (720_000, 0), (-9_000_000, 720)] {
            assert_eq!(open(&one).wait(Millis(now)), Duration::from_secs(wait));
        }
        let two = names(&["a.example.org", "b.example.org"]);
        assert_eq!(open(&two).wait(Millis(0)), Duration::ZERO);
        open(&one).succeeded();
        assert_eq!(open(&one).wait(Millis(0)), Duration::ZERO);
    }
}
