//! What lies in `chrome.storage.local`.

use super::codes;
use kaifu_core::mail::consent::Standing;
use kaifu_core::news::{Quiet, Wishes};
use kaifu_core::time::Millis;
use kaifu_protocol::api::NewAccount;
use kaifu_protocol::content::Landmarks;
use kaifu_protocol::pages::Said;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// What the user has set, under `settings`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a box that is ticked or not"
)]
pub(crate) struct SettingsRecord {
    /// The server's address.
    pub(crate) backend: String,
    /// Whether new emails are tracked unless the user says otherwise.
    pub(crate) track_by_default: bool,
    /// How emails are tracked unless the user says otherwise, by the name of core's `Mode`; by an image
    /// where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mode: Option<String>,
    /// Whether emails with an image say so in no line, which is not the default.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) tells_not: bool,
    /// Whether nobody is tracked without having agreed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) strict: bool,
    /// Whether emails that are not tracked are marked in Gmail, too.
    #[serde(default)]
    pub(crate) mark_untracked: bool,
    /// For how many days after its sending an email is kept, where the user has said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) keep_days: Option<u32>,
    /// For how many days after its delivery an email is tracked, where the user has said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) track_days: Option<u16>,
    /// What notifications tell of, once the user has saved anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) notices: Option<NoticesRecord>,
}

/// What notifications tell of, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a box that is ticked or not"
)]
pub(crate) struct NoticesRecord {
    first: bool,
    again: String,
    confirmed: bool,
    refused: bool,
    /// The minutes of the day from which on none is shown, and from which on they are shown again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quiet: Option<(u32, u32)>,
    #[serde(default)]
    pub(crate) hide_subjects: bool,
}

impl NoticesRecord {
    pub(crate) fn new(wishes: Wishes, hide_subjects: bool) -> Self {
        Self {
            first: wishes.first,
            again: codes::again(wishes.again).to_owned(),
            confirmed: wishes.confirmed,
            refused: wishes.refused,
            quiet: wishes.quiet.map(|quiet| (quiet.from, quiet.until)),
            hide_subjects,
        }
    }
}

impl From<NoticesRecord> for Wishes {
    fn from(record: NoticesRecord) -> Self {
        Self {
            first: record.first,
            again: codes::again_of(&record.again).unwrap_or_default(),
            confirmed: record.confirmed,
            refused: record.refused,
            quiet: record.quiet.map(|(from, until)| Quiet { from, until }),
        }
    }
}

/// How somebody stands to being tracked; all of them are under `consents`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ConsentRecord {
    /// Their address, in lower case.
    pub(crate) address: String,
    /// How, by the name of core's `Standing`.
    pub(crate) consent: String,
    /// The email on whose page they said so: 8 bytes in base64url without padding. Empty where the sender did.
    pub(crate) message: String,
    /// When this browser heard of it.
    at: i64,
}

impl ConsentRecord {
    /// What `address` said on the page of `message`, as this browser heard `at`.
    pub(crate) fn new(address: String, consent: Standing, message: String, at: Millis) -> Self {
        Self {
            address,
            consent: consent.name().to_owned(),
            message,
            at: at.0,
        }
    }

    /// The same for the user to see.
    pub(crate) fn said(self) -> Said {
        Said {
            address: self.address,
            consent: self.consent,
            at: self.at,
        }
    }
}

/// One of the accounts, which are under `accounts` by the server's address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AccountRecord {
    account: String,
    key: String,
    api_token: String,
}

/// The accounts in use under `accounts`, an object of each by its server's address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AccountsRecord(pub(crate) Vec<(String, AccountRecord)>);

impl Serialize for AccountsRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(backend, given)| (backend, given)))
    }
}

impl<'de> Deserialize<'de> for AccountsRecord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = AccountsRecord;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("accounts by their servers' addresses")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<AccountsRecord, A::Error> {
                let mut accounts = AccountsRecord::default();
                while let Some(entry) = map.next_entry()? {
                    accounts.0.push(entry);
                }
                Ok(accounts)
            }
        }

        deserializer.deserialize_map(Entries)
    }
}

impl From<NewAccount> for AccountRecord {
    fn from(given: NewAccount) -> Self {
        let NewAccount {
            account,
            key,
            api_token,
        } = given;
        Self {
            account,
            key,
            api_token,
        }
    }
}

impl From<AccountRecord> for NewAccount {
    fn from(record: AccountRecord) -> Self {
        let AccountRecord {
            account,
            key,
            api_token,
        } = record;
        Self {
            account,
            key,
            api_token,
        }
    }
}

/// An account that another one has taken the place of; all of them are under `former_accounts`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FormerRecord {
    /// The server's address.
    pub(crate) backend: String,
    /// What the server gave.
    pub(crate) given: AccountRecord,
}

/// What was last missing in Gmail's page, under `unfamiliar`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LandmarksRecord {
    missing: Vec<String>,
    skeleton: String,
}

impl From<Landmarks> for LandmarksRecord {
    fn from(report: Landmarks) -> Self {
        let Landmarks { missing, skeleton } = report;
        Self { missing, skeleton }
    }
}

impl From<LandmarksRecord> for Landmarks {
    fn from(record: LandmarksRecord) -> Self {
        let LandmarksRecord { missing, skeleton } = record;
        Self { missing, skeleton }
    }
}
