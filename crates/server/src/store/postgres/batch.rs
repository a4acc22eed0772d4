//! A batch of events as `store_batch.sql` takes it: column by column.

use super::row::Row;
use super::session::payloads;
use kaifu_core::id::AccountId;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use tokio_postgres::types::ToSql;

pub(super) type Parameter<'a> = &'a (dyn ToSql + Sync);

/// The values of a batch's rows, and whose they are.
#[derive(Default)]
pub(super) struct Batch<'a> {
    ids: Vec<&'a [u8]>,
    totals: Vec<i32>,
    owners: Vec<i32>,
    ranks: Vec<i32>,
    messages: Vec<&'a [u8]>,
    kinds: Vec<i16>,
    ats: Vec<i64>,
    classes: Vec<i16>,
    claims: Vec<i16>,
    reasons: Vec<&'a str>,
    clients: Vec<Option<&'a str>>,
    devices: Vec<Option<i16>>,
    countries: Vec<Option<&'a str>>,
    readers: Vec<Option<&'a [u8]>>,
    times: Vec<i64>,
    minutes: Vec<i64>,
    told: Vec<String>,
    /// The accounts that have news.
    pub(super) news: Vec<AccountId>,
}

impl<'a> Batch<'a> {
    pub(super) fn of(rows: &'a [Row]) -> Self {
        let mut ids: Vec<&[u8; 8]> = rows.iter().map(|row| &row.account).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut batch = Self {
            totals: vec![0; ids.len()],
            ..Self::default()
        };
        let is_special = rows.iter().any(Row::is_special);
        let mut counts = HashMap::new();
        for row in rows {
            if row.times > 0 {
                match counts.entry(row.flood()) {
                    Entry::Occupied(place) => {
                        batch.times[*place.get()] += row.times;
                        continue;
                    }
                    Entry::Vacant(place) => {
                        place.insert(batch.times.len());
                    }
                }
            }
            batch.push(row, ids.partition_point(|id| *id < &row.account));
            if is_special {
                batch.times.push(row.times);
                batch.minutes.push(row.minute());
            }
        }
        batch.news = (ids.iter().zip(&batch.totals))
            .filter(|(_, total)| **total > 0)
            .map(|(id, _)| AccountId(**id))
            .collect();
        batch.told = payloads(&batch.news);
        batch.ids = ids.into_iter().map(<[u8; 8]>::as_slice).collect();
        batch
    }

    /// Adds a row of the account at `owner` among all accounts.
    fn push(&mut self, row: &'a Row, owner: usize) {
        self.totals[owner] += i32::from(row.times == 0);
        self.ranks.push(self.totals[owner]);
        self.owners
            .push(i32::try_from(owner + 1).unwrap_or(i32::MAX));
        self.messages.push(&row.message);
        self.kinds.push(row.kind);
        self.ats.push(row.at);
        self.classes.push(row.class);
        self.claims.push(row.claim);
        self.reasons.push(&row.reason);
        self.clients.push(row.client.as_deref());
        self.devices.push(row.device);
        self.countries.push(row.country.as_deref());
        self.readers
            .push(row.reader.as_ref().map(<[u8; 8]>::as_slice));
    }

    /// What the function takes, in its order.
    pub(super) fn columns(&self) -> [Parameter<'_>; 17] {
        [
            &self.ids,
            &self.totals,
            &self.owners,
            &self.ranks,
            &self.messages,
            &self.kinds,
            &self.ats,
            &self.classes,
            &self.claims,
            &self.reasons,
            &self.clients,
            &self.devices,
            &self.countries,
            &self.readers,
            &self.times,
            &self.minutes,
            &self.told,
        ]
    }
}
