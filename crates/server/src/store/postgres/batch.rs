//! A batch of events as `store_events.sql` takes it: column by column.

use super::session::payloads;
use crate::store::row::{Column, Eight, Row};
use kaifu_core::id::AccountId;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use tokio_postgres::types::ToSql;

/// How old the rows of a batch are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    /// They come now, so whatever is refused was refused before them.
    New,
    /// They waited; their times tell what came first.
    Late,
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
    /// For each row that is sent its place among the rows that were given.
    places: Vec<usize>,
}

impl<'a> Batch<'a> {
    pub(super) fn of(rows: &'a [Row]) -> Self {
        let mut ids: Vec<Eight> = rows.iter().map(|row| row.account).collect();
        ids.sort_unstable();
        ids.dedup();
        let (places, times) = fold(rows);
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
            places,
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

    /// Which of the given rows was sent as the one at `place`, counted from 1.
    pub(super) fn given(&self, place: i64) -> Option<usize> {
        let place = usize::try_from(place).ok()?.checked_sub(1)?;
        self.places.get(place).copied()
    }
}

/// Makes one of counts that belong together, unless a refusal stands between them. Returns the
/// places of the rows that are left, and how many times each was counted.
fn fold(rows: &[Row]) -> (Vec<usize>, Vec<i64>) {
    let (mut places, mut times) = (Vec::with_capacity(rows.len()), Vec::new());
    let mut counts: HashMap<(i64, Eight, Eight, i16, i16), usize> = HashMap::new();
    for (place, row) in rows.iter().enumerate() {
        if row.is_refusal() {
            let (account, message) = (row.account, row.message);
            counts.retain(|(_, of, about, ..), _| (*of, *about) != (account, message));
        }
        if row.times > 0 {
            match counts.entry(row.flood()) {
                Entry::Occupied(first) => {
                    times[*first.get()] += row.times;
                    continue;
                }
                Entry::Vacant(first) => {
                    first.insert(times.len());
                }
            }
        }
        places.push(place);
        times.push(row.times);
    }
    (places, times)
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
        assert_eq!(fold(&rows), (vec![0, 1, 2, 3], vec![1, 2, 0, 2]));
    }
}
