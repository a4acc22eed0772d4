//! What an email came to when it was last judged, packed: thousands of them are read at once.
//!
//! Unlike all else here this is made from what is kept, and made again where it is missing: a change
//! of its form takes the next [`FORM`], and what was packed before goes.

use super::codes;
use crate::store::kept::{KeptMessage, Summary};
use kaifu_core::clock::{Clocks, Lead};
use kaifu_core::outcome::Later;
use kaifu_core::report::{Trace, TraceKind, Traces};
use kaifu_core::time::Millis;
use kaifu_protocol::content::Recipient;
use kaifu_protocol::state::State;
use std::num::TryFromIntError;

/// The version of the form.
pub(crate) const FORM: u32 = 4;

/// Stands in the lowest bits of a trace's first number for the kind; the next one says that its clocks
/// are others than those of the trace before.
const KINDS: i64 = 4;

/// `summary` in a few bytes: numbers of seven bits each, texts behind their lengths.
pub(crate) fn pack(summary: &Summary) -> Vec<u8> {
    let Summary {
        kept,
        state,
        traces,
        words,
        activity,
        as_of,
    } = summary;
    let mut to = Packer::default();
    to.text(&kept.message);
    to.text(words);
    to.optional(kept.mailbox.as_deref());
    to.number(activity.0);
    to.number(i64::from(kept.left()));
    to.optional(kept.account.as_deref());
    to.text(state.name());
    match kept.later() {
        None => to.number(0),
        Some(Later::Untimed) => to.number(1),
        Some(Later::Timed(at)) => {
            to.number(2);
            to.number(at.0);
        }
    }
    to.optional(codes::mode(kept.mode).as_deref());
    to.text(&kept.subject);
    to.length(kept.recipients.len());
    for Recipient { address, name } in &kept.recipients {
        to.text(address);
        to.text(name);
    }
    to.number(kept.sent_at.0);
    to.number(kept.settled_at.0);
    to.optional(kept.outcome.map(codes::outcome));
    to.clocks(kept.clocks);
    to.clocks(*as_of);
    to.number(i64::from(traces.own));
    to.length(traces.all.len());
    let (mut at, mut clocks) = (kept.sent_at, Clocks::default());
    for trace in &traces.all {
        let other = trace.clocks != clocks;
        to.number(trace.kind as i64 + KINDS * i64::from(other));
        to.number(trace.at.since(at));
        if other {
            to.clocks(Some(trace.clocks));
        }
        (at, clocks) = (trace.at, trace.clocks);
    }
    to.0
}

/// What [`pack`] made of a summary; `None` for anything else.
pub(crate) fn unpack(packed: &[u8]) -> Option<Summary> {
    read(Unpacker(packed)).ok()
}

/// Puts `pack` behind others, so that [`packs`] finds it.
pub(crate) fn pack_into(all: &mut Vec<u8>, pack: &[u8]) {
    let length = u32::try_from(pack.len()).unwrap_or(0);
    all.extend_from_slice(&length.to_le_bytes());
    all.extend_from_slice(pack);
}

/// What was put together by [`pack_into`], up to where it cannot be read.
pub(crate) fn packs(all: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = all;
    std::iter::from_fn(move || {
        let (length, behind) = rest.split_first_chunk()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (pack, behind) = behind.split_at_checked(length)?;
        rest = behind;
        Some(pack)
    })
}

/// The message that a pack is about.
pub(crate) fn message_of(pack: &[u8]) -> Option<&str> {
    Unpacker(pack).text().ok()
}

/// What a pack begins with: enough to look for it, without reading the rest of thousands.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Head<'a> {
    pub(crate) message: &'a str,
    pub(crate) words: &'a str,
    pub(crate) mailbox: Option<&'a str>,
    pub(crate) activity: Millis,
    pub(crate) left: bool,
    pub(crate) account: Option<&'a str>,
    pub(crate) state: State,
    pub(crate) later: Option<Later>,
}

/// What a pack begins with; `None` where that cannot be read.
pub(crate) fn head(pack: &[u8]) -> Option<Head<'_>> {
    Unpacker(pack).head().ok()
}

fn read(mut from: Unpacker<'_>) -> Result<Summary, Malformed> {
    let head = from.head()?;
    let mode = codes::mode_of(from.optional()?.map(str::to_owned));
    let subject = from.text()?.to_owned();
    let mut recipients = Vec::new();
    for _ in 0..from.length()? {
        recipients.push(Recipient {
            address: from.text()?.to_owned(),
            name: from.text()?.to_owned(),
        });
    }
    let kept = KeptMessage {
        message: head.message.to_owned(),
        account: head.account.map(str::to_owned),
        mode,
        mailbox: head.mailbox.map(str::to_owned),
        subject,
        recipients,
        sent_at: Millis(from.number()?),
        settled_at: Millis(from.number()?),
        outcome: from.optional()?.and_then(codes::outcome_of),
        clocks: from.clocks()?,
        ..KeptMessage::default()
    };
    let as_of = from.clocks()?;
    let mut traces = Traces {
        own: u32::try_from(from.number()?)?,
        all: Vec::new(),
    };
    let (mut at, mut clocks) = (kept.sent_at, Clocks::default());
    for _ in 0..from.length()? {
        let head = from.number()?;
        at = at.plus(from.number()?);
        if head >= KINDS {
            clocks = from.clocks()?.ok_or(Malformed)?;
        }
        let kind = usize::try_from(head % KINDS)?;
        let kind = *TraceKind::ALL.get(kind).ok_or(Malformed)?;
        traces.all.push(Trace { kind, at, clocks });
    }
    Ok(Summary {
        kept,
        state: head.state,
        traces,
        words: head.words.to_owned(),
        activity: head.activity,
        as_of,
    })
}

#[derive(Default)]
struct Packer(Vec<u8>);

impl Packer {
    /// Small numbers are short, whichever their sign.
    fn number(&mut self, number: i64) {
        let mut rest = (number.cast_unsigned() << 1) ^ (number >> 63).cast_unsigned();
        while rest >= 0x80 {
            self.0.push(rest.to_le_bytes()[0] | 0x80);
            rest >>= 7;
        }
        self.0.push(rest.to_le_bytes()[0]);
    }

    fn length(&mut self, length: usize) {
        self.number(i64::try_from(length).unwrap_or(0));
    }

    fn text(&mut self, text: &str) {
        self.length(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    fn optional(&mut self, text: Option<&str>) {
        self.number(i64::from(text.is_some()));
        if let Some(text) = text {
            self.text(text);
        }
    }

    /// The lead and the run.
    fn clocks(&mut self, clocks: Option<Clocks>) {
        let lead = clocks.and_then(|clocks| clocks.lead);
        self.number(i64::from(clocks.is_some()) + i64::from(lead.is_some()));
        if let Some(clocks) = clocks {
            self.number(i64::from(clocks.run));
        }
        if let Some(Lead { least, most }) = lead {
            self.number(least);
            self.number(most.wrapping_sub(least));
        }
    }
}

/// What is read is no summary, or not all of one.
#[derive(Debug)]
struct Malformed;

impl From<TryFromIntError> for Malformed {
    fn from(_: TryFromIntError) -> Self {
        Self
    }
}

struct Unpacker<'a>(&'a [u8]);

impl<'a> Unpacker<'a> {
    fn number(&mut self) -> Result<i64, Malformed> {
        let mut folded = 0_u64;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first().ok_or(Malformed)?;
            self.0 = rest;
            folded |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok((folded >> 1).cast_signed() ^ -(folded & 1).cast_signed());
            }
        }
        Err(Malformed)
    }

    fn length(&mut self) -> Result<usize, Malformed> {
        Ok(usize::try_from(self.number()?)?)
    }

    fn text(&mut self) -> Result<&'a str, Malformed> {
        let length = self.length()?;
        let (text, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        std::str::from_utf8(text).map_err(|_| Malformed)
    }

    fn head(&mut self) -> Result<Head<'a>, Malformed> {
        Ok(Head {
            message: self.text()?,
            words: self.text()?,
            mailbox: self.optional()?,
            activity: Millis(self.number()?),
            left: self.number()? > 0,
            account: self.optional()?,
            state: {
                let name = self.text()?;
                let state = State::ALL.into_iter().find(|it| it.name() == name);
                state.ok_or(Malformed)?
            },
            later: match self.number()? {
                0 => None,
                1 => Some(Later::Untimed),
                _ => Some(Later::Timed(Millis(self.number()?))),
            },
        })
    }

    fn optional(&mut self) -> Result<Option<&'a str>, Malformed> {
        Ok(match self.number()? {
            0 => None,
            _ => Some(self.text()?),
        })
    }

    fn clocks(&mut self) -> Result<Option<Clocks>, Malformed> {
        let known = self.number()?;
        if known == 0 {
            return Ok(None);
        }
        let mut clocks = Clocks {
            run: u32::try_from(self.number()?)?,
            ..Clocks::default()
        };
        if known > 1 {
            let least = self.number()?;
            let most = least.wrapping_add(self.number()?);
            clocks.lead = Some(Lead { least, most });
        }
        Ok(Some(clocks))
    }
}

#[cfg(test)]
mod tests;
