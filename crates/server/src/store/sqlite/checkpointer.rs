//! The thread that copies the write-ahead log into the database.
//!
//! A log that a long read has let grow takes seconds to copy. The writer would do that while images
//! wait, so it is done here: copying keeps nobody from writing. Only the little that has come
//! meanwhile is left to the writer, as the log begins anew only when all of it is copied.

use super::command::Command;
use super::writer::Clearing;
use super::{schema, writer};
use crate::store::StoreError;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// How large the log may be before it is copied, in bytes: SQLite's own measure.
const LARGE: u64 = 4 << 20;

/// How many pages may be left to the writer.
const LITTLE: i64 = 256;

/// Between two looks at the log.
const PAUSE: Duration = Duration::from_millis(100);

pub(super) struct Checkpointer {
    /// What ends the thread when it is dropped, and the thread.
    running: Mutex<Option<(Sender<()>, JoinHandle<()>)>>,
}

impl Checkpointer {
    /// Starts the thread for the database at `path`, which leaves the rest to `writer` and empties
    /// the log soon after `clearing` says that it is to be.
    pub(super) fn start(
        path: &Path,
        writer: mpsc::Sender<Command>,
        clearing: Arc<Clearing>,
    ) -> Result<Self, StoreError> {
        let (stop, stopped) = channel();
        let copier = Copier {
            connection: schema::open_existing(path)?,
            log: log_of(path),
            writer,
            clearing,
        };
        let thread = std::thread::Builder::new()
            .name("store-checkpoint".into())
            .spawn(move || copier.run(&stopped))?;
        Ok(Self {
            running: Some((stop, thread)).into(),
        })
    }

    /// Ends the thread and waits for that, so that its connection does not outlive the writer's. The
    /// writer must still be there.
    pub(super) fn stop(&self) {
        let running = self.running.lock().ok().and_then(|mut it| it.take());
        if let Some((stop, thread)) = running {
            drop(stop);
            // A thread that panicked has ended as well.
            let _ = thread.join();
        }
    }
}

fn log_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

struct Copier {
    connection: Connection,
    log: PathBuf,
    writer: mpsc::Sender<Command>,
    clearing: Arc<Clearing>,
}

impl Copier {
    fn run(self, stopped: &Receiver<()>) {
        let mut rounds = 0_u32;
        while stopped.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
            rounds = rounds.wrapping_add(1);
            let is_large = std::fs::metadata(&self.log).is_ok_and(|log| log.len() >= LARGE);
            // What fails here, on a full disk or a damaged one, the writer meets as well and tells.
            if is_large {
                let _ = self.copy();
            }
            let is_due = rounds.is_multiple_of(10);
            let wanted = self.clearing.wanted();
            if is_due && !self.clearing.is_done() {
                // Nobody can write while the log is emptied, so little is to be left in it.
                let _ = self.copy();
                let is_clear = writer::truncate_log(&self.connection);
                if is_clear.is_ok_and(|is_clear| is_clear) {
                    self.clearing.done(wanted);
                }
            }
        }
    }

    /// Copies the log until little is left, or a reader keeps it from getting on.
    fn copy(&self) -> rusqlite::Result<()> {
        let mut before = i64::MAX;
        loop {
            let left = schema::checkpoint(&self.connection)?;
            if left <= LITTLE {
                break;
            }
            if left >= before {
                return Ok(());
            }
            before = left;
        }
        let (reply, done) = oneshot::channel();
        let asked = self.writer.blocking_send(Command::Checkpoint(reply));
        if asked.is_ok() {
            let _ = done.blocking_recv();
        }
        Ok(())
    }
}
