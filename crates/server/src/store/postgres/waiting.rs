//! What has come and is not on its way yet.

use crate::store::row::Row;
use crate::store::{NewEvent, Readiness, Recorded, Reply, StoreError};
use std::mem::take;
use tokio::sync::oneshot;

/// What the writer can be asked.
pub(super) enum Command {
    Record(NewEvent, Reply<Recorded>),
    Check(Reply<Readiness>),
    /// Takes no more commands, finishes those that wait, and stops.
    Close(oneshot::Sender<()>),
}

/// What has come and is not on its way yet.
#[derive(Default)]
pub(super) struct Waiting {
    rows: Vec<Row>,
    replies: Vec<Reply<Recorded>>,
    checks: Vec<Reply<Readiness>>,
    closing: Option<oneshot::Sender<()>>,
}

impl Waiting {
    pub(super) fn add(&mut self, command: Command) {
        match command {
            Command::Record(event, reply) => {
                self.rows.push(Row::from(&event));
                self.replies.push(reply);
            }
            Command::Check(reply) => self.checks.push(reply),
            Command::Close(done) => self.closing = Some(done),
        }
    }

    /// The events.
    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// How many events wait.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no event waits.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Takes the events, each with whoever waits for it.
    pub(super) fn take(&mut self) -> (Vec<Row>, Vec<Reply<Recorded>>) {
        (take(&mut self.rows), take(&mut self.replies))
    }

    /// Whether somebody asked how the store is.
    pub(super) fn has_checks(&self) -> bool {
        !self.checks.is_empty()
    }

    pub(super) fn answer_checks(&mut self, readiness: &Result<Readiness, StoreError>) {
        for reply in self.checks.drain(..) {
            let _ = reply.send(readiness.clone());
        }
    }

    /// Whether the writer is to stop.
    pub(super) fn is_closing(&self) -> bool {
        self.closing.is_some()
    }

    /// Tells whoever had the writer stop that it has.
    pub(super) fn close(self) {
        if let Some(done) = self.closing {
            let _: Result<(), ()> = done.send(());
        }
    }
}
