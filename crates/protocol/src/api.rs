//! The HTTP API's bodies.

use kaifu_core::clock::Clocks;
use kaifu_core::fetch;
use kaifu_core::id::{EventId, MessageId};
use kaifu_core::state::{self, Client, EventKind, Program, Reader};
use kaifu_core::time::Millis;
use serde::{Deserialize, Serialize};

/// The answer to `POST /v1/accounts`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewAccount {
    /// The account: 8 bytes in base64url without padding.
    pub account: String,
    /// Its key: 32 bytes in base64url without padding.
    pub key: String,
    /// The bearer token for the account's own routes; opaque.
    pub api_token: String,
}

/// The answer to `GET /v1/events`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventsPage {
    /// The events after the cursor that was asked for, oldest first.
    pub events: Vec<Event>,
    /// What to ask `after` next time.
    pub cursor: u64,
}

/// One event of a tracked message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its place in the account's sequence, which only rises; below 2^53.
    pub seq: u64,
    /// What tells it from all others: 8 bytes in base64url without padding. The same id is the same
    /// event, whatever its number.
    #[serde(default)]
    pub id: String,
    /// The message: 8 bytes in base64url without padding.
    pub message: String,
    /// What happened.
    pub kind: Kind,
    /// When: milliseconds since the Unix epoch, by the server's clock.
    pub at: i64,
    /// Who asked.
    pub source: Source,
    /// What may be claimed from the request alone.
    pub claim: Claim,
    /// Why, as a stable code.
    pub reason: String,
    /// How many further fetches of the same kind in the same minute this event stands for.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub repeats: u64,
    /// Of a press: a name or word that the recipient sealed for the sender, in base64url without
    /// padding, always of one length. The server cannot read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<String>,
    /// Of an [`Undo`](Kind::Undo): the id of the press that it takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
}

#[cfg_attr(
    target_pointer_width = "64",
    expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde asks for a reference"
    )
)]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Who asked for an image, link or page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The kind of program.
    pub class: Class,
    /// The program's name, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// The kind of device, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// ISO 3166-1 alpha-2, where it can be told honestly; never for a proxy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// A keyed hash that is the same for one network, message and day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reader: Option<String>,
}

/// The body of every error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// The error itself.
    pub error: ErrorDetail,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorDetail {
    /// A stable code in snake case.
    pub code: String,
    /// A sentence for a developer.
    pub message: String,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The image was fetched.
    Pixel,
    /// A link was followed.
    Link,
    /// The recipient pressed "I've read this".
    Read,
    /// The recipient refused tracking.
    Refuse,
    /// The recipient agreed to open notices.
    Agree,
    /// The recipient took a press back.
    Undo,
    /// Something this version does not know.
    #[serde(other)]
    Other,
}

/// Defines the wire's twin of one of core's enums. A name that this version does not know is read
/// as `Unknown`, so that an old extension can follow a newer server.
macro_rules! mirror {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// It cannot be told.
            #[serde(other)]
            Unknown,
        }

        impl From<fetch::$name> for $name {
            fn from(value: fetch::$name) -> Self {
                match value {
                    $(fetch::$name::$variant => Self::$variant,)+
                    fetch::$name::Unknown => Self::Unknown,
                }
            }
        }

        impl From<$name> for fetch::$name {
            fn from(value: $name) -> Self {
                match value {
                    $($name::$variant => Self::$variant,)+
                    $name::Unknown => Self::Unknown,
                }
            }
        }
    };
}

mirror! {
    /// The kind of program that asked.
    Class {
        /// A browser or mail program, directly.
        Human,
        /// Gmail's image proxy.
        GmailProxy,
        /// Gmail loading ahead of any view.
        GmailPrefetch,
        /// Apple Mail Privacy Protection.
        AppleMpp,
        /// Yahoo's image proxy.
        YahooProxy,
        /// Outlook, directly.
        OutlookClient,
        /// Another mail service's image proxy.
        PrivacyProxy,
        /// A security gateway.
        Scanner,
        /// A preview, crawler or library.
        Bot,
    }
}

mirror! {
    /// What may be claimed.
    Claim {
        /// Probably an open.
        Likely,
        /// No open.
        No,
    }
}

/// An event of a kind, or for a message, that this version cannot read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("event {seq} has an unknown kind or a malformed message id")]
pub struct UnreadableEvent {
    /// The event's place in the sequence.
    pub seq: u64,
}

impl TryFrom<&Event> for state::Event {
    type Error = UnreadableEvent;

    fn try_from(event: &Event) -> Result<Self, UnreadableEvent> {
        let unreadable = UnreadableEvent { seq: event.seq };
        event.message.parse::<MessageId>().map_err(|_| unreadable)?;
        let id = |text: &str| text.parse::<EventId>().ok();
        Ok(Self {
            id: id(&event.id),
            of: event.of.as_deref().and_then(id),
            kind: event.kind.try_into().map_err(|()| unreadable)?,
            at: Millis(event.at),
            class: event.source.class.into(),
            claim: event.claim.into(),
            reason: fetch::Reason::from_code(&event.reason),
            reader: event.source.reader.as_deref().map(Reader::new),
            client: event.source.client.as_deref().map(Client::new),
            program: (event.source.client.as_deref())
                .zip(event.source.device.as_deref())
                .map(|(client, device)| Program::new(client, device)),
            clocks: Clocks::default(),
            others: event.repeats,
        })
    }
}

impl TryFrom<Kind> for EventKind {
    type Error = ();

    fn try_from(kind: Kind) -> Result<Self, ()> {
        match kind {
            Kind::Pixel => Ok(Self::Pixel),
            Kind::Link => Ok(Self::Link),
            Kind::Read => Ok(Self::Read),
            Kind::Refuse => Ok(Self::Refuse),
            Kind::Agree => Ok(Self::Agree),
            Kind::Undo => Ok(Self::Undo),
            Kind::Other => Err(()),
        }
    }
}

impl From<EventKind> for Kind {
    fn from(kind: EventKind) -> Self {
        match kind {
            EventKind::Pixel => Self::Pixel,
            EventKind::Link => Self::Link,
            EventKind::Read => Self::Read,
            EventKind::Refuse => Self::Refuse,
            EventKind::Agree => Self::Agree,
            EventKind::Undo => Self::Undo,
        }
    }
}
