//! What the extension's own pages may ask of the worker.

use crate::api::{Claim, Event};
use crate::call::calls;
use crate::content::{Landmarks, Recipient, Signal};
use crate::held::Held;
use crate::report::{Report, WatchReport};
use crate::state::{Kind, State};
use kaifu_core::news;
use kaifu_core::state::{EventReason, JudgedEvent};
use kaifu_core::token::RECORDED_DAYS;
use serde::{Deserialize, Serialize};

calls! {
    /// Every request of the extension's own pages.
    PageRequest {
        WatchMessages -> Held<Overview>,
        WatchSettings -> Held<Settings>,
        WatchFirst -> Held<First>,
        Agree -> (),
        WatchReport -> Held<Report>,
        Looked -> (),
        SaveSettings -> Settings,
        OpenConversation -> (),
        Refresh -> (),
        RegisterAgain -> (),
        Mute -> (),
        Remind -> (),
        Forget -> (),
        BringBack -> (),
        CountKept -> Kept,
        Export -> String,
        Import -> u32,
        Erase -> (),
        Pack -> Packed,
        TakeOver -> u32,
        TestNotice -> (),
        ListConsents -> Vec<Said>,
        ForgetConsent -> (),
        Check -> Checked,
    }
}

/// Asks for the messages as soon as they differ from `revision`; held open until then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchMessages {
    /// The revision of the last answer, 0 for none.
    pub revision: u64,
    /// At most how many messages, newest first.
    pub limit: u32,
    /// The mailbox whose messages are asked for; all of them when `None`.
    #[serde(default)]
    pub mailbox: Option<String>,
    /// Words that must all occur in the subject, or a recipient's name or address, of whichever messages
    /// are kept; with none, all are asked for.
    #[serde(default)]
    pub text: String,
    /// The kind of states that are asked for.
    #[serde(default)]
    pub kind: Kind,
}

/// Asks for the settings as soon as they differ from `revision`; held open until then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchSettings {
    /// The revision of the last answer, 0 for none.
    pub revision: u64,
}

/// Asks for what the first page shows as soon as it differs from `revision`; held open until then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchFirst {
    /// The revision of the last answer, 0 for none.
    pub revision: u64,
}

/// The user has agreed to what the first page says: from now on the server is asked. Access to its
/// host must have been granted before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agree {
    /// The address of the server to use.
    pub backend: String,
    /// How emails are tracked unless the user says otherwise, by the name of core's `Mode`.
    #[serde(default)]
    pub mode: String,
    /// Whether an email with an image says so in a line.
    #[serde(default = "tells")]
    pub tells: bool,
    /// Whether nobody is tracked without having agreed.
    #[serde(default)]
    pub strict: bool,
}

/// The answer to [`WatchFirst`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct First {
    /// Whether the user has agreed.
    pub agreed: bool,
    /// The server's address.
    pub backend: String,
    /// How things stand with it.
    pub connection: Connection,
}

/// Says that the user has messages before their eyes, so that what is new of these is new no longer.
/// Only a page that is visible may say so (`document.visibilityState`), and only of what it shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// The messages: each 8 bytes in base64url without padding.
    pub messages: Vec<String>,
}

/// Changes the settings. Access to the server's host must have been granted before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaveSettings {
    /// The new settings.
    pub settings: Settings,
}

/// Shows a message's conversation in Gmail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenConversation {
    /// The message: 8 bytes in base64url without padding.
    pub message: String,
}

/// Asks the server for news now, whatever the backoff says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refresh {}

/// Asks the server in use for a new account in the place of one that it no longer knows, if it still
/// says so. The emails of the old one can no longer be followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterAgain {}

/// Shows no more notifications of messages, or shows them again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mute {
    /// The messages: each 8 bytes in base64url without padding.
    pub messages: Vec<String>,
    /// Whether none is to be shown.
    pub muted: bool,
}

/// Removes messages with everything that is known of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forget {
    /// The messages: each 8 bytes in base64url without padding.
    pub messages: Vec<String>,
}

/// Brings back what the last [`Forget`] removed, while the worker has not been stopped since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BringBack {}

/// Asks how much is kept of emails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountKept {}

/// How much is kept of emails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// How many of them.
    pub emails: u32,
    /// How many of their events.
    pub events: u32,
}

/// Asks how people stand to being tracked, as they said on the pages of emails to them alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListConsents {}

/// How somebody stands to being tracked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Their address, in lower case.
    pub address: String,
    /// The name of core's `Standing`.
    pub consent: String,
    /// When this browser heard of it: milliseconds since the Unix epoch.
    pub at: i64,
}

/// Forgets how somebody stands to being tracked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForgetConsent {
    /// Their address, as it is listed.
    pub address: String,
    /// How, as it is listed.
    pub consent: String,
}

/// Asks what works in the user's own Gmail, shown by the newest email that was sent since a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Since when: milliseconds since the Unix epoch.
    pub since: i64,
}

/// What works, as far as a worker remembers that may have been started since.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// Whether the server has given this installation an account.
    pub account: bool,
    /// What is wrong with the server.
    #[serde(default)]
    pub problem: Option<Problem>,
    /// What runs the content script in the Gmail tab that asked last, `wasm` or `js`; empty where none
    /// has.
    pub runtime: String,
    /// What Kaifu does not find in Gmail's page, where something is missing.
    #[serde(default)]
    pub unfamiliar: Option<Landmarks>,
    /// The email.
    #[serde(default)]
    pub email: Option<CheckedEmail>,
}

/// What is known of the email of a [`Check`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedEmail {
    /// What is known about it.
    pub state: State,
    /// Why, as the stable code of core's `StateReason`.
    pub reason: String,
    /// How it is known that it left or will leave; `None` while Gmail has not said so.
    #[serde(default)]
    pub sent_by: Option<Signal>,
    /// Whether the sender was seen looking at it.
    pub viewed: bool,
    /// Whether a tab was given a mark of it.
    pub marked: bool,
    /// Whether the server told of anything about it, whoever caused that.
    pub arrived: bool,
}

/// Asks for all that is kept of emails, as JSON; it holds no key and no token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {}

/// Keeps the emails of an [`Export`], of this or an earlier version, that are not known yet. The answer
/// says how many these are; a text of another kind is malformed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// The export's text.
    pub text: String,
}

/// Asks for everything that another browser needs to go on in the place of this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pack {}

/// The answer to [`Pack`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packed {
    /// The addresses of all servers that have given accounts.
    pub backends: Vec<String>,
    /// Accounts with their keys, the secret of this installation, settings, what people said, and the
    /// emails: as JSON.
    pub text: String,
}

/// Goes on in the place of the browser that made this [`Packed`] text. Access to its servers' hosts must have been
/// granted before. The answer says how many emails came with it; a text of another kind is malformed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeOver {
    /// The text.
    pub text: String,
}

/// Erases everything in this browser, and before that every account at its server: where one does not
/// do so, nothing is erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erase {
    /// Whether the servers are left out.
    pub here_only: bool,
}

/// Reminds the user of a message in the place of any earlier reminder of it, or does so no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remind {
    /// The message: 8 bytes in base64url without padding.
    pub message: String,
    /// The reminder.
    #[serde(default)]
    pub reminder: Option<Reminder>,
}

/// Reminds the user of a message of which something is missing at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminder {
    /// What is missing.
    pub missing: Missing,
    /// When that is looked at: milliseconds since the Unix epoch. At night it waits for the morning.
    pub at: i64,
}

/// What may be missing of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// A probable open.
    Open,
    /// The recipient's word that they read it.
    Confirmation,
}

/// Shows a notification that tells of nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestNotice {}

/// What the user can set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a box that is ticked or not"
)]
pub struct Settings {
    /// The server's address.
    pub backend: String,
    /// Whether new emails are tracked unless the user says otherwise.
    pub track_by_default: bool,
    /// How emails are tracked unless the user says otherwise, by the name of core's `Mode`.
    #[serde(default)]
    pub mode: String,
    /// Whether an email with an image says so in a line.
    #[serde(default = "tells")]
    pub tells: bool,
    /// Whether nobody is tracked without having agreed.
    #[serde(default)]
    pub strict: bool,
    /// Whether emails that are not tracked are marked in Gmail, too.
    #[serde(default)]
    pub mark_untracked: bool,
    /// For how many days after its sending an email is kept in this browser.
    #[serde(default = "keep_days")]
    pub keep_days: u32,
    /// For how many days after its delivery an email is tracked.
    #[serde(default = "track_days")]
    pub track_days: u16,
    /// What notifications tell of.
    #[serde(default)]
    pub notices: Notices,
}

/// What notifications tell of, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a box that is ticked or not"
)]
pub struct Notices {
    /// Whether of an email's first probable open.
    pub first: bool,
    /// How of later ones.
    pub again: Again,
    /// Whether when a recipient says that they read it.
    pub confirmed: bool,
    /// Whether when a recipient declines tracking.
    pub refused: bool,
    /// The minutes of the user's day, counted from midnight, from which on none is shown and from which
    /// on they are shown again; `None` where they always are.
    #[serde(default)]
    pub quiet: Option<[u32; 2]>,
    /// Whether they leave out subjects.
    #[serde(default)]
    pub hide_subjects: bool,
}

impl Default for Notices {
    fn default() -> Self {
        Self {
            first: true,
            again: Again::Each,
            confirmed: true,
            refused: true,
            quiet: None,
            hide_subjects: false,
        }
    }
}

/// How the user is told of an email that is opened again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Again {
    /// Not at all.
    Off,
    /// Without a sound.
    Quiet,
    /// As of the first time.
    #[default]
    Each,
}

impl From<Again> for news::Again {
    fn from(again: Again) -> Self {
        match again {
            Again::Off => Self::Off,
            Again::Quiet => Self::Quiet,
            Again::Each => Self::Each,
        }
    }
}

impl From<news::Again> for Again {
    fn from(again: news::Again) -> Self {
        match again {
            news::Again::Off => Self::Off,
            news::Again::Quiet => Self::Quiet,
            news::Again::Each => Self::Each,
        }
    }
}

const fn tells() -> bool {
    true
}

/// For how many days emails are kept unless the user says otherwise.
pub const KEEP_DAYS: u32 = 730;

/// For how many days they may be kept at most.
pub const KEEP_DAYS_MAX: u32 = 3_650;

const fn track_days() -> u16 {
    RECORDED_DAYS
}

const fn keep_days() -> u32 {
    KEEP_DAYS
}

/// The answer to [`WatchMessages`]: everything the popup shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// Tracked messages, newest first; those that were looked for by their latest activity.
    pub messages: Vec<Message>,
    /// How many there are in all, of what was asked for.
    pub total: u32,
    /// Every mailbox that messages were sent from, in alphabetical order.
    #[serde(default)]
    pub mailboxes: Vec<String>,
    /// How things stand with the server.
    pub connection: Connection,
    /// What Kaifu does not find in Gmail's page, where something is missing.
    #[serde(default)]
    pub unfamiliar: Option<Landmarks>,
}

/// How things stand with the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Whether the server has given this installation an account.
    pub account: bool,
    /// When the server last answered: milliseconds since the Unix epoch.
    #[serde(default)]
    pub last_news_at: Option<i64>,
    /// What went wrong since then.
    #[serde(default)]
    pub problem: Option<Problem>,
    /// Whether recipients can reach the server.
    pub reach: Reach,
}

/// Why there is no news.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// The server does not answer.
    Unreachable,
    /// The server no longer knows this installation.
    Rejected,
    /// The server asked for patience.
    Busy,
    /// Something answers, but not as a Kaifu server does.
    Unintelligible,
    /// The server is on the internet and would be asked by plain http, which is not done.
    Insecure,
    /// The browser cannot read or keep what Kaifu stores in it.
    Storage,
    /// There is no room left on the disk, or in the browser's share of it.
    Full,
    /// The user has not agreed on the first page yet, so that nobody is asked.
    NotAgreed,
}

/// Whether recipients can load images from the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// By https under a public name.
    Public,
    /// By plain http: many email apps refuse it.
    Insecure,
    /// Only from this machine or a private network.
    Private,
}

/// One tracked message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The message: 8 bytes in base64url without padding.
    pub message: String,
    /// The subject; may be empty.
    pub subject: String,
    /// To, cc and bcc.
    pub recipients: Vec<Recipient>,
    /// The mailbox it was sent from, where known.
    #[serde(default)]
    pub mailbox: Option<String>,
    /// The address it was sent as, where that is not the mailbox's own.
    #[serde(default)]
    pub alias: Option<String>,
    /// When Send was pressed, or the time that it was scheduled for: milliseconds since the Unix epoch.
    pub sent_at: i64,
    /// Whether Gmail sends it at a later time than that of the press.
    #[serde(default)]
    pub later: Option<Later>,
    /// How it is known that it left or will leave; `None` while Gmail has not said so.
    #[serde(default)]
    pub sent_by: Option<Signal>,
    /// What is known about it.
    pub state: State,
    /// Why, as the stable code of core's `StateReason`.
    pub reason: String,
    /// Whether something came that the user has not looked at.
    #[serde(default)]
    pub news: bool,
    /// Whether no notification is shown of it.
    #[serde(default)]
    pub muted: bool,
    /// Of what the user is to be reminded.
    #[serde(default)]
    pub reminder: Option<Reminder>,
    /// How many separate views were probably opens.
    pub views: u32,
    /// How many people may have opened it; `None` when nothing may be claimed.
    #[serde(default)]
    pub readers: Option<Readers>,
    /// Whether it went to nobody but the sender's own addresses.
    #[serde(default)]
    pub to_self: bool,
    /// When its server did not answer since it was sent: from when, until when, and so on, in milliseconds
    /// since the Unix epoch.
    #[serde(default)]
    pub away: Vec<i64>,
    /// What recipients said by pressing "I've read this"; `None` where nobody did.
    #[serde(default)]
    pub confirmed: Option<Confirmed>,
    /// The place in [`Message::opens`] of the newest event that alone would make the message what it
    /// is; `None` where none does.
    #[serde(default)]
    pub decided_by: Option<u32>,
    /// Every event, oldest first.
    pub opens: Vec<Seen>,
}

/// Who pressed "I've read this". Nobody can tell whether one person pressed twice, and whoever has the email
/// can sign as anybody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    /// How many presses there were that were not taken back.
    pub presses: u32,
    /// The names that came with them, in their order.
    pub names: Vec<String>,
}

/// An email that Gmail sends at a later time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Later {
    /// At [`Message::sent_at`].
    Timed,
    /// It is not known when.
    Untimed,
}

/// An estimate of how many people opened a message. One image serves all recipients, so it never
/// says who they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readers {
    /// How many readers could be told apart; at least 1.
    pub estimate: u32,
    /// Whether that is more than the email had recipients.
    pub beyond_recipients: bool,
}

/// One event, with what it is worth for this message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The event as the server told it.
    pub open: Event,
    /// What may be claimed, given everything else that is known about the message.
    pub claim: Claim,
    /// Why, as the stable code of core's `EventReason`.
    pub reason: String,
    /// The place in [`Message::opens`] of the event that this one only repeats.
    #[serde(default)]
    pub repeats: Option<u32>,
}

impl Seen {
    /// The event `open` as it was judged.
    #[must_use]
    pub fn new(open: Event, judged: &JudgedEvent) -> Self {
        Self {
            open,
            claim: judged.claim.into(),
            reason: judged.reason.code().to_owned(),
            repeats: judged
                .folded_into
                .map(|place| u32::try_from(place).unwrap_or(u32::MAX)),
        }
    }

    /// Whether the sender's own program or view caused the event.
    #[must_use]
    pub fn is_own(&self) -> bool {
        EventReason::from_code(&self.reason).is_some_and(EventReason::is_own)
    }
}

impl From<kaifu_core::state::Readers> for Readers {
    fn from(readers: kaifu_core::state::Readers) -> Self {
        Self {
            estimate: readers.estimate,
            beyond_recipients: readers.beyond_recipients,
        }
    }
}

impl From<kaifu_core::backend::Reach> for Reach {
    fn from(reach: kaifu_core::backend::Reach) -> Self {
        use kaifu_core::backend::Reach as Core;
        match reach {
            Core::Public => Self::Public,
            Core::Insecure => Self::Insecure,
            Core::Private => Self::Private,
        }
    }
}
