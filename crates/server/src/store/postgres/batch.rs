//! A batch of events as `store_events.sql` takes it: column by column.

use super::session::payloads;
use crate::store::row::{Column, Eight, Row};
use kaifu_core::id::AccountId;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use tokio_postgres::types::ToSql;

/// How old the rows of a batch are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    /// They come now, so whatever is refused was refused before them.
    New,
    /// They waited; their times tell what came first.
    Late,
    /// The database had them, and went back. What kept others out did not keep them out.
    Again,
}

pub(super) type Parameter<'a> = &'a (dyn ToSql + Sync);

/// The values of a batch's rows, and whose they are.
pub(super) struct Batch<'a> {
    ids: Vec<Eight>,
    totals: Vec<i32>,
    owners: Vec<i32>,
    ranks: Vec<i32>,
    times: Vec<i64>,
    minutes: Vec<i64>,
    /// Names the accounts with events to the other servers.
    told: Vec<String>,
    columns: Vec<Column<'a>>,
    /// For each row that was given, the place of the one that it is sent as.
    sent: Vec<usize>,
}

/// What is left of rows when counts that belong together are one.
#[derive(Debug, Default, PartialEq, Eq)]
struct Folded {
    /// The places of the rows that are left.
    places: Vec<usize>,
    /// How many times each of them was counted.
    times: Vec<i64>,
    /// For each row of before, which of those that are left stands for it.
    sent: Vec<usize>,
}

impl<'a> Batch<'a> {
    pub(super) fn of(rows: &'a [Row]) -> Self {
        let mut ids: Vec<Eight> = rows.iter().map(|row| row.account).collect();
        ids.sort_unstable();
        ids.dedup();
        let Folded {
            places,
            times,
            sent,
        } = fold(rows);
        let kept: Vec<&Row> = places.iter().map(|place| &rows[*place]).collect();
        let mut totals = vec![0; ids.len()];
        let (mut owners, mut ranks) = (Vec::new(), Vec::new());
        for row in &kept {
            let owner = ids.partition_point(|id| *id < row.account);
            totals[owner] += i32::from(row.times == 0);
            ranks.push(totals[owner]);
            owners.push(i32::try_from(owner + 1).unwrap_or(i32::MAX));
        }
        let is_special = kept.iter().any(|row| row.times > 0 || row.is_refusal());
        let news: Vec<_> = (ids.iter().zip(&totals))
            .filter(|(_, total)| **total > 0)
            .map(|(id, _)| AccountId(id.0))
            .collect();
        Self {
            told: payloads(&news),
            minutes: if is_special {
                kept.iter().map(|row| row.minute()).collect()
            } else {
                Vec::new()
            },
            times: if is_special { times } else { Vec::new() },
            columns: Row::arrays(&kept).into(),
            ids,
            totals,
            owners,
            ranks,
            sent,
        }
    }

    /// What the function takes behind the server's own parameters, in its order.
    pub(super) fn parameters(&self) -> Vec<Parameter<'_>> {
        let mut parameters: Vec<Parameter<'_>> = vec![
            &self.ids,
            &self.totals,
            &self.owners,
            &self.ranks,
            &self.times,
            &self.minutes,
            &self.told,
        ];
        parameters.extend(self.columns.iter().map(|column| {
            let column: Parameter<'_> = &**column;
            column
        }));
        parameters
    }

    /// The account at `place`, counted from 1.
    pub(super) fn account(&self, place: i32) -> Option<AccountId> {
        let place = usize::try_from(place).ok()?.checked_sub(1)?;
        self.ids.get(place).map(|id| AccountId(id.0))
    }

    /// Which of the given rows were sent as those at `places`, counted from 1.
    pub(super) fn given(&self, places: &[i64]) -> Vec<usize> {
        if places.is_empty() {
            return Vec::new();
        }
        let places: HashSet<_> = (places.iter())
            .filter_map(|place| usize::try_from(*place).ok()?.checked_sub(1))
            .collect();
        let sent = self.sent.iter().enumerate();
        sent.filter(|(_, sent)| places.contains(sent))
            .map(|(given, _)| given)
            .collect()
    }
}

/// Makes one of counts that belong together, unless a refusal stands between them.
fn fold(rows: &[Row]) -> Folded {
    let mut folded = Folded::default();
    let mut counts: HashMap<(i64, Eight, Eight, i16, i16), usize> = HashMap::new();
    for (place, row) in rows.iter().enumerate() {
        if row.is_refusal() {
            let (account, message) = (row.account, row.message);
            counts.retain(|(_, of, about, ..), _| (*of, *about) != (account, message));
        }
        if row.times > 0 {
            match counts.entry(row.flood()) {
                Entry::Occupied(first) => {
                    folded.times[*first.get()] += row.times;
                    folded.sent.push(*first.get());
                    continue;
                }
                Entry::Vacant(first) => {
                    first.insert(folded.times.len());
                }
            }
        }
        folded.sent.push(folded.places.len());
        folded.places.push(place);
        folded.times.push(row.times);
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::row::{REFUSE, sample};

    #[test]
    fn counts_are_one_unless_their_message_is_refused_in_between() {
        let count = |message| Row {
            times: 1,
            ..sample(message)
        };
        let refusal = Row {
            kind: i16::try_from(REFUSE).unwrap(),
            ..sample(1)
        };
        let rows = [count(1), count(2), refusal, count(1), count(2), count(1)];
        let folded = Folded {
            places: vec![0, 1, 2, 3],
            times: vec![1, 2, 0, 2],
            sent: vec![0, 1, 2, 3, 1, 3],
        };
        assert_eq!(fold(&rows), folded);
        // What is said of a count holds for each row of it.
        assert_eq!(Batch::of(&rows).given(&[2, 4]), [1, 3, 4, 5]);
    }
}
