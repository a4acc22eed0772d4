//! An event as both stores and the spool keep it. Its columns are named here and nowhere else.

use super::{EventId, NewEvent, StoreError, code};
use kaifu_core::fetch::ReaderId;
use kaifu_core::id::MessageId;
use kaifu_core::state::EventKind;
use kaifu_core::time::Millis;
use kaifu_protocol::api::{Event, Kind, Source};
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{self as postgres, FromSql, IsNull, ToSql};

/// The largest number that an event can have: every JSON reader keeps it exactly. A count that is
/// no event yet is shown under it.
pub(crate) const SEQ_MAX: u64 = (1 << 53) - 1;

/// What an event in a column of bytes is written from and read into.
type Failed = Box<dyn std::error::Error + Sync + Send>;

/// An id or a hash of 8 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Eight(pub(super) [u8; 8]);

/// A short text, which mostly is one of the program's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text(pub(super) Cow<'static, str>);

/// Something of an event that a PostgreSQL function takes: one value of each row.
pub(super) type Column<'a> = Box<dyn ToSql + Sync + Send + 'a>;

/// Defines the row and how each engine writes and reads it, column by column in this order.
macro_rules! columns {
    ($($(#[$doc:meta])* $name:ident: $kind:ty,)+) => {
        /// An event, or the count of a flood.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub(super) struct Row {
            /// Whose it is.
            pub(super) account: Eight,
            /// How many fetches were only counted; 0 for an event of its own.
            pub(super) times: i64,
            /// The last minute in which it is counted, where that is not the one of its time.
            pub(super) until: Option<i64>,
            $($(#[$doc])* pub(super) $name: $kind,)+
        }

        /// The names of the columns, with commas between them.
        pub(super) const COLUMNS: &str = columns!(@names $($name)+);

        /// How many columns there are.
        pub(super) const WIDTH: usize = [$(stringify!($name)),+].len();

        impl Row {
            /// The values for SQLite.
            pub(super) fn values(&self) -> [&dyn rusqlite::ToSql; WIDTH] {
                [$(&self.$name),+]
            }

            /// Reads the columns of a row in SQLite, of which the first stands at `place`.
            pub(super) fn read(
                account: Eight,
                row: &rusqlite::Row<'_>,
                place: usize,
            ) -> rusqlite::Result<Self> {
                let mut place = place..;
                let mut next = || place.next().unwrap_or_default();
                Ok(Self { account, times: 0, until: None, $($name: row.get(next())?,)+ })
            }

            /// The values of `rows` for PostgreSQL, an array for each column.
            pub(super) fn arrays<'a>(rows: &[&'a Self]) -> [Column<'a>; WIDTH] {
                [$(Box::new(rows.iter().map(|row| &row.$name).collect::<Vec<_>>())),+]
            }

            /// The values for PostgreSQL.
            pub(super) fn postgres_values(&self) -> [&(dyn ToSql + Sync); WIDTH] {
                [$(&self.$name),+]
            }

            /// Reads the columns of a row in PostgreSQL, of which the first stands at `place`.
            pub(super) fn read_postgres(
                account: Eight,
                row: &tokio_postgres::Row,
                place: usize,
            ) -> Result<Self, StoreError> {
                let mut place = place..;
                let mut next = || place.next().unwrap_or_default();
                Ok(Self { account, times: 0, until: None, $($name: row.try_get(next())?,)+ })
            }
        }
    };
    (@names $first:ident $($name:ident)*) => {
        concat!(stringify!($first) $(, ", ", stringify!($name))*)
    };
}

columns! {
    /// What tells it from all others, wherever it is kept; events of early versions have none.
    id: Option<Eight>,
    /// The message's id.
    message: Eight,
    /// What happened, as a number of `code`.
    kind: i16,
    /// When, in milliseconds since the Unix epoch by the clock of the server that recorded it.
    at: i64,
    /// The kind of program, as a number of `code`.
    class: i16,
    /// What may be claimed, as a number of `code`.
    claim: i16,
    /// Why, as a stable code.
    reason: Text,
    /// The program's name.
    client: Option<Text>,
    /// The kind of device, as a number of `code`.
    device: Option<i16>,
    /// ISO 3166-1 alpha-2.
    country: Option<Text>,
    /// Who read, as far as one day's readers of the message can be told apart.
    reader: Option<Eight>,
    /// The id of the press that it takes back.
    undoes: Option<Eight>,
    /// What the recipient sealed for the sender.
    sealed: Option<Text>,
}

/// An event that is stored, or a count as it will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    /// Its place among the account's events.
    pub(super) seq: u64,
    /// How many further fetches it stands for.
    pub(super) repeats: u64,
    /// The rest.
    pub(super) row: Row,
}

impl From<&NewEvent> for Row {
    fn from(event: &NewEvent) -> Self {
        let small = |code| i16::try_from(code).unwrap_or_default();
        let verdict = &event.verdict;
        Self {
            account: Eight(event.account.0),
            times: i64::from(event.counted.is_some()),
            until: (event.counted)
                .map(|period| period.last_minute(event.at))
                .filter(|minute| *minute != event.at.minute()),
            id: Some(Eight(event.id.0)),
            message: Eight(event.message.0),
            kind: small(code::of_kind(event.kind)),
            at: event.at.0,
            class: small(code::of_class(verdict.class)),
            claim: small(code::of_claim(verdict.claim)),
            reason: Text(Cow::Borrowed(verdict.reason.code())),
            client: verdict.client.map(|client| Text(Cow::Borrowed(client))),
            device: verdict.device.and_then(code::of_device).map(small),
            country: (verdict.country.as_ref())
                .map(|country| Text(Cow::Owned(country.as_str().to_owned()))),
            reader: event.reader.map(|reader| Eight(reader.0)),
            undoes: event.press.undoes.map(|press| Eight(press.0)),
            sealed: (event.press.sealed.as_ref())
                .map(|sealed| Text(Cow::Owned(sealed.to_string()))),
        }
    }
}

impl From<Stored> for Event {
    fn from(Stored { seq, repeats, row }: Stored) -> Self {
        let id = (row.id).map_or_else(|| id_of(row.account, seq), |id| EventId(id.0));
        Self {
            seq,
            id: id.to_string(),
            message: MessageId(row.message.0).to_string(),
            kind: code::kind(row.kind.into()).map_or(Kind::Other, Kind::from),
            at: row.at,
            source: Source {
                class: code::class(row.class.into()).into(),
                client: row.client.map(|client| client.0.into_owned()),
                device: row.device.and_then(|device| code::device(device.into())),
                country: row.country.map(|country| country.0.into_owned()),
                reader: row.reader.map(|reader| ReaderId(reader.0).to_string()),
            },
            claim: code::claim(row.claim.into()).into(),
            reason: row.reason.0.into_owned(),
            repeats,
            sealed: row.sealed.map(|sealed| sealed.0.into_owned()),
            of: row.undoes.map(|press| EventId(press.0).to_string()),
        }
    }
}

/// The id of an event that was stored before events had ids.
fn id_of(account: Eight, seq: u64) -> EventId {
    let mut hash = Sha256::new_with_prefix(b"kaifu/event/v1");
    hash.update(account.0);
    hash.update(seq.to_be_bytes());
    let mut id = [0; 8];
    id.copy_from_slice(&hash.finalize()[..8]);
    EventId(id)
}

/// The kind of a refusal, as it is stored.
pub(super) const REFUSE: i64 = code::of_kind(EventKind::Refuse);

impl Row {
    /// Whether the recipient refuses with it.
    pub(super) fn is_refusal(&self) -> bool {
        i64::from(self.kind) == REFUSE
    }

    /// What makes two counts one.
    pub(super) fn flood(&self) -> (i64, Eight, Eight, i16, i16) {
        let (minute, account) = (self.minute(), self.account);
        (minute, account, self.message, self.kind, self.class)
    }

    /// The minute in which it happened, or the last one in which it is counted.
    pub(super) fn minute(&self) -> i64 {
        self.until.unwrap_or_else(|| Millis(self.at).minute())
    }
}

impl rusqlite::ToSql for Eight {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        Ok(self.0.as_slice().into())
    }
}

impl rusqlite::types::FromSql for Eight {
    fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
        <[u8; 8]>::column_result(value).map(Self)
    }
}

impl rusqlite::ToSql for Text {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        Ok((&*self.0).into())
    }
}

impl rusqlite::types::FromSql for Text {
    fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
        value.as_str().map(|text| Self(Cow::Owned(text.to_owned())))
    }
}

impl ToSql for Eight {
    fn to_sql(&self, kind: &postgres::Type, out: &mut BytesMut) -> Result<IsNull, Failed> {
        self.0.as_slice().to_sql(kind, out)
    }

    fn accepts(kind: &postgres::Type) -> bool {
        <&[u8] as ToSql>::accepts(kind)
    }

    postgres::to_sql_checked!();
}

impl<'a> FromSql<'a> for Eight {
    fn from_sql(kind: &postgres::Type, raw: &'a [u8]) -> Result<Self, Failed> {
        Ok(Self(<&[u8]>::from_sql(kind, raw)?.try_into()?))
    }

    fn accepts(kind: &postgres::Type) -> bool {
        <&[u8] as FromSql<'_>>::accepts(kind)
    }
}

impl ToSql for Text {
    fn to_sql(&self, kind: &postgres::Type, out: &mut BytesMut) -> Result<IsNull, Failed> {
        (&*self.0).to_sql(kind, out)
    }

    fn accepts(kind: &postgres::Type) -> bool {
        <&str as ToSql>::accepts(kind)
    }

    postgres::to_sql_checked!();
}

impl<'a> FromSql<'a> for Text {
    fn from_sql(kind: &postgres::Type, raw: &'a [u8]) -> Result<Self, Failed> {
        Ok(Self(Cow::Owned(String::from_sql(kind, raw)?)))
    }

    fn accepts(kind: &postgres::Type) -> bool {
        <String as FromSql<'_>>::accepts(kind)
    }
}

/// An event about a message that is told from others by a byte.
#[cfg(test)]
pub(super) fn sample(message: u8) -> Row {
    Row {
        account: Eight([1; 8]),
        times: 0,
        until: None,
        id: Some(Eight([message; 8])),
        message: Eight([message; 8]),
        kind: 1,
        at: 60_000,
        class: 1,
        claim: 2,
        reason: Text("browser".into()),
        client: None,
        device: Some(5),
        country: Some(Text("FR".into())),
        reader: Some(Eight([7; 8])),
        undoes: None,
        sealed: None,
    }
}
