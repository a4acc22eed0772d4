//! Reading through all segments.

use super::*;
use crate::store::sqlite::schema;
use kaifu_core::time::Millis;

const ACCOUNT: AccountRow = AccountRow {
    row: 1,
    id: AccountId([1; 8]),
};

const OTHER: AccountRow = AccountRow {
    row: 2,
    id: AccountId([2; 8]),
};

/// Each segment with the numbers of the account's events in it.
const SEGMENTS: [(i64, &[u64]); 5] = [
    (0, &[1, 2, 3]),
    (2, &[4]),
    (3, &[]),
    (4, &[5, 6, 9]),
    (6, &[10, 11]),
];

const LAST: u64 = 12;

fn database() -> (tempfile::TempDir, Connection) {
    let dir = tempfile::tempdir().unwrap();
    let connection = schema::open_or_create(&dir.path().join("kaifu.db"), Millis(0)).unwrap();
    for account in [ACCOUNT, OTHER] {
        let insert = "INSERT INTO accounts (account, id, credential, created_at, last_seq)
            VALUES (?1, ?2, ?3, 0, ?4)";
        let credential = [account.id.0, account.id.0, account.id.0, account.id.0].concat();
        let values = params![account.row, account.id.0, credential, LAST];
        connection.execute(insert, values).unwrap();
    }
    for (segment, numbers) in SEGMENTS {
        for (account, seq) in numbers.iter().map(|seq| (1, *seq)).chain([(2, 20)]) {
            let (into, place) = match segment {
                0 => ("earlier_opens (", String::new()),
                _ => ("opens (bundle, ", format!("{segment}, ")),
            };
            let insert = format!(
                "INSERT INTO {into}account, seq, message, kind, at, class, claim, reason, hour)
                 VALUES ({place}?1, ?2, ?3, 1, ?2, 3, 0, 'browser', ?2)"
            );
            let values = params![account, seq, MessageId([7; 8]).0];
            connection.execute(&insert, values).unwrap();
        }
    }
    (dir, connection)
}

fn numbers(opens: &[Event]) -> Vec<u64> {
    opens.iter().map(|open| open.seq).collect()
}

#[test]
fn events_are_read_in_order_through_all_segments() {
    let (_dir, connection) = database();
    let all: Vec<u64> = SEGMENTS
        .iter()
        .flat_map(|(_, seqs)| *seqs)
        .copied()
        .collect();
    for after in 0..=LAST + 1 {
        for limit in 1..=12 {
            let page = events_after(&connection, ACCOUNT, after, limit).unwrap();
            let later = all.iter().copied().filter(|seq| *seq > after);
            let expected: Vec<_> = later.take(limit.into()).collect();
            let page = page.unwrap();
            assert_eq!((numbers(&page.events), page.cursor), (expected, LAST));
        }
    }
}

#[test]
fn a_message_is_found_in_all_segments() {
    let (_dir, connection) = database();
    let record = message(&connection, ACCOUNT.id, MessageId([7; 8])).unwrap();
    let found = numbers(&record.unwrap().events);
    assert_eq!(found, [11, 10, 9, 6, 5, 4, 3, 2, 1]);
    let remains = Remains::Erasure {
        account: ACCOUNT.row,
        message: MessageId([7; 8]),
        up_to: 6,
    };
    let keys = SEGMENTS.map(|(segment, _)| {
        let keys = keys_of(&connection, segment, &remains, 1, 9).unwrap();
        keys.iter().map(|key| key.seq).collect::<Vec<_>>()
    });
    assert_eq!(keys, [vec![2, 3], vec![4], vec![], vec![5, 6], vec![]]);
}

#[test]
fn what_is_erased_is_shown_to_nobody() {
    let (_dir, connection) = database();
    let erase = "INSERT INTO erasures VALUES (1, ?1, 9)";
    connection.execute(erase, [[7; 8]]).unwrap();
    let page = events_after(&connection, ACCOUNT, 0, 1).unwrap().unwrap();
    assert_eq!((numbers(&page.events), page.cursor), (vec![10], LAST));
    let record = message(&connection, ACCOUNT.id, MessageId([7; 8])).unwrap();
    assert_eq!(numbers(&record.unwrap().events), [11, 10]);
    let other = events_after(&connection, OTHER, 0, 9).unwrap().unwrap();
    assert!(!other.events.is_empty());
}

#[test]
fn old_events_are_found_in_slices() {
    let (_dir, connection) = database();
    let slice = |segment, from, limit| {
        let keys = events_before(&connection, segment, 10, from, limit).unwrap();
        keys.iter()
            .map(|key| (key.account, key.seq))
            .collect::<Vec<_>>()
    };
    assert_eq!(slice(0, (0, 0), 2), [(1, 1), (1, 2)]);
    assert_eq!(slice(0, (1, 2), 2), [(1, 3)]);
    assert_eq!(slice(4, (1, 5), 9), [(1, 6), (1, 9)]);
    assert_eq!(slice(6, (0, 0), 9), []);
}

#[test]
fn whether_a_message_has_anything_to_erase_is_found_in_all_segments() {
    let (_dir, connection) = database();
    let has = |message| has_message(&connection, ACCOUNT.id, MessageId([message; 8])).unwrap();
    assert!(has(7) && !has(8));
    let kind = "UPDATE opens SET kind = ?1 WHERE account = 1";
    connection.execute("DELETE FROM earlier_opens", []).unwrap();
    // A refusal stays.
    connection.execute(kind, [4]).unwrap();
    assert!(!has(7));
    connection.execute(kind, [1]).unwrap();
    assert!(has(7));
    let erase = "INSERT INTO erasures VALUES (1, ?1, 99)";
    connection.execute(erase, [[7; 8]]).unwrap();
    assert!(!has(7), "it is erased already");
    let count = "INSERT INTO floods
        (minute, account, message, kind, class, at, claim, reason, client, times)
        VALUES (1, 1, ?1, 1, 1, 1, 0, 'browser', NULL, 3)";
    connection.execute(count, [[8; 8]]).unwrap();
    assert!(has(8));
}
