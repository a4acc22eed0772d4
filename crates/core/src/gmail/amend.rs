//! Ensures that an email leaves with exactly the image and the line that it is to have.

use super::request::{Kind, Outgoing, Part, Request};
use super::splice::raw_edits;
use crate::id::MessageId;
use crate::mail::edit::{Edit, apply};
use crate::mail::html::{self, Image};
use crate::mail::insertion::{Insertion, PartEditor, Pixel};
use crate::mail::mode::Mode;
use crate::mail::pixel::Pixels;

/// What is wanted for one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// It is to carry what is inserted here, and nothing else of this account. A draft that is
    /// only saved is cleaned instead, so that nothing waits in it.
    Track(Insertion),
    /// It is to carry nothing of this account.
    Clean,
    /// It is to stay as it is.
    Leave,
}

/// What was done with one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report<'a, T> {
    /// The message as it came.
    pub outgoing: Outgoing<'a>,
    /// What came with the wish for it.
    pub value: T,
    /// Whether it now carries what is wanted.
    pub pixel: Pixel,
    /// How many other images and lines of this account were taken out of it.
    pub removed: usize,
}

/// A request that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amended<'a, T> {
    /// The body to send instead; `None` if it is right as it is.
    pub body: Option<String>,
    /// Every message that it carries, in order.
    pub messages: Vec<Report<'a, T>>,
}

/// The messages of which `outgoing` carries an image or a link, each with a mode that has that. A message
/// is a number that nobody else can guess, so that its link need not be checked for more.
#[must_use]
pub fn carried(outgoing: &Outgoing<'_>, pixels: &Pixels) -> Vec<(MessageId, Mode)> {
    let mut carried = Vec::new();
    for part in &outgoing.parts {
        let markup = html::read(&part.html);
        let images = markup.images.iter();
        let of_image = |image: &Image| Some((pixels.message_of(&image.src)?, Mode::Image));
        carried.extend(images.filter_map(of_image));
        for link in &markup.links {
            if let Some((kind, message)) = pixels.page_of(&link.href) {
                carried.push((message, Mode::of_page(kind)));
            }
        }
    }
    carried
}

/// Reads the body of a request and puts right what is of this account in it, by the wish for
/// each message. Whatever else it says stays, byte for byte. A value that comes with a wish goes
/// into the report about its message.
///
/// `None` means that the body is not understood and goes out as it is, with no proof of anything.
#[must_use]
pub fn amend<'a, T>(
    body: &'a str,
    pixels: &Pixels,
    mut wish: impl FnMut(&Outgoing<'a>) -> (Wish, T),
) -> Option<Amended<'a, T>> {
    let request = Request::parse(body)?;
    let mut edits = Vec::new();
    let messages = request
        .outgoing
        .into_iter()
        .map(|outgoing| {
            let (wish, value) = wish(&outgoing);
            let plan = Plan::of(&outgoing, pixels, &wish);
            for (part, part_edits) in outgoing.parts.iter().zip(plan.edits) {
                edits.extend(edits_of_body(body, part, part_edits));
            }
            Report {
                outgoing,
                value,
                pixel: plan.pixel,
                removed: plan.removed,
            }
        })
        .collect();
    let body = (!edits.is_empty()).then(|| apply(body, &edits));
    Some(Amended { body, messages })
}

/// Turns `edits` of a part's text into edits of the whole `body`.
fn edits_of_body(body: &str, part: &Part<'_>, edits: Vec<Edit>) -> Vec<Edit> {
    let Some(raw) = body.get(part.span.clone()) else {
        return Vec::new();
    };
    let mut edits = raw_edits(raw, edits);
    for edit in &mut edits {
        edit.range.start += part.span.start;
        edit.range.end += part.span.start;
    }
    edits
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
        let insertion = match (wish, outgoing.kind) {
            (Wish::Leave, _) | (Wish::Clean, Kind::Other) => return Self::none(Pixel::Unwanted),
            (Wish::Clean, _) | (Wish::Track(_), Kind::Draft) => None,
            (Wish::Track(insertion), _) => Some(insertion),
        };
        let typed = outgoing.typed();
        let mut plan = Self::none(if insertion.is_some() {
            Pixel::Missing
        } else {
            Pixel::Unwanted
        });
        let editor = PartEditor { pixels, insertion };
        if !outgoing.rich {
            // Nobody knows every way in which Gmail says that an email is HTML: what stands in it
            // does.
            let is_right = typed.is_some_and(|(_, part)| editor.is_right(&part.html, true));
            if insertion.is_some() && is_right {
                plan.pixel = Pixel::Present;
            }
            return plan;
        }
        let mut sound = true;
        for (index, part) in outgoing.parts.iter().enumerate() {
            let is_wanted = insertion.is_some() && typed.is_some_and(|(typed, _)| typed == index);
            let (edits, pixel) = editor.edits(&part.html, is_wanted);
            // What was written is read again, and must leave nothing to change.
            let written = apply(&part.html, &edits);
            sound &= edits.is_empty()
                || (editor.is_right(&written, is_wanted)
                    && editor.edits(&written, is_wanted).0.is_empty());
            let inserted = edits.iter().filter(|edit| !edit.with.is_empty());
            plan.removed += edits.len() - inserted.count();
            plan.edits.push(edits);
            if is_wanted {
                plan.pixel = pixel;
            }
        }
        match plan.pixel {
            // Nobody knows what such a message is for: it is looked at and left alone.
            Pixel::Added if outgoing.kind == Kind::Other => Self::none(Pixel::Missing),
            other if outgoing.kind == Kind::Other => Self::none(other),
            _ if sound => plan,
            Pixel::Added | Pixel::Missing => Self {
                pixel: Pixel::Missing,
                ..Self::of(outgoing, pixels, &Wish::Clean)
            },
            other => Self::none(other),
        }
    }
}
