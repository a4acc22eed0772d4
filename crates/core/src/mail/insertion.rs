//! What an email is given when it leaves, and putting that into its HTML.

use super::edit::Edit;
use super::html::{self, Markup};
use super::pixel::{Pixels, tag};
use crate::id::MessageId;
use crate::time::Millis;
use crate::token::last_day;

/// What an email is given. Whatever puts it in, the editor in the page or the request on its way,
/// reads here what that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insertion {
    /// The address of its image.
    pub image: String,
}

impl Insertion {
    /// What the email that is `message`, and is to be delivered at `delivery`, is given.
    #[must_use]
    pub fn new(pixels: &Pixels, message: MessageId, delivery: Millis) -> Self {
        Self {
            image: pixels.url(message, last_day(delivery)),
        }
    }
}

/// How many bytes of an email Gmail shows at once: it cuts off what is behind 102 kB, and loads no
/// image there until its reader asks for the rest. This keeps some distance, as Gmail counts its own
/// changes to the email, too.
pub const SHOWN_BYTES: usize = 90_000;

/// More than the tag of an image has, wherever the server is.
const MAX_TAG_BYTES: usize = 1_000;

/// Where the image goes in an email's typed part: at its end, or at its beginning where the end is
/// behind Gmail's cut. `end` is how many bytes of HTML stand before the end.
#[must_use]
pub const fn place(end: usize) -> usize {
    if end > SHOWN_BYTES { 0 } else { end }
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
    /// It carries none, and none can be added: the email leaves untracked.
    Missing,
}

/// Puts right the parts of one email.
pub(crate) struct PartEditor<'a> {
    /// Knows the images of this account.
    pub(crate) pixels: &'a Pixels,
    /// What the email is given, in whichever of its parts.
    pub(crate) insertion: Option<&'a Insertion>,
}

impl PartEditor<'_> {
    fn is_wanted(&self, src: &str) -> bool {
        self.insertion.is_some_and(|it| it.image == src)
    }

    fn is_ours(&self, src: &str) -> bool {
        self.is_wanted(src) || self.pixels.is_own(src)
    }

    /// The image to keep: the last of the wanted address that stands before the quote, and before
    /// Gmail's cut.
    fn keeper(&self, markup: &Markup, limit: usize) -> Option<usize> {
        let limit = limit.min(SHOWN_BYTES + MAX_TAG_BYTES);
        markup
            .images
            .iter()
            .rposition(|image| self.is_wanted(&image.src) && image.range.end <= limit)
    }

    /// What to change in a part, so that it carries `wanted` once and no other image of ours; and
    /// whether it carried it before, where it is wanted.
    pub(crate) fn edits(&self, html: &str, wanted: Option<&Insertion>) -> (Vec<Edit>, Pixel) {
        let markup = html::read(html);
        let limit = markup.quote.unwrap_or(html.len());
        let keeper = wanted.and_then(|_| self.keeper(&markup, limit));
        let mut edits = Vec::new();
        let place = place(limit);
        let insert = |edits: &mut Vec<Edit>, wanted: &Insertion| {
            edits.push(Edit {
                range: place..place,
                with: tag(&wanted.image),
            });
        };
        let mut missing = wanted.filter(|_| keeper.is_none());
        for (index, image) in markup.images.iter().enumerate() {
            if image.range.start >= place
                && let Some(wanted) = missing.take()
            {
                insert(&mut edits, wanted);
            }
            match wanted.filter(|_| keeper == Some(index)) {
                Some(_) if image.plain => {}
                Some(wanted) => edits.push(Edit {
                    range: image.range.clone(),
                    with: tag(&wanted.image),
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
        if let Some(wanted) = missing {
            insert(&mut edits, wanted);
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
    pub(crate) fn is_right(&self, html: &str, wanted: Option<&Insertion>) -> bool {
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
