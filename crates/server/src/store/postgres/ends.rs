//! The end of accounts that nobody asks for, and of refusals that keep nothing out any more.

use super::graves::bury;
use super::maintenance::{Maintenance, SLICE};
use super::schema;
use crate::store::row::Eight;
use crate::store::{StoreError, UNASKED, UNUSED};
use kaifu_core::id::{AccountId, MessageId};
use kaifu_core::time::Day;

/// How many accounts end in one transaction, so that it delays nobody.
const ENDED: i64 = 500;

impl Maintenance {
    /// Notes that accounts have asked for their events.
    pub(super) async fn note_asked(&self, accounts: &[AccountId]) -> Result<(), StoreError> {
        // Held in the one order that all servers take them in.
        let note = format!(
            "WITH held AS MATERIALIZED (
                SELECT account FROM accounts WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE
            )
            UPDATE accounts a SET has_asked = TRUE, used = greatest(a.used, s.hour, {})
            FROM held, store s WHERE a.account = held.account",
            schema::NOW
        );
        let ids: Vec<_> = accounts.iter().map(|account| Eight(account.0)).collect();
        self.execute(&note, &[&ids]).await?;
        Ok(())
    }

    /// Ends accounts and refusals whose time is over at `hour`; returns how many of each.
    pub(super) async fn end(&self, hour: i64) -> Result<(u64, u64), StoreError> {
        let begin = "UPDATE accounts SET used = $1 WHERE account IN (
            SELECT account FROM accounts WHERE used = 0 ORDER BY id LIMIT $2
            FOR NO KEY UPDATE SKIP LOCKED)";
        while self.execute(begin, &[&hour, &SLICE]).await? > 0 {}
        let end = bury(&format!(
            "SELECT account, id FROM accounts WHERE used > 0
                AND used < $2::bigint - CASE WHEN has_asked THEN {UNUSED} ELSE {UNASKED} END
            ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED"
        ));
        let at = self.clock.now().0;
        let mut accounts = 0;
        loop {
            match self.execute(&end, &[&at, &hour, &ENDED]).await? {
                0 => break,
                ended => accounts += ended,
            }
        }
        let end = "DELETE FROM refusals WHERE (account, message) IN (
            SELECT account, message FROM refusals WHERE until < $1 LIMIT $2)";
        let day = i32::try_from(hour.div_euclid(24)).unwrap_or_default();
        let mut refusals = 0;
        loop {
            match self.execute(end, &[&day, &SLICE]).await? {
                0 => return Ok((accounts, refusals)),
                ended => refusals += ended,
            }
        }
    }

    /// Notes until when a refusal keeps anything out. Without that it stays as long as its account.
    pub(super) async fn note_until(
        &self,
        account: AccountId,
        message: MessageId,
        until: Day,
    ) -> Result<(), StoreError> {
        let note = "UPDATE refusals r
            SET until = CASE r.until WHEN 65535 THEN $3 ELSE greatest(r.until, $3) END
            FROM accounts a WHERE a.id = $1 AND r.account = a.account AND r.message = $2";
        let (id, message, until) = (Eight(account.0), Eight(message.0), i32::from(until.0));
        self.execute(note, &[&id, &message, &until]).await?;
        Ok(())
    }
}
