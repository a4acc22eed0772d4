//! The form in which everything lies in IndexedDB and `chrome.storage`, and nothing else.
//!
//! This form outlives the program: what one version wrote, every later one reads. So a field may
//! come, with a default for the records that have none, but none may change its name or meaning; the
//! snapshots beside the tests hold that. What crosses a process has types of its own in
//! `kaifu-protocol`, and may change without these.
//!
//! Times are milliseconds since the Unix epoch. A record says with names what core says with enums;
//! a name that this version does not know is read as unknown wherever there is such a thing.

mod asked;
mod clocks;
mod codes;
mod cursors;
mod drafts;
mod events;
mod local;
mod messages;
mod summaries;
#[cfg(test)]
mod tests;
mod views;

pub(crate) use asked::AskedRecord;
pub(crate) use codes::OUTCOMES;
pub(crate) use cursors::CursorRecord;
pub(crate) use drafts::DraftRecord;
pub(crate) use events::EventRecord;
pub(crate) use local::{
    AccountRecord, AccountsRecord, ConsentRecord, FormerRecord, LandmarksRecord, NoticesRecord,
    SettingsRecord,
};
pub(crate) use messages::MessageRecord;
pub(crate) use summaries::{FORM, Head, head, message_of, pack, pack_into, packs, unpack};
pub(crate) use views::ViewRecord;
