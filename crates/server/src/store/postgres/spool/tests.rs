//! Spools, as they are filled and drained.

use super::*;
use crate::store::row::{Eight, sample};

fn row(message: u8, times: i64) -> Row {
    Row {
        times,
        ..sample(message)
    }
}

fn open(dir: &Path) -> Spool {
    Spool::open(&dir.join("spool.db")).unwrap()
}

#[test]
fn events_leave_in_order_and_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut spool = open(dir.path());
    let server = spool.server();
    spool.append(&[row(1, 0), row(2, 0)], Some(7)).unwrap();
    spool.append(&[row(3, 0)], None).unwrap();
    assert_eq!(spool.len(), 3);

    // Batch 7 was not stored, so its events come again, and first.
    spool.settle(6).unwrap();
    assert_eq!(spool.take(7, 2).unwrap(), [row(1, 0), row(2, 0)]);
    drop(spool);
    // The program died; batch 7 had arrived this time.
    let mut spool = open(dir.path());
    assert_eq!(spool.server(), server);
    spool.settle(7).unwrap();
    assert_eq!(spool.take(8, 2).unwrap(), [row(3, 0)]);
    spool.settle(8).unwrap();
    assert_eq!((spool.len(), spool.take(9, 2).unwrap()), (0, vec![]));
}

/// As on a full disk: the file can be read, and nothing in it changed.
fn fill_disk(spool: &Spool) {
    spool
        .connection
        .pragma_update(None, "query_only", true)
        .unwrap();
}

#[test]
fn a_spool_that_cannot_be_changed_is_drained_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut spool = open(dir.path());
    spool.append(&[row(1, 0)], Some(6)).unwrap();
    spool.append(&[row(2, 0)], Some(7)).unwrap();
    spool
        .append(&[row(3, 0), row(4, 0), row(5, 0)], None)
        .unwrap();
    fill_disk(&spool);
    spool.settle(6).unwrap();
    assert_eq!(spool.len(), 4);
    assert_eq!(spool.take(7, 2).unwrap(), [row(2, 0), row(3, 0)]);
    drop(spool);

    // The program died, and the batch was not stored.
    let mut spool = open(dir.path());
    fill_disk(&spool);
    spool.settle(6).unwrap();
    assert_eq!(spool.take(7, 2).unwrap(), [row(2, 0), row(3, 0)]);
    drop(spool);
    // This time it was; its number is no longer that of the batch that was sent before.
    let mut spool = open(dir.path());
    fill_disk(&spool);
    spool.settle(7).unwrap();
    assert_eq!((spool.len(), spool.acknowledged()), (2, 7));
    assert_eq!(spool.take(8, 9).unwrap(), [row(4, 0), row(5, 0)]);
    spool.settle(8).unwrap();
    assert_eq!((spool.len(), spool.take(9, 9).unwrap()), (0, vec![]));
    // The files have made way, and the next events are not taken for earlier ones.
    spool.settle(9).unwrap();
    spool.append(&[row(6, 0)], None).unwrap();
    drop(spool);
    let mut spool = open(dir.path());
    assert_eq!(spool.take(10, 9).unwrap(), [row(6, 0)]);
}

#[test]
fn what_is_refused_is_set_aside_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    let mut spool = open(dir.path());
    spool.append(&[row(1, 0), row(2, 0)], None).unwrap();
    assert_eq!(spool.take(1, 2).unwrap().len(), 2);
    spool.release().unwrap();
    assert_eq!(spool.take(1, 1).unwrap(), [row(1, 0)]);
    spool.set_aside("out of range").unwrap();
    assert_eq!(
        (spool.take(1, 9).unwrap(), spool.len()),
        (vec![row(2, 0)], 1)
    );
    spool.settle(1).unwrap();
    let kept = "SELECT message FROM events JOIN refused USING (event)";
    let kept: Eight = spool
        .connection
        .query_row(kept, [], |row| row.get(0))
        .unwrap();
    assert_eq!((kept, spool.len()), (Eight([1; 8]), 0));
    drop(spool);
    assert_eq!(open(dir.path()).len(), 0);
}

#[test]
fn a_spool_of_an_earlier_version_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut spool = open(dir.path());
    spool.append(&[row(1, 0)], None).unwrap();
    for column in ["id", "device", "country", "reader"] {
        let drop = format!("ALTER TABLE events DROP COLUMN {column}");
        spool.connection.execute_batch(&drop).unwrap();
    }
    let counts = "CREATE UNIQUE INDEX counts ON events (account, message, minute, kind, class)
        WHERE batch IS NULL AND times > 0;
        INSERT INTO server VALUES (zeroblob(16));";
    spool.connection.execute_batch(counts).unwrap();
    drop(spool);
    std::fs::remove_file(dir.path().join("spool.position")).unwrap();
    let mut spool = open(dir.path());
    assert_eq!(spool.server(), [0; 16]);
    spool.append(&[row(2, 0)], None).unwrap();
    let of_before = Row {
        id: None,
        device: None,
        country: None,
        reader: None,
        ..row(1, 0)
    };
    assert_eq!(spool.take(1, 10).unwrap(), [of_before, row(2, 0)]);
}

#[test]
fn a_flood_is_one_row() {
    let dir = tempfile::tempdir().unwrap();
    let mut spool = open(dir.path());
    for _ in 0..3 {
        spool
            .append(&[row(1, 1), row(1, 1), row(2, 0)], None)
            .unwrap();
    }
    spool.append(&[row(1, 1)], Some(1)).unwrap();
    spool.settle(0).unwrap();
    assert_eq!(spool.take(1, 2).unwrap(), [row(1, 6), row(2, 0)]);
    // What is on its way is not changed any more.
    spool.append(&[row(1, 1)], None).unwrap();
    spool.settle(1).unwrap();
    let rows = spool.take(2, 10).unwrap();
    assert_eq!(rows, [row(2, 0), row(2, 0), row(1, 1), row(1, 1)]);
}
