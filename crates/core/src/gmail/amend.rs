//! Sees to it that a mail leaves with exactly the image it is to have.

use super::request::{Kind, Outgoing, Part, Request};
use super::splice::{Edit, apply, raw_edits};
use crate::mail::html::{self, Markup};
use crate::mail::pixel::{Pixels, tag};

/// What is wanted for one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// It is to carry the image at this address and no other of this account. A draft that is only
    /// saved is cleaned instead, so that no image waits in it.
    Track(String),
    /// It is to carry no image of this account.
    Clean,
    /// It is to stay as it is.
    Leave,
}

/// Whether a message carries the image that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pixel {
    /// None is wanted.
    Unwanted,
    /// It came with it.
    Present,
    /// It did not come with it, and does now.
    Added,
    /// It carries none, and none can be added: the mail leaves untracked.
    Missing,
}

/// What was done with one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report<'a> {
    /// The message as it came.
    pub outgoing: Outgoing<'a>,
    /// Whether it now carries the image that is wanted.
    pub pixel: Pixel,
    /// How many other images of this account were taken out of it.
    pub removed: usize,
}

/// A request that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amended<'a> {
    /// The body to send instead; `None` if it is right as it is.
    pub body: Option<String>,
    /// Every message that it carries, in order.
    pub messages: Vec<Report<'a>>,
}

/// Reads the body of a request and puts right the images of this account in it, by the wish for
/// each message. Whatever else it says stays, byte for byte.
///
/// `None` means that the body is not understood and goes out as it is, with no proof of anything.
#[must_use]
pub fn amend<'a>(
    body: &'a str,
    pixels: &Pixels,
    wish: impl Fn(&Outgoing<'a>) -> Wish,
) -> Option<Amended<'a>> {
    let request = Request::parse(body)?;
    let mut edits = Vec::new();
    let messages = request
        .outgoing
        .into_iter()
        .map(|outgoing| {
            let wish = wish(&outgoing);
            let plan = Plan::of(&outgoing, pixels, &wish);
            for (part, part_edits) in outgoing.parts.iter().zip(plan.edits) {
                let Some(raw) = body.get(part.span.clone()) else {
                    continue;
                };
                let start = part.span.start;
                edits.extend(raw_edits(raw, part_edits).into_iter().map(|edit| Edit {
                    range: start + edit.range.start..start + edit.range.end,
                    with: edit.with,
                }));
            }
            Report {
                outgoing,
                pixel: plan.pixel,
                removed: plan.removed,
            }
        })
        .collect();
    let body = (!edits.is_empty()).then(|| apply(body, &edits));
    Some(Amended { body, messages })
}

/// What to change in the parts of one message.
struct Plan {
    edits: Vec<Vec<Edit>>,
    pixel: Pixel,
    removed: usize,
}

impl Plan {
    fn none(pixel: Pixel) -> Self {
        Self {
            edits: Vec::new(),
            pixel,
            removed: 0,
        }
    }

    fn of(outgoing: &Outgoing<'_>, pixels: &Pixels, wish: &Wish) -> Self {
        let url = match (wish, outgoing.kind) {
            (Wish::Leave, _) | (Wish::Clean, Kind::Other) => return Self::none(Pixel::Unwanted),
            (Wish::Clean, _) | (Wish::Track(_), Kind::Draft) => None,
            (Wish::Track(url), _) => Some(url.as_str()),
        };
        let typed = outgoing
            .parts
            .iter()
            .position(|part| part.code == Part::TYPED);
        let mut plan = Self::none(if url.is_some() {
            Pixel::Missing
        } else {
            Pixel::Unwanted
        });
        if !outgoing.rich {
            return plan;
        }
        let mut sound = true;
        for (index, part) in outgoing.parts.iter().enumerate() {
            let wanted = url.filter(|_| typed == Some(index));
            let view = View { pixels, url };
            let (edits, pixel) = view.edits(&part.html, wanted);
            // What was written is read again: an unclosed comment, say, would swallow the image.
            sound &= edits.is_empty() || view.is_right(&apply(&part.html, &edits), wanted);
            let inserted = edits.iter().filter(|edit| !edit.with.is_empty());
            plan.removed += edits.len() - inserted.count();
            plan.edits.push(edits);
            if wanted.is_some() {
                plan.pixel = pixel;
            }
        }
        match plan.pixel {
            // Nobody knows what such a message is for: it is looked at and left alone.
            Pixel::Added if outgoing.kind == Kind::Other => Self::none(Pixel::Missing),
            other if outgoing.kind == Kind::Other => Self::none(other),
            _ if sound => plan,
            Pixel::Added => Self {
                pixel: Pixel::Missing,
                ..Self::of(outgoing, pixels, &Wish::Clean)
            },
            other => Self::none(other),
        }
    }
}

/// How the images of a part are looked at.
struct View<'a> {
    pixels: &'a Pixels,
    url: Option<&'a str>,
}

impl View<'_> {
    fn is_ours(&self, src: &str) -> bool {
        self.url == Some(src) || self.pixels.is_own(src)
    }

    /// The image to keep: the last of the wanted address that stands before the quote.
    fn keeper(&self, markup: &Markup, limit: usize) -> Option<usize> {
        markup
            .images
            .iter()
            .rposition(|image| self.url == Some(&*image.src) && image.range.end <= limit)
    }

    fn edits(&self, html: &str, wanted: Option<&str>) -> (Vec<Edit>, Pixel) {
        let markup = html::read(html);
        let limit = markup.quote.unwrap_or(html.len());
        let keeper = wanted.and_then(|_| self.keeper(&markup, limit));
        let mut edits = Vec::new();
        let insert = |edits: &mut Vec<Edit>, url: &str| {
            edits.push(Edit {
                range: limit..limit,
                with: tag(url),
            });
        };
        let mut missing = wanted.filter(|_| keeper.is_none());
        for (index, image) in markup.images.iter().enumerate() {
            if image.range.start >= limit
                && let Some(url) = missing.take()
            {
                insert(&mut edits, url);
            }
            match wanted.filter(|_| keeper == Some(index)) {
                Some(_) if image.plain => {}
                Some(url) => edits.push(Edit {
                    range: image.range.clone(),
                    with: tag(url),
                }),
                None if self.is_ours(&image.src) => {
                    edits.push(Edit {
                        range: image.range.clone(),
                        with: String::new(),
                    });
                }
                None => {}
            }
        }
        if let Some(url) = missing {
            insert(&mut edits, url);
        }
        (
            edits,
            if keeper.is_some() {
                Pixel::Present
            } else {
                Pixel::Added
            },
        )
    }

    /// Whether a part carries the wanted image once and no other of ours.
    fn is_right(&self, html: &str, wanted: Option<&str>) -> bool {
        let markup = html::read(html);
        let ours = markup
            .images
            .iter()
            .filter(|image| self.is_ours(&image.src))
            .count();
        let limit = markup.quote.unwrap_or(html.len());
        match wanted {
            Some(_) => ours == 1 && self.keeper(&markup, limit).is_some(),
            None => ours == 0,
        }
    }
}
