//! How this crate, and what is built on it for the browser, sorts.
//!
//! All goes by the one type here, as the standard library's sort is made anew for each: that would be
//! several kilobytes of the worker each time.

/// What comes first by the first number, and among equals by the second.
pub type Rank = (i64, i64);

/// The places of `ranks` from the lowest to the highest, of equal ones the earlier first.
#[must_use]
pub fn sorted(ranks: &[Rank]) -> Vec<usize> {
    let mut ranked: Vec<(Rank, usize)> = ranks.iter().copied().zip(0..).collect();
    ranked.sort_unstable();
    ranked.into_iter().map(|(_, place)| place).collect()
}

/// `items` by their ranks.
#[must_use]
pub fn sorted_by<T>(items: Vec<T>, rank: impl FnMut(&T) -> Rank) -> Vec<T> {
    let ranks: Vec<Rank> = items.iter().map(rank).collect();
    let mut items: Vec<Option<T>> = items.into_iter().map(Some).collect();
    let places = sorted(&ranks).into_iter();
    places.filter_map(|place| items[place].take()).collect()
}

/// `ranks` from the lowest to the highest.
#[must_use]
pub fn in_order(ranks: &[Rank]) -> Vec<Rank> {
    let places = sorted(ranks);
    places.into_iter().map(|place| ranks[place]).collect()
}
