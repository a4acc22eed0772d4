//! Events on their way to PostgreSQL.

use crate::store::{NewEvent, code};
use kaifu_core::state::EventKind;
use std::borrow::Cow;

/// An event, or the count of a flood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) account: [u8; 8],
    pub(super) message: [u8; 8],
    pub(super) kind: i16,
    pub(super) at: i64,
    pub(super) class: i16,
    pub(super) claim: i16,
    pub(super) reason: Cow<'static, str>,
    pub(super) client: Option<Cow<'static, str>>,
    pub(super) device: Option<i16>,
    pub(super) country: Option<Cow<'static, str>>,
    pub(super) reader: Option<[u8; 8]>,
    /// How many fetches were only counted; 0 for an event of its own.
    pub(super) times: i64,
}

impl From<&NewEvent> for Row {
    fn from(open: &NewEvent) -> Self {
        let small = |code| i16::try_from(code).unwrap_or_default();
        Self {
            account: open.account.0,
            message: open.message.0,
            kind: small(code::of_kind(open.kind)),
            at: open.at.0,
            class: small(code::of_class(open.verdict.class)),
            claim: small(code::of_claim(open.verdict.claim)),
            reason: Cow::Borrowed(open.verdict.reason.code()),
            client: open.verdict.client.map(Cow::Borrowed),
            device: open.verdict.device.and_then(code::of_device).map(small),
            country: open
                .verdict
                .country
                .map(|country| Cow::Owned(country.as_str().to_owned())),
            reader: open.reader.map(|reader| reader.0),
            times: i64::from(open.counted_only),
        }
    }
}

impl Row {
    /// Whether it is a refusal or a count, and not just one more row.
    pub(super) fn is_special(&self) -> bool {
        self.times > 0 || i64::from(self.kind) == code::of_kind(EventKind::Refuse)
    }

    /// What makes two counts one.
    pub(super) fn flood(&self) -> (i64, [u8; 8], [u8; 8], i16, i16) {
        (
            self.minute(),
            self.account,
            self.message,
            self.kind,
            self.class,
        )
    }

    pub(super) fn minute(&self) -> i64 {
        kaifu_core::time::Millis(self.at).minute()
    }
}
