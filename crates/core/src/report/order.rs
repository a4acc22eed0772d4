//! The order of what a report counts.

/// All that a report sorts is sorted by this one function: each further sort would be two kilobytes
/// of the worker.
#[must_use]
pub fn sorted(ranks: &[(i64, i64)]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..ranks.len()).collect();
    places.sort_unstable_by_key(|&place| (ranks[place], place));
    places
}
