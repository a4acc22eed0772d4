//! What Gmail's server answered to a request.

use super::id;
use super::json::{Document, Value};
use super::request::{Kind, kind, normal};
use std::borrow::Cow;

/// The conversations in an answer. Others than the one asked about may be among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    /// In the order of the answer.
    pub threads: Vec<Thread<'a>>,
}

/// A conversation as the server now has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread<'a> {
    /// Its sync id.
    pub thread: Cow<'a, str>,
    /// Its legacy id, 16 hexadecimal digits, by which it can be opened.
    pub legacy: Option<Cow<'a, str>>,
    /// Its messages.
    pub messages: Vec<Settled<'a>>,
}

/// A message as the server now has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled<'a> {
    /// Its sync id.
    pub message: Cow<'a, str>,
    /// Its legacy id, which changes with every save and with the send.
    pub legacy: Option<Cow<'a, str>>,
    /// Its `Message-ID` header, angle brackets included.
    pub rfc_id: Option<Cow<'a, str>>,
    /// What it is now.
    pub kind: Kind,
}

/// What became of a message that a request carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fate {
    /// The server took it for sending.
    Sent,
    /// The server keeps it for a later time.
    Scheduled,
    /// It is a draft: saved, or taken back.
    Draft,
    /// The server refused the request, so it is not sent yet; Gmail may try again.
    Failed,
    /// The answer does not tell.
    Unknown,
}

impl<'a> Answer<'a> {
    /// Reads the body of an answer; `None` if it is not of the known form. Parts of it that are not
    /// understood are passed over, as other things than messages are answered too.
    #[must_use]
    pub fn parse(body: &'a str) -> Option<Self> {
        let document = Document::parse(body)?;
        let content = document.root().items()?.nth(1);
        let threads = content
            .and_then(|content| content.get(5))
            .and_then(Value::items);
        Some(Self {
            threads: threads.into_iter().flatten().filter_map(thread).collect(),
        })
    }

    /// The message with the sync id `message`, and its conversation. Only an id of one's own says
    /// anything: answers carry other messages of the same and of other conversations.
    #[must_use]
    pub fn find(&self, message: &str) -> Option<(&Thread<'a>, &Settled<'a>)> {
        self.threads.iter().find_map(|thread| {
            let found = thread
                .messages
                .iter()
                .find(|settled| settled.message == message)?;
            Some((thread, found))
        })
    }
}

/// What became of `message`, by the HTTP status and the body of the answer to the request that
/// carried it. A status of 0 stands for a request that did not come through.
#[must_use]
pub fn fate(status: u16, answer: Option<&Answer<'_>>, message: &str) -> Fate {
    if !(200..300).contains(&status) {
        return Fate::Failed;
    }
    match answer
        .and_then(|answer| answer.find(message))
        .map(|(_, settled)| settled.kind)
    {
        Some(Kind::Send) => Fate::Sent,
        Some(Kind::Scheduled) => Fate::Scheduled,
        Some(Kind::Draft) => Fate::Draft,
        Some(Kind::Other) | None => Fate::Unknown,
    }
}

fn thread<'a>(value: Value<'_, 'a>) -> Option<Thread<'a>> {
    let thread = normal(value.path(&[0, 0])?.string()?, id::thread)?;
    let inner = value.path(&[0, 2, 6, 0])?;
    let messages = inner.get(4)?.items()?.filter_map(settled).collect();
    Some(Thread {
        legacy: legacy(inner.get(19), &thread),
        thread,
        messages,
    })
}

fn settled<'a>(value: Value<'_, 'a>) -> Option<Settled<'a>> {
    let message = normal(value.get(0)?.string()?, id::message)?;
    Some(Settled {
        legacy: legacy(value.get(55), &message),
        rfc_id: value.get(13).and_then(Value::string),
        kind: kind(value.get(10)).unwrap_or(Kind::Other),
        message,
    })
}

fn legacy<'a>(value: Option<Value<'_, 'a>>, sync_id: &str) -> Option<Cow<'a, str>> {
    value
        .and_then(Value::string)
        .filter(|legacy| id::is_legacy(legacy))
        .or_else(|| id::legacy(sync_id).map(Cow::Owned))
}
