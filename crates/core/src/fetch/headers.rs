//! What the headers beside the user agent tell.
//!
//! Over https, every engine that shows images says by `Sec-Fetch-Dest` what it asks for, and asks for
//! images by an `Accept` that begins with `image/`; HTTP libraries under a browser's name do neither
//! (`crates/networks/tests/captured.jsonl`). Over plain http no browser sends `Sec-Fetch-Dest`.

/// The headers by which a program says that nobody has asked to see the image yet: today's, and
/// what Safari and Firefox used to send (<https://github.com/mautic/developer-documentation-new/pull/550>).
pub const PURPOSE_HEADERS: [&str; 4] = ["sec-purpose", "purpose", "x-purpose", "x-moz"];

/// Whether the value of one of the [`PURPOSE_HEADERS`] announces a load ahead of any view, as
/// `prefetch;prerender` does.
#[must_use]
pub fn announces_prefetch(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    ["prefetch", "prerender", "preview"]
        .iter()
        .any(|purpose| value.contains(purpose))
}

/// The headers by which a browser says that its user does not want to be tracked, each with the
/// value `1` (<https://www.w3.org/TR/gpc/>, <https://www.w3.org/TR/tracking-dnt/>).
pub const NOT_TO_TRACK_HEADERS: [&str; 2] = ["sec-gpc", "dnt"];

/// What the `Accept` header asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Accept {
    /// It is not known what the header was, or whether there was one.
    #[default]
    NotKnown,
    /// There was none.
    Missing,
    /// An image, before all else.
    Image,
    /// A page, as no program asks for an image.
    Page,
    /// Anything, or something else.
    Other,
}

impl Accept {
    /// What a header's value asks for; `None` where there was none.
    #[must_use]
    pub fn of(value: Option<&[u8]>) -> Self {
        let begins = |start: &[u8]| {
            let given = value.and_then(|value| value.get(..start.len()));
            given.is_some_and(|given| given.eq_ignore_ascii_case(start))
        };
        match value {
            None => Self::Missing,
            Some(_) if begins(b"image/") => Self::Image,
            Some(_) if begins(b"text/html") => Self::Page,
            Some(_) => Self::Other,
        }
    }
}

/// What the `Sec-Fetch-Dest` header says that the answer is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Destination {
    /// It is not known what the header was, or the request came by plain http, where browsers send
    /// none.
    #[default]
    NotKnown,
    /// There was none.
    Missing,
    /// An image inside a page or message.
    Image,
    /// A page of its own.
    Document,
    /// Something else, such as a script's own request.
    Other,
}

impl Destination {
    /// What a header's value says, for a request by https; `None` where there was none.
    #[must_use]
    pub fn of(value: Option<&[u8]>) -> Self {
        match value {
            None => Self::Missing,
            Some(b"image") => Self::Image,
            Some(b"document") => Self::Document,
            Some(_) => Self::Other,
        }
    }
}

/// What the two headers say of the program, for an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Evidence {
    /// Nothing.
    None,
    /// It asks as an engine does that shows an image in a message.
    Engine,
    /// It asks for a page of its own.
    Page,
    /// It asks as no engine does.
    NoEngine,
}

/// What the headers of a request for an image say.
pub(super) const fn of_image(accept: Accept, destination: Destination) -> Evidence {
    match (destination, accept) {
        (Destination::Document, _) | (_, Accept::Page) => Evidence::Page,
        (Destination::NotKnown, _) => Evidence::None,
        (Destination::Image, _) | (Destination::Missing, Accept::Image) => Evidence::Engine,
        (Destination::Missing | Destination::Other, _) => Evidence::NoEngine,
    }
}

/// What the headers of a request for a link say, of an engine that `tells` what it asks for or not.
pub(super) const fn of_link(accept: Accept, destination: Destination, tells: bool) -> Evidence {
    match (destination, accept) {
        (Destination::NotKnown, _) => Evidence::None,
        (Destination::Document, _) => Evidence::Engine,
        (Destination::Missing, Accept::Page) if !tells => Evidence::None,
        _ => Evidence::NoEngine,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read() {
        for (value, expected) in [
            (None, Accept::Missing),
            (Some("image/avif,image/webp,*/*;q=0.8"), Accept::Image),
            (Some("text/html,application/xhtml+xml"), Accept::Page),
            (Some("Text/HTML"), Accept::Page),
            (Some("*/*"), Accept::Other),
            (Some(""), Accept::Other),
        ] {
            assert_eq!(Accept::of(value.map(str::as_bytes)), expected, "{value:?}");
        }
        for (value, expected) in [
            (None, Destination::Missing),
            (Some("image"), Destination::Image),
            (Some("document"), Destination::Document),
            (Some("empty"), Destination::Other),
        ] {
            assert_eq!(
                Destination::of(value.map(str::as_bytes)),
                expected,
                "{value:?}"
            );
        }
    }

    #[test]
    fn a_load_ahead_of_any_view_is_known_by_its_header() {
        for (value, expected) in [
            ("prefetch", true),
            ("Prefetch;Prerender", true),
            ("prerender", true),
            ("preview", true),
            ("", false),
            ("navigate", false),
        ] {
            assert_eq!(announces_prefetch(value), expected, "{value}");
        }
    }
}
