//! What the content script in a Gmail tab may ask of the worker.

use crate::call::calls;
use crate::held::Held;
use crate::state::State;
use kaifu_core::gmail::id::{ConversationId, DraftId, LegacyId, ThreadId};
use kaifu_core::mail::manner::Manner;
use kaifu_core::mail::mode::Mode;
use kaifu_core::time::Millis;
use serde::{Deserialize, Serialize};

calls! {
    /// Every request of a Gmail tab.
    ContentRequest {
        Watch -> Held<Session>,
        Choose -> (),
        Press -> (),
        PressUntracked -> (),
        Settle -> (),
        Locate -> (),
        LookUp -> Marks,
        Viewed -> (),
        Landmarks -> (),
        OpenFirstPage -> (),
        Wish -> (),
    }
}

/// Asks for the session as soon as it differs from `revision`; held open until then, or until the
/// worker's long poll ends. The held call keeps the worker alive while a Gmail tab is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    /// The revision of the last answer, 0 for none.
    pub revision: u64,
    /// What runs the content script: `wasm` or `js`.
    #[serde(default)]
    pub runtime: String,
}

/// Shows the page on which the user agrees to all that follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenFirstPage {}

/// Remembers how the sender wants emails to an address to be tracked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// What the panel said: see [`crate::panel::wish`].
    pub said: String,
}

/// Remembers whether a draft is to be tracked, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choose {
    /// Gmail's sync id of the draft, such as `msg-a:r123`.
    #[serde(with = "crate::ids")]
    pub draft: DraftId,
    /// What was chosen. Of two choices the later one holds, whichever tab tells its own first.
    pub choice: Choice,
}

/// Whether an email is to be tracked, how, and when that was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The code of core's `Manner`; `None` where it is not to be tracked.
    #[serde(default)]
    pub mode: Option<String>,
    /// When that was decided: milliseconds since the Unix epoch, by the browser's clock.
    pub at: i64,
}

impl From<kaifu_core::choice::Choice> for Choice {
    fn from(choice: kaifu_core::choice::Choice) -> Self {
        Self {
            mode: choice.how.map(Manner::code),
            at: choice.at.0,
        }
    }
}

impl From<Choice> for kaifu_core::choice::Choice {
    fn from(choice: Choice) -> Self {
        Self {
            how: choice.mode.map(|code| Manner::from_code(&code)),
            at: Millis(choice.at),
        }
    }
}

/// The mode of this name, or of the manner of this code. One that this version does not know has an
/// image, as most have.
#[must_use]
pub fn mode(name: &str) -> Mode {
    Manner::from_code(name).mode
}

/// Says that an email that is tracked was handed to Gmail. A second press for the same
/// message replaces what the first one said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Press {
    /// The message: 8 bytes in base64url without padding.
    pub message: String,
    /// How it is tracked, by the code of core's `Manner`.
    #[serde(default)]
    pub mode: String,
    /// Gmail's sync id of the draft, where it has one yet.
    #[serde(default, with = "crate::ids::option")]
    pub draft: Option<DraftId>,
    /// Gmail's sync id of the conversation, such as `thread-a:r123`.
    #[serde(default, with = "crate::ids::option")]
    pub thread: Option<ThreadId>,
    /// What the page's account menu says, which has the mailbox's address in it. The tab's title has
    /// it too, and the worker knows that.
    #[serde(default)]
    pub account_label: Option<String>,
    /// The address that it is sent as, where Gmail's request was seen.
    #[serde(default)]
    pub from: Option<String>,
    /// The subject; may be empty.
    pub subject: String,
    /// To, cc and bcc.
    pub recipients: Vec<Recipient>,
    /// When it was handed over: milliseconds since the Unix epoch, by the browser's clock.
    pub at: i64,
    /// When it is to be delivered, by the same clock, where that is later.
    #[serde(default)]
    pub delivery: i64,
    /// The message that it was until now, where its draft has come by its id since.
    #[serde(default)]
    pub replaces: Option<String>,
}

/// Says that an email whose sender did not ask for tracking was handed to Gmail, where the user
/// wants such emails marked. It says what a mark needs and no more. Of this and [`Press`], the last
/// one for the same message counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PressUntracked {
    /// The message: 8 bytes in base64url without padding. No image carries it.
    pub message: String,
    /// Gmail's sync id of the draft, such as `msg-a:r123`.
    #[serde(with = "crate::ids")]
    pub draft: DraftId,
    /// Gmail's sync id of the conversation, such as `thread-a:r123`.
    #[serde(with = "crate::ids")]
    pub thread: ThreadId,
    /// When, by the browser's clock: milliseconds since the Unix epoch. Now, where it does not say.
    #[serde(default)]
    pub at: Option<i64>,
}

/// Somebody an email goes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// The address.
    pub address: String,
    /// The name shown beside it; may be empty.
    #[serde(default)]
    pub name: String,
}

/// Says what became of a press.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settle {
    /// The message: 8 bytes in base64url without padding.
    pub message: String,
    /// What became of it.
    pub outcome: Outcome,
    /// How that is known.
    pub signal: Signal,
    /// Who says so.
    #[serde(default)]
    pub origin: Origin,
    /// As of when, by the browser's clock: of an answer, when its request was made. Now, where it does
    /// not say.
    #[serde(default)]
    pub at: Option<i64>,
    /// When the page that says so was loaded: what it shows is no older.
    #[serde(default)]
    pub since: i64,
}

/// Who says what became of an email, the most trusted first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Gmail's server, in its answer to a request.
    Server,
    /// The page that the email was sent from.
    #[default]
    Sender,
    /// Any other page.
    Other,
}

/// How it is known what became of a press of Send, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// Gmail's own request, or the answer to it.
    Wire,
    /// Gmail's message that says so.
    Toast,
    /// The email itself, in Gmail's lists or in its conversation.
    List,
    /// The email's compose form, open again.
    Form,
    /// A dialog after the press.
    Dialog,
    /// The user went on writing.
    Typing,
    /// The image could not be put into the editor.
    Editor,
    /// Somebody fetched the image.
    Fetch,
}

/// What became of a press of Send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Gmail said that it sent the email.
    Sent,
    /// Gmail said that it will send the email at a later time.
    Scheduled,
    /// Gmail refused; nothing left.
    Refused,
    /// The user took it back.
    Undone,
    /// It left without its image.
    Untracked,
    /// It was to be sent at a later time, and the user cancelled that. A tab says that it was taken
    /// back; that it was not to leave yet is what the worker knows.
    Cancelled,
}

/// Tells the id by which a conversation can be opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Locate {
    /// Gmail's sync id of the conversation.
    #[serde(with = "crate::ids")]
    pub thread: ThreadId,
    /// Its legacy id.
    #[serde(with = "crate::ids")]
    pub legacy: LegacyId,
}

/// Asks what is known about the messages of conversations that the page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookUp {
    /// Gmail's sync ids of the conversations, such as `thread-f:123`, or their legacy ids; at most 500.
    #[serde(with = "crate::ids::list")]
    pub threads: Vec<ConversationId>,
}

/// The answer to [`LookUp`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks {
    /// One for each message of the conversations that is known, in no order.
    pub marks: Vec<Mark>,
}

/// What a mark beside a message says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The conversation, as it was asked about.
    #[serde(with = "crate::ids")]
    pub thread: ConversationId,
    /// Gmail's sync id of the message, where it is known.
    #[serde(default, with = "crate::ids::option")]
    pub draft: Option<DraftId>,
    /// The message: 8 bytes in base64url without padding.
    pub message: String,
    /// What is known about it.
    pub state: State,
    /// Why, as a stable code.
    pub reason: String,
    /// The mark in a few words, in the user's language.
    pub label: String,
    /// All that it says.
    pub title: String,
    /// How many views there were, to stand beside it; empty where that goes without saying.
    #[serde(default)]
    pub count: String,
    /// When the last of them was: milliseconds since the Unix epoch.
    #[serde(default)]
    pub last_at: Option<i64>,
}

/// Says that the page shows tracked messages of this account to their own sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewed {
    /// The messages: 8 bytes in base64url without padding each.
    pub messages: Vec<String>,
    /// When: milliseconds since the Unix epoch, by the browser's clock.
    pub at: i64,
}

/// Says what Kaifu does not find in Gmail's compose form; nothing, where all is well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Landmarks {
    /// The names of what is missing.
    pub missing: Vec<String>,
    /// The form's tags, classes and roles, without any text; empty where nothing is missing.
    pub skeleton: String,
}

/// The answer to [`Watch`]: everything a Gmail tab needs to know.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting that is on or off"
)]
pub struct Session {
    /// What images are minted with; `None` until the server has given an account.
    #[serde(default)]
    pub account: Option<Credentials>,
    /// What the server makes of it.
    #[serde(default)]
    pub server: Server,
    /// What the addresses of the images of every account begin with that was ever given.
    #[serde(default)]
    pub own_images: Vec<String>,
    /// What the numbers of messages are made with: 32 bytes in base64url without padding.
    pub message_key: String,
    /// What the keys of the names are made with that recipients seal, in the same form.
    #[serde(default)]
    pub seal_key: String,
    /// Whether new emails are tracked unless the user says otherwise.
    pub track_by_default: bool,
    /// How emails are tracked unless the user says otherwise, by the name of core's `Mode`.
    #[serde(default)]
    pub mode: String,
    /// Whether emails have a line whose mode does not need one, unless the user says otherwise.
    #[serde(default)]
    pub tells: bool,
    /// What the line of an email says: core's `line::TEXTS` for each language, the user's own first. They
    /// stand in one list, as a type of their own would be two kilobytes in each Gmail tab.
    #[serde(default)]
    pub lines: Vec<String>,
    /// Whether nobody is tracked without having agreed.
    #[serde(default)]
    pub strict: bool,
    /// For how many days after its delivery an email is tracked.
    #[serde(default)]
    pub track_days: u16,
    /// How people stand to being tracked: what core's `Consents` holds.
    #[serde(default)]
    pub people: Vec<String>,
    /// Whether the worker is to be told of emails that are not tracked, too.
    pub mark_untracked: bool,
    /// Names the state of everything that marks are made from: where it is the same as before, so is
    /// every mark.
    pub marks_revision: u64,
    /// What was chosen for drafts, and the message each one stands for.
    pub drafts: Vec<Draft>,
}

/// How things stand between an account and its server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Server {
    /// It answers, as far as is known.
    #[default]
    Answers,
    /// It does not: if it is down, opens until it is back are lost.
    Unreachable,
    /// It refuses the account, so that no open would be told of.
    Refuses,
    /// It is not asked before the user has agreed on the first page.
    NotAgreed,
}

/// What images are minted with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// The server's address.
    pub backend: String,
    /// The account: 8 bytes in base64url without padding.
    pub account: String,
    /// Its key: 32 bytes in base64url without padding.
    pub key: String,
}

/// What is remembered about a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Gmail's sync id of the draft.
    #[serde(with = "crate::ids")]
    pub draft: DraftId,
    /// Whether it is to be tracked, where the user said so.
    #[serde(default)]
    pub chosen: Option<Choice>,
    /// Whether it was, when Send was pressed; `None` once it is a draft again.
    #[serde(default)]
    pub pressed: Option<Choice>,
    /// The message it stands for, once Send was pressed.
    #[serde(default)]
    pub message: Option<String>,
    /// The conversation of its email, where a tab may find out what became of that.
    #[serde(default, with = "crate::ids::option")]
    pub thread: Option<ThreadId>,
    /// Whether Gmail keeps that email for a later time, or kept it until that was cancelled.
    #[serde(default)]
    pub scheduled: bool,
    /// Whether that was cancelled.
    #[serde(default)]
    pub cancelled: bool,
    /// When Send was pressed, where nobody knows what became of it: milliseconds since the Unix epoch.
    #[serde(default)]
    pub open_at: Option<i64>,
}
