//! What files of earlier and later versions become.

use super::*;

#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("kaifu.db");
    let connection = open_or_create(&path, Millis(0)).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    assert!(matches!(
        open_or_create(&path, Millis(0)),
        Err(StoreError::Newer { found: 99, .. })
    ));
}

#[test]
fn an_earlier_versions_events_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("kaifu.db");
    let before = Connection::open(&path).unwrap();
    for migration in &MIGRATIONS[..2] {
        before.execute_batch(migration.sql).unwrap();
    }
    before.pragma_update(None, "user_version", 2).unwrap();
    let insert = "INSERT INTO opens (account, seq, message, kind, at, class, claim, reason)
        VALUES (1, 1, zeroblob(8), 1, 2, 3, 0, 'gmail_prefetch')";
    before.execute_batch(insert).unwrap();
    drop(before);
    let now = open_or_create(&path, Millis(0)).unwrap();
    let select = "SELECT reason FROM earlier_opens
        WHERE device IS NULL AND country IS NULL AND reader IS NULL";
    let reason: String = now.query_row(select, [], |row| row.get(0)).unwrap();
    assert_eq!(reason, "gmail_prefetch");
}

#[test]
fn an_earlier_versions_segments_are_listed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("kaifu.db");
    let before = Connection::open(&path).unwrap();
    for migration in &MIGRATIONS[..8] {
        before.execute_batch(migration.sql).unwrap();
    }
    before.pragma_update(None, "user_version", 8).unwrap();
    for segment in [4, 5, 5, 9] {
        let insert =
            "INSERT INTO opens (bundle, account, seq, message, kind, at, class, claim, reason)
            VALUES (?1, 1, (SELECT count(*) FROM opens), zeroblob(8), 1, 2, 3, 0, 'browser')";
        before.execute(insert, [segment]).unwrap();
    }
    before
        .execute_batch("INSERT INTO segment_hours VALUES (9, 60000)")
        .unwrap();
    drop(before);
    let now = open_or_create(&path, Millis(0)).unwrap();
    let mut listed = now.prepare("SELECT * FROM segment_hours").unwrap();
    let listed = listed.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    let listed: Vec<(i64, i64)> = listed.unwrap().map(Result::unwrap).collect();
    assert_eq!(listed, [(4, 0), (5, 0), (9, 60_000)]);
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("kaifu.db");
    std::fs::write(&path, "something else".repeat(100)).unwrap();
    assert!(matches!(
        open_or_create(&path, Millis(0)),
        Err(StoreError::Sqlite(_))
    ));
    assert_eq!(
        std::fs::read(&path).unwrap(),
        "something else".repeat(100).as_bytes()
    );
}
