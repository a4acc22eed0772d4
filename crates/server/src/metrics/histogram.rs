//! Counting values by size.

use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How many values there were up to each of `BOUNDS` bounds, and their sum.
pub(super) struct Histogram<const BOUNDS: usize> {
    bounds: &'static [f64; BOUNDS],
    below: [AtomicU64; BOUNDS],
    above: AtomicU64,
    /// In millionths, as there is no atomic float.
    sum: AtomicU64,
}

impl<const BOUNDS: usize> Histogram<BOUNDS> {
    /// Without values so far; `bounds` rise.
    pub(super) const fn new(bounds: &'static [f64; BOUNDS]) -> Self {
        Self {
            bounds,
            below: [const { AtomicU64::new(0) }; BOUNDS],
            above: AtomicU64::new(0),
            sum: AtomicU64::new(0),
        }
    }

    /// Counts a time, in seconds.
    pub(super) fn add_time(&self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.add(time.as_secs_f64(), micros);
    }

    /// Counts a number of things.
    pub(super) fn add_size(&self, size: usize) {
        let size = u32::try_from(size).unwrap_or(u32::MAX);
        self.add(size.into(), u64::from(size) * 1_000_000);
    }

    fn add(&self, value: f64, millionths: u64) {
        let place = self.bounds.iter().position(|bound| value <= *bound);
        place
            .map_or(&self.above, |place| &self.below[place])
            .fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(millionths, Ordering::Relaxed);
    }

    /// Writes the lines of `name`; `labels` are empty or end in a comma.
    pub(super) fn write(&self, text: &mut String, name: &str, labels: &str) -> fmt::Result {
        let mut total = 0;
        for (bound, count) in self.bounds.iter().zip(&self.below) {
            total += count.load(Ordering::Relaxed);
            writeln!(text, "{name}_bucket{{{labels}le=\"{bound}\"}} {total}")?;
        }
        total += self.above.load(Ordering::Relaxed);
        writeln!(text, "{name}_bucket{{{labels}le=\"+Inf\"}} {total}")?;
        let sum = Duration::from_micros(self.sum.load(Ordering::Relaxed)).as_secs_f64();
        let labels = labels.trim_end_matches(',');
        writeln!(text, "{name}_sum{{{labels}}} {sum}")?;
        writeln!(text, "{name}_count{{{labels}}} {total}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_counts_up_to_each_bound() {
        let histogram = Histogram::new(&[1.0, 2.0, 4.0]);
        for value in [1, 2, 2, 3, 9] {
            histogram.add_size(value);
        }
        let mut text = String::new();
        histogram.write(&mut text, "x", "a=\"b\",").unwrap();
        assert_eq!(
            text,
            "x_bucket{a=\"b\",le=\"1\"} 1\nx_bucket{a=\"b\",le=\"2\"} 3\n\
             x_bucket{a=\"b\",le=\"4\"} 4\nx_bucket{a=\"b\",le=\"+Inf\"} 5\n\
             x_sum{a=\"b\"} 17\nx_count{a=\"b\"} 5\n"
        );
    }
}
