//! A strict JSON reader (RFC 8259) that keeps the place of every value in the text, so that one
//! string can be changed and every other byte stays.

use super::splice::{hex4, unescape};
use std::borrow::Cow;
use std::ops::Range;

/// Longer texts are not read.
const MAX_BYTES: usize = 16 << 20;
/// Texts with more values are not read.
const MAX_VALUES: usize = 1 << 20;
/// Texts with deeper nesting are not read. Gmail's requests go about 15 deep.
const MAX_DEPTH: usize = 128;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Null,
    Bool,
    Number,
    String,
    Array,
    Object,
}

struct Node {
    shape: Shape,
    start: u32,
    end: u32,
    /// The index of the first node that is not inside this one.
    next: u32,
}

/// A text that is one JSON value, with the place of every value in it.
pub(super) struct Document<'a> {
    text: &'a str,
    nodes: Vec<Node>,
}

/// One value of a [`Document`].
#[derive(Clone, Copy)]
pub(super) struct Value<'d, 'a> {
    document: &'d Document<'a>,
    index: u32,
}

impl<'a> Document<'a> {
    /// Reads `text`; `None` unless all of it is JSON within the bounds above.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        if text.len() > MAX_BYTES {
            return None;
        }
        Scanner {
            bytes: text.as_bytes(),
            at: 0,
            nodes: Vec::new(),
            open: Vec::new(),
        }
        .run()
        .map(|nodes| Self { text, nodes })
    }

    /// The whole.
    pub(super) fn root(&self) -> Value<'_, 'a> {
        Value {
            document: self,
            index: 0,
        }
    }
}

impl<'d, 'a> Value<'d, 'a> {
    fn node(self) -> Option<&'d Node> {
        self.document.nodes.get(self.index as usize)
    }

    fn is(self, shape: Shape) -> bool {
        self.node().is_some_and(|node| node.shape == shape)
    }

    /// The elements, if it is an array.
    pub(super) fn items(self) -> Option<impl Iterator<Item = Value<'d, 'a>>> {
        let node = self.node().filter(|node| node.shape == Shape::Array)?;
        let mut index = self.index + 1;
        Some(std::iter::from_fn(move || {
            let item = Value {
                document: self.document,
                index,
            };
            (index < node.next).then(|| {
                index = item.node().map_or(node.next, |node| node.next);
                item
            })
        }))
    }

    /// The element at `place`, if it is an array that has something other than `null` there.
    pub(super) fn get(self, place: usize) -> Option<Self> {
        self.items()?
            .nth(place)
            .filter(|item| !item.is(Shape::Null))
    }

    /// The element at the end of a path of places.
    pub(super) fn path(self, places: &[usize]) -> Option<Self> {
        places
            .iter()
            .try_fold(self, |value, place| value.get(*place))
    }

    /// Where the inside of a string stands in the text, without the quotes.
    pub(super) fn string_span(self) -> Option<Range<usize>> {
        let node = self.node().filter(|node| node.shape == Shape::String)?;
        Some(node.start as usize + 1..node.end as usize - 1)
    }

    /// A string with its escapes resolved. Half a surrogate pair reads as U+FFFD.
    pub(super) fn string(self) -> Option<Cow<'a, str>> {
        self.document.text.get(self.string_span()?).map(unescape)
    }

    /// A number without fraction or exponent that fits.
    pub(super) fn integer(self) -> Option<i64> {
        let node = self.node().filter(|node| node.shape == Shape::Number)?;
        self.document
            .text
            .get(node.start as usize..node.end as usize)?
            .parse()
            .ok()
    }
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    nodes: Vec<Node>,
    open: Vec<u32>,
}

impl Scanner<'_> {
    fn run(mut self) -> Option<Vec<Node>> {
        loop {
            let opened = self.value()?;
            if opened && self.enter()? {
                continue;
            }
            if !self.leave()? {
                return (self.at == self.bytes.len()).then_some(self.nodes);
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// Reads a scalar, or the opening of an array or object; says whether it was the latter.
    fn value(&mut self) -> Option<bool> {
        self.skip_space();
        let start = self.at;
        let shape = match self.peek()? {
            b'[' => {
                self.at += 1;
                Shape::Array
            }
            b'{' => {
                self.at += 1;
                Shape::Object
            }
            b'"' => {
                self.string()?;
                Shape::String
            }
            b'n' => self.word(b"null", Shape::Null)?,
            b't' => self.word(b"true", Shape::Bool)?,
            b'f' => self.word(b"false", Shape::Bool)?,
            _ => {
                self.number()?;
                Shape::Number
            }
        };
        let index = u32::try_from(self.nodes.len()).ok()?;
        if self.nodes.len() >= MAX_VALUES {
            return None;
        }
        let place = |at: usize| u32::try_from(at).ok();
        self.nodes.push(Node {
            shape,
            start: place(start)?,
            end: place(self.at)?,
            next: index + 1,
        });
        let opened = matches!(shape, Shape::Array | Shape::Object);
        if opened {
            if self.open.len() >= MAX_DEPTH {
                return None;
            }
            self.open.push(index);
        }
        Some(opened)
    }

    /// After an opening bracket: whether a value follows.
    fn enter(&mut self) -> Option<bool> {
        self.skip_space();
        match (self.in_object()?, self.peek()?) {
            (true, b'}') | (false, b']') => Some(false),
            (true, _) => self.key().map(|()| true),
            (false, _) => Some(true),
        }
    }

    /// After a value: closes what ends here, and says whether another value follows.
    fn leave(&mut self) -> Option<bool> {
        loop {
            self.skip_space();
            let Some(index) = self.open.last().copied() else {
                return Some(false);
            };
            let in_object = self.in_object()?;
            match self.peek()? {
                b',' => {
                    self.at += 1;
                    if in_object {
                        self.skip_space();
                        self.key()?;
                    }
                    return Some(true);
                }
                b']' if !in_object => self.close(index)?,
                b'}' if in_object => self.close(index)?,
                _ => return None,
            }
        }
    }

    fn in_object(&self) -> Option<bool> {
        let node = self.nodes.get(*self.open.last()? as usize)?;
        Some(node.shape == Shape::Object)
    }

    fn close(&mut self, index: u32) -> Option<()> {
        self.at += 1;
        self.open.pop();
        let next = u32::try_from(self.nodes.len()).ok()?;
        let end = u32::try_from(self.at).ok()?;
        let node = self.nodes.get_mut(index as usize)?;
        (node.end, node.next) = (end, next);
        Some(())
    }

    fn key(&mut self) -> Option<()> {
        self.string()?;
        self.skip_space();
        self.eat(b':')
    }

    fn word(&mut self, word: &[u8], shape: Shape) -> Option<Shape> {
        let fits = self.bytes.get(self.at..)?.starts_with(word);
        self.at += word.len();
        fits.then_some(shape)
    }

    fn string(&mut self) -> Option<()> {
        self.eat(b'"')?;
        loop {
            let rest = self.bytes.get(self.at..)?;
            let run = rest
                .iter()
                .position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))?;
            self.at += run + 1;
            match rest.get(run)? {
                b'"' => return Some(()),
                b'\\' => self.escape()?,
                _ => return None,
            }
        }
    }

    /// Goes past what follows a backslash.
    fn escape(&mut self) -> Option<()> {
        let escape = self.peek()?;
        self.at += 1;
        match escape {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
            b'u' => {
                hex4(self.bytes, self.at)?;
                self.at += 4;
            }
            _ => return None,
        }
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        let _ = self.eat(b'-');
        if self.eat(b'0').is_none() {
            self.digits()?;
        }
        if self.eat(b'.').is_some() {
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }
}

#[cfg(test)]
mod tests;
