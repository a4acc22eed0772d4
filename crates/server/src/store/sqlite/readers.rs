//! Connections that read and never write, and what bounds a read.

use super::schema;
use crate::store::StoreError;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// How many steps of SQLite's machine lie between two looks whether a read is to end: about 50 µs.
const STEPS: i32 = 1_000;

/// A few connections for reads of one kind, opened when first needed. Reads of another kind have
/// others, so that those that are quick never wait for those that may not be.
pub(super) struct Readers {
    path: PathBuf,
    /// How long a read may take.
    budget: Duration,
    places: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Connection>>>,
    /// Whether the last read failed.
    failing: AtomicBool,
}

/// Ends a read when it is dropped: nobody waits for it any more.
struct Asker(Arc<AtomicBool>);

impl Drop for Asker {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Readers {
    /// `connections` that read from the file at `path`, each for at most `budget` at once.
    pub(super) fn new(path: &Path, connections: usize, budget: Duration) -> Self {
        Self {
            path: path.to_owned(),
            budget,
            places: Arc::new(Semaphore::new(connections)),
            idle: Arc::default(),
            failing: AtomicBool::new(false),
        }
    }

    /// Whether the last read went well.
    pub(super) fn are_up(&self) -> bool {
        !self.failing.load(Ordering::Relaxed)
    }

    /// Runs `query` on a thread that may block. It ends with whoever waits for it.
    ///
    /// # Errors
    ///
    /// [`StoreError::TooLong`] when it takes longer than the budget.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let (path, idle) = (self.path.clone(), Arc::clone(&self.idle));
        let is_over = Arc::<AtomicBool>::default();
        let asker = Asker(Arc::clone(&is_over));
        let deadline = Instant::now().checked_add(self.budget);
        let read = move || {
            let taken = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut connection = taken.map_or_else(|| schema::open_reader(&path), Ok)?;
            let must_end = move || {
                is_over.load(Ordering::Relaxed) || deadline.is_some_and(|at| Instant::now() >= at)
            };
            connection.progress_handler(STEPS, Some(must_end))?;
            let found = query(&connection);
            connection.progress_handler(0, None::<fn() -> bool>)?;
            // A connection that failed may be broken; the next read opens a new one.
            if found.is_ok() {
                idle.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(connection);
            }
            drop(place);
            found
        };
        let found = tokio::task::spawn_blocking(read)
            .await
            .map_err(|_| StoreError::Closed)?;
        drop(asker);
        self.failing.store(found.is_err(), Ordering::Relaxed);
        Ok(found?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kaifu_core::time::Millis;

    /// What never comes to an end by itself.
    fn endless(connection: &Connection) -> rusqlite::Result<i64> {
        let count = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n)
            SELECT count(*) FROM n";
        connection.query_row(count, [], |row| row.get(0))
    }

    fn readers(budget: Duration) -> (tempfile::TempDir, Readers) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("kaifu.db");
        drop(schema::open_or_create(&path, Millis(0)).unwrap());
        (dir, Readers::new(&path, 1, budget))
    }

    #[tokio::test]
    async fn a_read_ends_when_its_budget_is_spent() {
        let (_dir, readers) = readers(Duration::from_millis(20));
        let found = readers.read(endless).await;
        assert!(matches!(found, Err(StoreError::TooLong)), "{found:?}");
        assert!(!readers.are_up());
        let found = readers
            .read(|connection| connection.query_row("SELECT 7", [], |it| it.get::<_, i64>(0)));
        assert_eq!(found.await.unwrap(), 7);
        assert!(readers.are_up());
    }

    #[tokio::test]
    async fn a_read_ends_with_whoever_asked_for_it() {
        let (_dir, readers) = readers(Duration::MAX);
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let asked = readers.read(move |connection| {
            begun.send(()).unwrap();
            endless(connection)
        });
        tokio::select! {
            _ = asked => panic!("it never ends by itself"),
            begun = has_begun => begun.unwrap(),
        }
        // There is one place, which that read had.
        let found = readers
            .read(|connection| connection.query_row("SELECT 7", [], |it| it.get::<_, i64>(0)));
        assert_eq!(found.await.unwrap(), 7);
    }
}
