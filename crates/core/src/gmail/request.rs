//! What a request of Gmail's page asks its server to save or send.

use super::id::{DraftId, GmailId as _, ThreadId};
use super::json::{Document, Value};
use super::places::{OPERATIONS, content, message, operation, part, person};
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
    pub thread: ThreadId,
    /// Its own sync id, which it has had since it was a draft.
    pub message: DraftId,
    /// What is to become of it.
    pub kind: Kind,
    /// Who sends it.
    pub from: Option<Address<'a>>,
    /// Whom it goes to.
    pub to: Vec<Address<'a>>,
    /// Who gets a copy.
    pub cc: Vec<Address<'a>>,
    /// Who gets a copy that the others do not see.
    pub bcc: Vec<Address<'a>>,
    /// The subject; may be empty.
    pub subject: Cow<'a, str>,
    /// When it was written: milliseconds since the Unix epoch, by the page's clock.
    pub date: Option<i64>,
    /// Whether its parts are HTML. An email in plain text can carry no image.
    pub rich: bool,
    /// Its text, in pieces.
    pub parts: Vec<Part<'a>>,
}

impl Outgoing<'_> {
    /// The part that was typed, among those that stand below it.
    #[must_use]
    pub fn typed(&self) -> Option<(usize, &Part<'_>)> {
        let mut parts = self.parts.iter().enumerate();
        parts.find(|(_, part)| part.code == Part::TYPED)
    }
}

/// An email address and the name shown beside it.
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

impl<'a> Request<'a> {
    /// Reads the body of a request; `None` if it is not of the known form, or if a message in it
    /// has anything unexpected where it matters. Operations of other kinds do not matter.
    #[must_use]
    pub fn parse(body: &'a str) -> Option<Self> {
        let document = Document::parse(body)?;
        let mut outgoing = Vec::new();
        for value in document.root().path(&OPERATIONS)?.items()? {
            let Some(actions) = value.path(&operation::ACTIONS) else {
                continue;
            };
            let thread = value.path(&operation::THREAD);
            let conversation = actions
                .path(&operation::CONVERSATION)
                .and_then(Value::items);
            // This order is that of the text, which the edits must keep.
            let messages = (actions.path(&operation::REPLY).into_iter())
                .chain(conversation.into_iter().flatten())
                .chain(actions.path(&operation::UPDATE));
            for message in messages {
                outgoing.extend(read(thread, message)?);
            }
        }
        Some(Self { outgoing })
    }
}

/// Reads a message; `Some(None)` if it is something else, `None` where that cannot be known.
#[expect(
    clippy::option_option,
    reason = "nothing to read and not readable are two things"
)]
fn read<'a>(thread: Option<Value<'_, 'a>>, value: Value<'_, 'a>) -> Option<Option<Outgoing<'a>>> {
    let Some(id) = value.get(message::ID).and_then(Value::string) else {
        return Some(None);
    };
    let (text, labels) = (value.get(message::CONTENT), value.get(message::LABELS));
    // Other operations name messages in the same places, without text and labels.
    if !id.starts_with("msg-") || (text.is_none() && labels.is_none()) {
        return Some(None);
    }
    let people = |place| match value.get(place) {
        Some(list) => list.items()?.map(address).collect(),
        None => Some(Vec::new()),
    };
    let parts = match text.and_then(|text| text.get(content::PARTS)) {
        Some(parts) => parts.items()?.map(read_part).collect::<Option<_>>()?,
        // A text that is there but not where it should be.
        None if text.is_some_and(|text| text.items().is_none()) => return None,
        None => Vec::new(),
    };
    Some(Some(Outgoing {
        thread: ThreadId::parse(&thread?.string()?)?,
        message: DraftId::parse(&id)?,
        kind: kind(labels)?,
        from: match value.get(message::FROM) {
            Some(from) => Some(address(from)?),
            None => None,
        },
        to: people(message::TO)?,
        cc: people(message::CC)?,
        bcc: people(message::BCC)?,
        subject: optional_string(value.get(message::SUBJECT))?,
        date: value.get(message::DATE).and_then(Value::integer),
        rich: text
            .and_then(|text| text.get(content::IS_RICH))
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

fn address<'a>(value: Value<'_, 'a>) -> Option<Address<'a>> {
    Some(Address {
        address: value.get(person::ADDRESS)?.string()?,
        name: optional_string(value.get(person::NAME))?,
    })
}

fn optional_string<'a>(value: Option<Value<'_, 'a>>) -> Option<Cow<'a, str>> {
    value.map_or(Some(Cow::Borrowed("")), Value::string)
}

fn read_part<'a>(value: Value<'_, 'a>) -> Option<Part<'a>> {
    // A further field would be about the text, and a changed text might contradict it.
    if value.items()?.count() != part::LEN {
        return None;
    }
    let html = value.get(part::HTML)?;
    Some(Part {
        code: value.get(part::CODE)?.integer()?,
        html: html.string()?,
        span: html.string_span()?,
    })
}
