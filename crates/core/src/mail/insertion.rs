//! What an email is given when it leaves, and putting that into its HTML.

use super::edit::Edit;
use super::html::{self, Markup, Tag, What};
use super::line::{Line, Words, link_tag};
use super::mode::Mode;
use super::pixel::{Pixels, tag};
use crate::id::MessageId;
use crate::time::Millis;
use crate::token::last_day;
use std::ops::Range;

/// What an email is given: an image, a line or both. Whatever puts it in, the editor in the page or
/// the request on its way, reads here what that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insertion {
    image: Option<String>,
    line: Option<Line>,
}

impl Insertion {
    /// What the email that is `message`, and is to be delivered at `delivery`, is given where it is
    /// tracked by an image alone.
    #[must_use]
    pub fn new(pixels: &Pixels, message: MessageId, delivery: Millis) -> Self {
        Self {
            image: Some(pixels.url(message, last_day(delivery))),
            line: None,
        }
    }

    /// The image's address, where there is one.
    #[must_use]
    pub fn image(&self) -> Option<&str> {
        self.image.as_deref()
    }

    /// The line, where there is one.
    #[must_use]
    pub const fn line(&self) -> Option<&Line> {
        self.line.as_ref()
    }

    /// The address that `what` is wanted with.
    fn url(&self, what: What) -> Option<&str> {
        match what {
            What::Image => self.image(),
            What::Link => self.line.as_ref().map(|line| line.url.as_str()),
        }
    }

    /// Whether a plain text carries it: the page's address, once. No image can stand in one. Nobody
    /// knows every way in which Gmail says that a text is plain, so the text itself must do: there, the
    /// address is no link that something swallowed.
    pub(crate) fn is_in_plain_text(&self, text: &str) -> bool {
        let has = |line: &Line| {
            text.matches(&line.url).count() == 1 && !text.contains(&link_tag(&line.url))
        };
        self.image.is_none() && self.line.as_ref().is_some_and(has)
    }
}

/// What emails are given that are tracked in one way.
#[derive(Clone, Copy, Debug)]
pub struct Recipe<'a> {
    /// Mints the addresses, and knows the words.
    pub pixels: &'a Pixels,
    /// How they are tracked.
    pub mode: Mode,
}

impl Recipe<'_> {
    /// What the email that is `message`, and is to be delivered at `delivery`, is given. Its line is in
    /// the language of `typed`, the HTML of what was typed. `None` where it is to have a line and there
    /// are no words for one: it would claim less than it does.
    #[must_use]
    pub fn insertion(
        &self,
        message: MessageId,
        delivery: Millis,
        typed: &str,
    ) -> Option<Insertion> {
        let Self { pixels, mode } = *self;
        let until = last_day(delivery);
        let line = match mode.page() {
            Some(page) => Some(Line {
                words: Words::for_text(pixels.words(), mode, typed)?.text.clone(),
                url: pixels.page_url(page, message, until)?,
            }),
            None => None,
        };
        Some(Insertion {
            image: mode.has_image().then(|| pixels.url(message, until)),
            line,
        })
    }
}

/// How many bytes of an email Gmail shows at once: it cuts off what is behind 102 kB, and loads no
/// image there until its reader asks for the rest. This keeps some distance, as Gmail counts its own
/// changes to the email, too.
pub const SHOWN_BYTES: usize = 90_000;

/// More than what an email is given has, wherever the server is and whatever the line says.
const MAX_BYTES: usize = 5_000;

/// Where what an email is given goes in its typed part: at the end, or at the beginning where the end
/// is behind Gmail's cut. `end` is how many bytes of HTML stand before the end.
#[must_use]
pub const fn place(end: usize) -> usize {
    if end > SHOWN_BYTES { 0 } else { end }
}

/// Whether a message carries what it is wanted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pixel {
    /// Nothing is wanted.
    Unwanted,
    /// It came with it.
    Present,
    /// It did not come with it, and does now.
    Added,
    /// It carries it not, and it cannot be added: the email leaves untracked.
    Missing,
}

/// Puts right the parts of one email.
pub(crate) struct PartEditor<'a> {
    /// Knows the images and pages of this account.
    pub(crate) pixels: &'a Pixels,
    /// What the email is given, in whichever of its parts.
    pub(crate) insertion: Option<&'a Insertion>,
}

/// Which of a part's tags stay, by their places in its list.
struct Keepers {
    image: Option<usize>,
    link: Option<usize>,
}

impl Keepers {
    /// Those of what is wanted: the last of each that stands before the end of what was typed, and
    /// before Gmail's cut.
    fn of(markup: &Markup, limit: usize, wanted: Option<&Insertion>) -> Self {
        let limit = limit.min(SHOWN_BYTES + MAX_BYTES);
        let find = |what: What| {
            let url = wanted?.url(what)?;
            markup
                .tags
                .iter()
                .rposition(|tag| tag.what == what && tag.url == url && tag.range.end <= limit)
        };
        Self {
            image: find(What::Image),
            link: find(What::Link),
        }
    }

    /// The HTML of what is wanted and not there.
    fn missing(&self, wanted: &Insertion) -> String {
        let line = wanted.line.as_ref().filter(|_| self.link.is_none());
        let image = wanted.image().filter(|_| self.image.is_none());
        line.map(Line::html)
            .into_iter()
            .chain(image.map(tag))
            .collect()
    }
}

impl PartEditor<'_> {
    fn is_ours(&self, tag: &Tag) -> bool {
        let url = tag.url.as_str();
        self.insertion
            .is_some_and(|it| it.url(tag.what) == Some(url))
            || match tag.what {
                What::Image => self.pixels.is_own(url),
                What::Link => self.pixels.is_own_page(url),
            }
    }

    /// What to change in a part, so that it carries `wanted` once and no other image or link of ours;
    /// and whether it carried it before, where it is wanted.
    pub(crate) fn edits(&self, html: &str, wanted: Option<&Insertion>) -> (Vec<Edit>, Pixel) {
        let markup = html::read(html);
        let limit = markup.end.unwrap_or(html.len());
        let keepers = Keepers::of(&markup, limit, wanted);
        let place = place(limit);
        let typed = html.get(..limit).unwrap_or_default();
        let with = wanted
            .filter(|wanted| keepers.link.is_some() || !wanted.is_in_plain_text(typed))
            .map(|wanted| keepers.missing(wanted));
        let mut missing = with.filter(|with| !with.is_empty()).map(|with| Edit {
            range: place..place,
            with,
        });
        let pixel = if missing.is_some() {
            Pixel::Added
        } else {
            Pixel::Present
        };
        let mut edits = Vec::new();
        for (index, tag) in markup.tags.iter().enumerate() {
            if tag.range.start >= place {
                edits.extend(missing.take());
            }
            let is_kept = [keepers.image, keepers.link].contains(&Some(index));
            if is_kept && !tag.plain {
                edits.push(rewritten(tag));
            } else if !is_kept && self.is_ours(tag) {
                edits.push(self.without(html, tag, limit));
            }
        }
        edits.extend(missing);
        (edits, pixel)
    }

    /// Takes `tag` out: an image by itself; of a link its whole line, where that is all ours, as in a
    /// draft that was taken back. Elsewhere, as in what is quoted, the link leads nowhere from now on
    /// and its words stay.
    fn without(&self, html: &str, tag: &Tag, limit: usize) -> Edit {
        let (range, with) = match tag.what {
            What::Image => (tag.range.clone(), ""),
            What::Link => match self.line_around(html, tag).filter(|line| line.end <= limit) {
                Some(line) => (line, ""),
                None => (tag.range.clone(), "<a>"),
            },
        };
        Edit {
            range,
            with: with.to_owned(),
        }
    }

    /// Where the line of ours stands that the link `tag` is part of, to the last byte as we write it.
    fn line_around(&self, html: &str, tag: &Tag) -> Option<Range<usize>> {
        let mut starts = html.as_bytes().get(..tag.range.start)?.windows(3);
        let start = starts.rposition(|it| it == b"<p>")?;
        let rest = html.get(start..)?;
        let end = start + self.pixels.line_at(rest, &tag.url)?;
        (end >= tag.range.end).then_some(start..end)
    }

    /// Whether a part carries what is wanted once and nothing else of ours.
    pub(crate) fn is_right(&self, html: &str, wanted: Option<&Insertion>) -> bool {
        let markup = html::read(html);
        let limit = markup.end.unwrap_or(html.len());
        let Keepers { image, link } = Keepers::of(&markup, limit, wanted);
        let is_right = |what: What, keeper: Option<usize>| {
            let ours = markup
                .tags
                .iter()
                .filter(|it| it.what == what && self.is_ours(it));
            let expected = usize::from(wanted.is_some_and(|it| it.url(what).is_some()));
            ours.count() == expected && usize::from(keeper.is_some()) == expected
        };
        is_right(What::Image, image) && is_right(What::Link, link)
    }
}

/// The tag as we write it.
fn rewritten(tag: &Tag) -> Edit {
    Edit {
        range: tag.range.clone(),
        with: match tag.what {
            What::Image => super::pixel::tag(&tag.url),
            What::Link => link_tag(&tag.url),
        },
    }
}
