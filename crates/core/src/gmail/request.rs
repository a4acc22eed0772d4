//! What a request of Gmail's page asks its server to save or send.

use super::id;
use super::json::{Document, Value};
use std::borrow::Cow;
use std::ops::Range;

/// The messages in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// In the order of the request; a message may stand in it more than once.
    pub outgoing: Vec<Outgoing<'a>>,
}

/// What is to become of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// It is saved.
    Draft,
    /// It leaves now, or when the time for taking it back is over.
    Send,
    /// It leaves at a later time.
    Scheduled,
    /// Neither; its labels say something else.
    Other,
}

/// A message that a request carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing<'a> {
    /// The sync id of its conversation.
    pub thread: Cow<'a, str>,
    /// Its own sync id.
    pub message: Cow<'a, str>,
    /// What is to become of it.
    pub kind: Kind,
    /// Who sends it.
    pub from: Option<Address<'a>>,
    /// Who gets it.
    pub to: Vec<Address<'a>>,
    /// Who gets a copy.
    pub cc: Vec<Address<'a>>,
    /// Who gets a copy that the others do not see.
    pub bcc: Vec<Address<'a>>,
    /// The subject; may be empty.
    pub subject: Cow<'a, str>,
    /// When it was written: milliseconds since the Unix epoch, by the page's clock.
    pub date: Option<i64>,
    /// Whether its parts are HTML. A mail in plain text can carry no image.
    pub rich: bool,
    /// Its text, in pieces.
    pub parts: Vec<Part<'a>>,
}

/// A mail address and the name shown beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address<'a> {
    /// The address.
    pub address: Cow<'a, str>,
    /// The name; may be empty.
    pub name: Cow<'a, str>,
}

/// A piece of a message's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// [`Part::TYPED`] or [`Part::QUOTED`], as far as is known.
    pub code: i64,
    /// The text.
    pub html: Cow<'a, str>,
    /// Where its JSON string stands in the request, without the quotes.
    pub span: Range<usize>,
}

impl Part<'_> {
    /// What the editor shows: typed text, and the quoted conversation once it was unfolded.
    pub const TYPED: i64 = 0;
    /// The quoted conversation while it is folded.
    pub const QUOTED: i64 = 2;
}

/// Where an operation keeps a message, below its list of actions: the first save or immediate send
/// of a reply, and the update or send of a saved draft. Between them a new conversation keeps a
/// list of messages.
const REPLY: [usize; 2] = [1, 0];
const CONVERSATION: [usize; 3] = [2, 0, 4];
const UPDATE: [usize; 2] = [13, 0];

impl<'a> Request<'a> {
    /// Reads the body of a request; `None` if it is not of the known form, or if a message in it
    /// has anything unexpected where it matters. Operations of other kinds do not matter.
    #[must_use]
    pub fn parse(body: &'a str) -> Option<Self> {
        let document = Document::parse(body)?;
        let mut outgoing = Vec::new();
        for operation in document.root().path(&[1, 0])?.items()? {
            let Some(actions) = operation.path(&[1, 1]) else {
                continue;
            };
            let thread = operation.path(&[1, 0]);
            let conversation = actions.path(&CONVERSATION).and_then(Value::items);
            // This order is that of the text.
            let messages = (actions.path(&REPLY).into_iter())
                .chain(conversation.into_iter().flatten())
                .chain(actions.path(&UPDATE));
            for message in messages {
                outgoing.extend(read(thread, message)?);
            }
        }
        Some(Self { outgoing })
    }
}

/// Reads a message; `Some(None)` if it is something else, `None` if it cannot be told.
#[expect(
    clippy::option_option,
    reason = "nothing to read and not readable are two things"
)]
fn read<'a>(thread: Option<Value<'_, 'a>>, value: Value<'_, 'a>) -> Option<Option<Outgoing<'a>>> {
    let Some(message) = value.get(0).and_then(Value::string) else {
        return Some(None);
    };
    // Other operations name messages in the same places, without text and labels.
    if !message.starts_with("msg-") || (value.get(8).is_none() && value.get(10).is_none()) {
        return Some(None);
    }
    let people = |place| match value.get(place) {
        Some(list) => list.items()?.map(address).collect(),
        None => Some(Vec::new()),
    };
    let content = value.get(8);
    let parts = match content.and_then(|content| content.get(1)) {
        Some(parts) => parts.items()?.map(part).collect::<Option<_>>()?,
        // A text that is there but not where it should be.
        None if content.is_some_and(|content| content.items().is_none()) => return None,
        None => Vec::new(),
    };
    Some(Some(Outgoing {
        thread: normal(thread?.string()?, id::thread)?,
        message: normal(message, id::message)?,
        kind: kind(value.get(10))?,
        from: match value.get(1) {
            Some(from) => Some(address(from)?),
            None => None,
        },
        to: people(2)?,
        cc: people(3)?,
        bcc: people(4)?,
        subject: optional_string(value.get(7))?,
        date: value.get(6).and_then(Value::integer),
        rich: content
            .and_then(|content| content.get(6))
            .and_then(Value::integer)
            == Some(1),
        parts,
    }))
}

/// What a message's labels say of it; `None` if they are no list of texts.
pub(super) fn kind(labels: Option<Value<'_, '_>>) -> Option<Kind> {
    let mut kind = Kind::Other;
    let Some(labels) = labels else {
        return Some(kind);
    };
    for label in labels.items()? {
        kind = match &*label.string()? {
            "^pfg" => Kind::Send,
            "^scheduled" if kind != Kind::Send => Kind::Scheduled,
            "^r" | "^r_bt" if kind == Kind::Other => Kind::Draft,
            _ => kind,
        };
    }
    Some(kind)
}

/// An id in its one spelling, by [`id::message`] or [`id::thread`].
pub(super) fn normal(text: Cow<'_, str>, normal: fn(&str) -> Option<&str>) -> Option<Cow<'_, str>> {
    match text {
        Cow::Borrowed(text) => normal(text).map(Cow::Borrowed),
        Cow::Owned(text) => normal(&text).map(|id| Cow::Owned(id.to_owned())),
    }
}

fn address<'a>(value: Value<'_, 'a>) -> Option<Address<'a>> {
    Some(Address {
        address: value.get(1)?.string()?,
        name: optional_string(value.get(2))?,
    })
}

fn optional_string<'a>(value: Option<Value<'_, 'a>>) -> Option<Cow<'a, str>> {
    value.map_or(Some(Cow::Borrowed("")), Value::string)
}

fn part<'a>(value: Value<'_, 'a>) -> Option<Part<'a>> {
    // A third field would be about the text, and a changed text might belie it.
    if value.items()?.count() != 2 {
        return None;
    }
    let html = value.get(1)?;
    Some(Part {
        code: value.get(0)?.integer()?,
        html: html.string()?,
        span: html.string_span()?,
    })
}
