//! What Gmail's server answered to a request.

use super::id::{DraftId, GmailId as _, LegacyId, ThreadId};
use super::json::{Document, Value};
use super::places::{ANSWER, THREADS, message, thread};
use super::request::{Kind, kind};
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
    pub thread: ThreadId,
    /// Its legacy id, by which it can be opened.
    pub legacy: Option<LegacyId>,
    /// Its messages.
    pub messages: Vec<Settled<'a>>,
}

/// A message as the server now has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled<'a> {
    /// Its sync id.
    pub message: DraftId,
    /// Its legacy id, which changes with every save and with the send.
    pub legacy: Option<LegacyId>,
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
        let said = document.root().items()?.nth(ANSWER);
        let threads = said
            .and_then(|said| said.get(THREADS))
            .and_then(Value::items);
        Some(Self {
            threads: threads
                .into_iter()
                .flatten()
                .filter_map(read_thread)
                .collect(),
        })
    }

    /// The message with the sync id `message`, and its conversation. Only an id of one's own says
    /// anything: answers carry other messages of the same and of other conversations.
    #[must_use]
    pub fn find(&self, message: &DraftId) -> Option<(&Thread<'a>, &Settled<'a>)> {
        self.threads.iter().find_map(|thread| {
            let found = thread
                .messages
                .iter()
                .find(|settled| settled.message == *message)?;
            Some((thread, found))
        })
    }
}

/// What became of `message`, by the HTTP status and the body of the answer to the request that
/// carried it. A status of 0 stands for a request that did not come through.
#[must_use]
pub fn fate(status: u16, answer: Option<&Answer<'_>>, message: &DraftId) -> Fate {
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

fn read_thread<'a>(value: Value<'_, 'a>) -> Option<Thread<'a>> {
    let id = ThreadId::parse(&value.path(&thread::ID)?.string()?)?;
    let stored = value.path(&thread::STORED)?;
    let messages = stored.get(thread::MESSAGES)?.items()?;
    Some(Thread {
        legacy: legacy(stored.get(thread::LEGACY_ID)).or_else(|| id.legacy()),
        messages: messages.filter_map(read_message).collect(),
        thread: id,
    })
}

fn read_message<'a>(value: Value<'_, 'a>) -> Option<Settled<'a>> {
    let id = DraftId::parse(&value.get(message::ID)?.string()?)?;
    Some(Settled {
        legacy: legacy(value.get(message::LEGACY_ID)).or_else(|| id.legacy()),
        rfc_id: value.get(message::RFC_ID).and_then(Value::string),
        kind: kind(value.get(message::LABELS)).unwrap_or(Kind::Other),
        message: id,
    })
}

fn legacy(value: Option<Value<'_, '_>>) -> Option<LegacyId> {
    LegacyId::parse(&value?.string()?)
}
