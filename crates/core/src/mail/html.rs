//! Finds the images, the links, the signature and the quoted conversation in an email's HTML.
//!
//! It follows the tokenizer of the HTML standard (<https://html.spec.whatwg.org/#tokenization>) as
//! far as telling tags from comments, raw text and attribute values needs it, and builds no tree.

use std::borrow::Cow;
use std::ops::Range;

/// An `img` tag.
pub(crate) struct Image {
    /// Where the tag stands.
    pub(crate) range: Range<usize>,
    /// Its `src`, with character references resolved and outer white space dropped.
    pub(crate) src: String,
    /// Whether it is as we write it: `width`, `height` and `alt` as in our tag, and nothing else.
    pub(crate) plain: bool,
}

/// An `a` tag with an address.
pub(crate) struct Link {
    /// Where the tag stands, without its text.
    pub(crate) range: Range<usize>,
    /// Its `href`, with character references resolved and outer white space dropped.
    pub(crate) href: String,
    /// Whether it has no other attribute.
    pub(crate) plain: bool,
    /// Where the `div` stands that holds this link and text, where there is one.
    pub(crate) line: Option<Range<usize>>,
}

/// What was found.
#[derive(Default)]
pub(crate) struct Markup {
    /// The images, in order.
    pub(crate) images: Vec<Image>,
    /// The links, in order.
    pub(crate) links: Vec<Link>,
    /// Where the first element of Gmail's signature begins.
    pub(crate) signature: Option<usize>,
    /// Where the first element of Gmail's quoted conversation begins.
    pub(crate) quote: Option<usize>,
    /// Whether what is put in at the end is read as it stands: no tag, comment or raw text is unfinished
    /// there.
    pub(crate) is_finished: bool,
}

/// Elements whose content is text up to their end tag, whatever it looks like.
const RAW_TEXT: [&str; 8] = [
    "style", "script", "textarea", "title", "xmp", "iframe", "noembed", "noframes",
];

/// Reads `html`.
pub(crate) fn read(html: &str) -> Markup {
    let mut reader = Reader {
        html,
        bytes: html.as_bytes(),
        at: 0,
        found: Markup::default(),
        line: Line::None,
    };
    while reader.step().is_some() {}
    reader.found
}

struct Reader<'a> {
    html: &'a str,
    bytes: &'a [u8],
    at: usize,
    found: Markup,
    line: Line,
}

/// How far a `div` is read that may hold nothing but one link and text.
#[derive(Clone, Copy)]
enum Line {
    /// There is none.
    None,
    /// It began here, and nothing but text came since.
    Begun(usize),
    /// Its link has begun.
    Link(usize),
    /// Its link has ended.
    Ended(usize),
}

struct Attribute<'a> {
    name: &'a str,
    value: &'a str,
}

impl<'a> Reader<'a> {
    /// Goes past the next tag or comment; `None` at the end, which an unfinished one runs up to.
    fn step(&mut self) -> Option<()> {
        let Some(start) = self
            .find(self.at, b'<')
            .filter(|at| at + 1 < self.bytes.len())
        else {
            self.found.is_finished = true;
            return None;
        };
        self.at = start + 1;
        match self.peek()? {
            b'!' => self.comment(),
            b'?' => self.past(b'>'),
            b'/' => {
                self.at += 1;
                if self.peek()?.is_ascii_alphabetic() {
                    let name = self.name()?;
                    while self.attribute()?.is_some() {}
                    self.end(name);
                    Some(())
                } else {
                    self.past(b'>')
                }
            }
            byte if byte.is_ascii_alphabetic() => self.element(start),
            _ => Some(()),
        }
    }

    /// An end tag was read.
    fn end(&mut self, name: &str) {
        let named = |expected: &str| name.eq_ignore_ascii_case(expected);
        self.line = match self.line {
            Line::Link(start) if named("a") => Line::Ended(start),
            Line::Ended(start) if named("div") => {
                if let Some(link) = self.found.links.last_mut() {
                    link.line = Some(start..self.at);
                }
                Line::None
            }
            _ => Line::None,
        };
    }

    /// Notes where a quote or a signature begins, by the classes of the element at `start`.
    fn note_classes(&mut self, classes: &str, start: usize) {
        for class in resolve(classes).split_ascii_whitespace() {
            match class {
                "gmail_quote" | "gmail_quote_container" => {
                    self.found.quote.get_or_insert(start);
                }
                "gmail_signature" | "gmail_signature_prefix" => {
                    self.found.signature.get_or_insert(start);
                }
                _ => {}
            }
        }
    }

    fn element(&mut self, start: usize) -> Option<()> {
        let name = self.name()?;
        let is = |expected: &str| name.eq_ignore_ascii_case(expected);
        let mut src = None;
        let mut href = None;
        let mut attributes = 0;
        let mut class = None;
        let mut known = 0;
        let mut plain = true;
        while let Some(Attribute { name, value }) = self.attribute()? {
            let named = |expected: &str| name.eq_ignore_ascii_case(expected);
            attributes += 1;
            if named("href") {
                href = href.or(Some(value));
                plain = false;
            } else if named("class") {
                class = class.or(Some(value));
                plain = false;
            } else if named("src") {
                src = src.or(Some(value));
                known |= 1;
            } else if named("width") {
                known |= 2;
                plain &= value == "1";
            } else if named("height") {
                known |= 4;
                plain &= value == "1";
            } else if named("alt") {
                known |= 8;
                plain &= value.is_empty();
            } else {
                plain = false;
            }
        }
        let address = |value: &str| resolve(value).trim_ascii().to_owned();
        let before = std::mem::replace(&mut self.line, Line::None);
        if let (true, Some(src)) = (is("img"), src) {
            self.found.images.push(Image {
                range: start..self.at,
                src: address(src),
                plain: plain && known == 15,
            });
        } else if let (true, Some(href)) = (is("a"), href) {
            self.found.links.push(Link {
                range: start..self.at,
                href: address(href),
                plain: attributes == 1,
                line: None,
            });
            if let Line::Begun(start) = before {
                self.line = Line::Link(start);
            }
        } else if is("div") {
            self.line = Line::Begun(start);
        }
        if let Some(classes) = class {
            self.note_classes(classes, start);
        }
        if name.eq_ignore_ascii_case("plaintext") {
            return None;
        }
        if RAW_TEXT.iter().any(|raw| name.eq_ignore_ascii_case(raw)) {
            return self.raw_text(name);
        }
        Some(())
    }

    /// Goes to the end tag of the raw text element `name`.
    fn raw_text(&mut self, name: &str) -> Option<()> {
        loop {
            let end = self.find(self.at, b'<')?;
            self.at = end + 1;
            let after = end + 2 + name.len();
            let fits = self.bytes.get(end + 1) == Some(&b'/')
                && self
                    .bytes
                    .get(end + 2..after)
                    .is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
                && self
                    .bytes
                    .get(after)
                    .is_some_and(|byte| is_space(*byte) || b"/>".contains(byte));
            if fits {
                self.at = end;
                return Some(());
            }
        }
    }

    fn comment(&mut self) -> Option<()> {
        if self.bytes.get(self.at + 1..self.at + 3) != Some(b"--") {
            return self.past(b'>');
        }
        let text = self.at + 3;
        self.at = text;
        loop {
            self.past(b'>')?;
            let inside = self.bytes.get(text..self.at - 1)?;
            // The dashes that open a comment close it too if a `>` follows at once.
            if inside.is_empty()
                || inside == b"-"
                || inside.ends_with(b"--")
                || inside.ends_with(b"--!")
            {
                return Some(());
            }
        }
    }

    /// The next attribute of the tag, `Some(None)` past its `>`, `None` if the text ends before.
    #[expect(
        clippy::option_option,
        reason = "the tag's end and the text's end are two things"
    )]
    fn attribute(&mut self) -> Option<Option<Attribute<'a>>> {
        self.until(|byte| !is_space(byte) && byte != b'/')?;
        if self.peek()? == b'>' {
            self.at += 1;
            return Some(None);
        }
        let start = self.at;
        // The first character belongs to the name, even if it is a `=`.
        self.at += 1;
        self.until(|byte| is_space(byte) || matches!(byte, b'/' | b'>' | b'='))?;
        let name = self.html.get(start..self.at)?;
        self.until(|byte| !is_space(byte))?;
        let mut value = "";
        if self.peek()? == b'=' {
            self.at += 1;
            self.until(|byte| !is_space(byte))?;
            value = self.value()?;
        }
        Some(Some(Attribute { name, value }))
    }

    fn value(&mut self) -> Option<&'a str> {
        let quote = self.peek()?;
        if matches!(quote, b'"' | b'\'') {
            let start = self.at + 1;
            let end = self.find(start, quote)?;
            self.at = end + 1;
            return self.html.get(start..end);
        }
        let start = self.at;
        self.until(|byte| is_space(byte) || byte == b'>')?;
        self.html.get(start..self.at)
    }

    fn name(&mut self) -> Option<&'a str> {
        let start = self.at;
        self.until(|byte| is_space(byte) || matches!(byte, b'/' | b'>'))?;
        self.html.get(start..self.at)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn find(&self, from: usize, byte: u8) -> Option<usize> {
        let found = self
            .bytes
            .get(from..)?
            .iter()
            .position(|other| *other == byte)?;
        Some(from + found)
    }

    /// Goes to the next byte that `ends` is true of.
    fn until(&mut self, ends: impl Fn(u8) -> bool) -> Option<()> {
        let rest = self.bytes.get(self.at..)?;
        self.at += rest.iter().position(|byte| ends(*byte))?;
        Some(())
    }

    fn past(&mut self, byte: u8) -> Option<()> {
        self.at = self.find(self.at, byte)? + 1;
        Some(())
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c')
}

/// Resolves the character references that can stand in an address. All others stay: no address of
/// ours has a character that needs them.
fn resolve(value: &str) -> Cow<'_, str> {
    // To look for a character brings the search for texts along, which is a kilobyte of each Gmail tab.
    if !value.as_bytes().contains(&b'&') {
        return Cow::Borrowed(value);
    }
    let mut text = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('&') {
        text.push_str(before);
        if let Some((character, length)) = reference(after) {
            text.push(character);
            rest = after.get(length..).unwrap_or_default();
        } else {
            text.push('&');
            rest = after;
        }
    }
    text.push_str(rest);
    Cow::Owned(text)
}

const NAMED: [(&str, char); 13] = [
    ("amp;", '&'),
    ("AMP;", '&'),
    ("lt;", '<'),
    ("gt;", '>'),
    ("quot;", '"'),
    ("apos;", '\''),
    ("colon;", ':'),
    ("sol;", '/'),
    ("num;", '#'),
    ("period;", '.'),
    ("equals;", '='),
    ("lowbar;", '_'),
    ("percnt;", '%'),
];

/// The character that the text after a `&` names, and how long its name is.
fn reference(text: &str) -> Option<(char, usize)> {
    let Some(number) = text.strip_prefix('#') else {
        return NAMED
            .iter()
            .find(|(name, _)| text.starts_with(name))
            .map(|(name, character)| (*character, name.len()));
    };
    let (radix, digits) = match number.strip_prefix(['x', 'X']) {
        Some(digits) => (16, digits),
        None => (10, number),
    };
    let length = digits
        .bytes()
        .take_while(|byte| char::from(*byte).is_digit(radix))
        .count();
    let code = u32::from_str_radix(digits.get(..length)?, radix).ok()?;
    let semicolon = usize::from(digits.get(length..)?.starts_with(';'));
    Some((
        char::from_u32(code)?,
        text.len() - digits.len() + length + semicolon,
    ))
}

#[cfg(test)]
mod tests;
