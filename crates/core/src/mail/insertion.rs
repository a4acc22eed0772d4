//! What an email is given when it leaves, and putting that into its HTML.

use super::edit::Edit;
use super::html::{self, Markup};
use super::line;
use super::mode::Mode;
use super::pixel::{Pixels, tag};
use crate::id::{MessageId, SealKey};
use crate::time::Day;
use std::ops::Range;

/// What an email is given. Whatever puts it in, the editor in the page or the request on its way,
/// reads here what that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insertion {
    /// The address of its image, where one tells of opens.
    pub image: Option<String>,
    /// Its line, where it has one.
    pub line: Option<Line>,
}

/// The line of one email.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it says: see [`line::parts`].
    pub sentence: String,
    /// The address that its link leads to.
    pub link: String,
}

impl Insertion {
    /// Its HTML: the line, and the image behind it.
    #[must_use]
    pub fn html(&self) -> String {
        html_of(self.line.as_ref(), self.image.as_ref())
    }

    /// What the email that is `message`, and is tracked to the end of the day `until`, is given in `mode`. With a
    /// `sentence` it has a line, whose link has the key of its names where there is a `seal_key`. A mode
    /// that asks for something has a line in any case: where there are no words, the link alone.
    #[must_use]
    pub fn new(
        pixels: &Pixels,
        seal_key: Option<&SealKey>,
        message: MessageId,
        until: Day,
        mode: Mode,
        sentence: Option<&str>,
    ) -> Self {
        let needs_line = mode != Mode::Image;
        let line = |sentence: &str| {
            let mut link = pixels.page(mode.page(), message, until);
            if let Some(key) = seal_key {
                link.push('#');
                link.push_str(&key.of_message(message).fragment());
            }
            let words = if sentence.is_empty() { &link } else { sentence };
            Line {
                sentence: words.to_owned(),
                link,
            }
        };
        let sentence = sentence.or(needs_line.then_some(""));
        Self {
            image: mode.has_image().then(|| pixels.url(message, until)),
            line: sentence.map(line),
        }
    }
}

fn html_of(line: Option<&Line>, image: Option<&String>) -> String {
    let mut html = line.map_or_else(String::new, |it| line::element(&it.sentence, &it.link));
    html.push_str(&image.map_or_else(String::new, |image| tag(image)));
    html
}

/// How many bytes of an email Gmail shows at once: it cuts off what is behind 102 kB, and loads no
/// image there until its reader asks for the rest. This keeps some distance, as Gmail counts its own
/// changes to the email, too.
pub const SHOWN_BYTES: usize = 90_000;

/// More than all that is put in has, whatever the server and the words.
const MAX_ADDED_BYTES: usize = 5_000;

/// Where what is put in goes in an email's typed part: at its end, or at its beginning where the end is
/// behind Gmail's cut. `end` is how many bytes of HTML stand before the end.
#[must_use]
pub const fn place(end: usize) -> usize {
    if end > SHOWN_BYTES { 0 } else { end }
}

/// Whether a message carries what it is to be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pixel {
    /// Nothing is.
    Unwanted,
    /// It came with all of it.
    Present,
    /// Some of it did not come with it, and does now.
    Added,
    /// Some of it is missing and cannot be added: the email leaves untracked.
    Missing,
}

/// Puts right the parts of one email.
pub(crate) struct PartEditor<'a> {
    /// Knows the images and pages of this account.
    pub(crate) pixels: &'a Pixels,
    /// What the email is given, in whichever of its parts.
    pub(crate) insertion: Option<&'a Insertion>,
}

/// What a part has of what is wanted, by its place among its own kind.
#[derive(Clone, Copy, Default)]
struct Found {
    image: Option<usize>,
    link: Option<usize>,
}

impl PartEditor<'_> {
    fn image(&self) -> Option<&str> {
        self.insertion?.image.as_deref()
    }

    fn link(&self) -> Option<&str> {
        Some(&self.insertion?.line.as_ref()?.link)
    }

    fn is_our_image(&self, src: &str) -> bool {
        self.image() == Some(src) || self.pixels.is_own(src)
    }

    fn is_our_link(&self, href: &str) -> bool {
        self.link() == Some(href) || self.pixels.is_own_page(href)
    }

    /// What is there already of what is wanted: the last of the wanted address that stands before the
    /// quote, and before Gmail's cut.
    fn found(&self, markup: &Markup, limit: usize) -> Found {
        let limit = limit.min(SHOWN_BYTES + MAX_ADDED_BYTES);
        Found {
            image: self.image().and_then(|wanted| {
                let mut all = markup.images.iter();
                all.rposition(|image| image.src == wanted && image.range.end <= limit)
            }),
            link: self.link().and_then(|wanted| {
                let mut all = markup.links.iter();
                all.rposition(|link| link.href == wanted && link.range.end <= limit)
            }),
        }
    }

    /// Where the typed part ends: before the signature and the quote, and before an older line of ours that
    /// one of them begins in, as that line goes.
    fn end(&self, markup: &Markup, limit: usize) -> usize {
        let end = markup.signature.unwrap_or(limit).min(limit);
        let ours = (markup.links.iter()).filter(|link| self.is_our_link(&link.href));
        let mut lines = ours.filter_map(|link| link.line.clone());
        let around = lines.find(|line| line.contains(&end));
        around.map_or(end, |line| line.start)
    }

    /// What to change in a part, so that it carries what is put in once where that `is_wanted` here, and
    /// nothing else of ours; and whether it carried it before, where it is wanted.
    ///
    /// An older image goes, and so does an older line in what was typed. One in a quoted email loses its
    /// link and keeps its words, as those are that email's.
    pub(crate) fn edits(&self, html: &str, is_wanted: bool) -> (Vec<Edit>, Pixel) {
        let markup = html::read(html);
        let limit = markup.quote.unwrap_or(html.len());
        let mut found = Found::default();
        let mut edits: Vec<Edit> = Vec::new();
        // In their order, what is put in at a place before what is changed from there on. A few are put in
        // their places one by one, as sorting weighs two kilobytes in each Gmail tab.
        let mut edit = |range: Range<usize>, with: String| {
            let is_before = |other: &Edit| other.range.start <= range.start;
            let place = edits.iter().rposition(is_before).map_or(0, |it| it + 1);
            edits.insert(place, Edit { range, with });
        };
        let mut pixel = Pixel::Unwanted;
        if let Some(insertion) = self.insertion.filter(|_| is_wanted) {
            found = self.found(&markup, limit);
            let line = insertion.line.as_ref().filter(|_| found.link.is_none());
            let image = insertion.image.as_ref().filter(|_| found.image.is_none());
            let missing = html_of(line, image);
            pixel = Pixel::Present;
            if !missing.is_empty() {
                let place = place(self.end(&markup, limit));
                pixel = Pixel::Missing;
                // An unfinished tag, say, would swallow what comes behind it.
                if place < html.len() || markup.is_finished {
                    pixel = Pixel::Added;
                    edit(place..place, missing);
                }
            }
        }
        for (index, image) in markup.images.iter().enumerate() {
            if found.image == Some(index) {
                if !image.plain {
                    edit(image.range.clone(), tag(&image.src));
                }
            } else if self.is_our_image(&image.src) {
                edit(image.range.clone(), String::new());
            }
        }
        for (index, link) in markup.links.iter().enumerate() {
            if found.link == Some(index) {
                if !link.plain {
                    edit(link.range.clone(), line::link_tag(&link.href));
                }
            } else if self.is_our_link(&link.href) {
                match &link.line {
                    Some(line) if line.end <= limit => edit(line.clone(), String::new()),
                    _ => edit(link.range.clone(), DEAD_LINK.to_owned()),
                }
            }
        }
        (edits, pixel)
    }

    /// Whether a part carries what is put in once where that `is_wanted` here, and nothing else of ours.
    pub(crate) fn is_right(&self, html: &str, is_wanted: bool) -> bool {
        let markup = html::read(html);
        let images = (markup.images.iter()).filter(|image| self.is_our_image(&image.src));
        let links = (markup.links.iter()).filter(|link| self.is_our_link(&link.href));
        let (images, links) = (images.count(), links.count());
        if !is_wanted {
            return images == 0 && links == 0;
        }
        let found = self.found(&markup, markup.quote.unwrap_or(html.len()));
        let has = |wanted: Option<&str>, found: Option<usize>, count: usize| {
            found.is_some() == wanted.is_some() && count == usize::from(wanted.is_some())
        };
        has(self.image(), found.image, images) && has(self.link(), found.link, links)
    }
}

/// What becomes of the tag of an older link.
const DEAD_LINK: &str = "<a>";
