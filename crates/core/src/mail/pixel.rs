//! The tracking image and the recipient's page: their addresses, and how to know one's own again, raw
//! or behind Gmail's proxy.

use super::line::{Line, Words, escape_attribute};
use crate::id::{AccountId, AccountKey, MessageId, decode};
use crate::seal::SealKey;
use crate::time::Day;
use crate::token::{ACCOUNT_PREFIX_LEN, Subject, TOKEN_LEN, Token, TokenKind, account_prefix};
use std::fmt::Display;

/// Mints the images and pages of one account on one server, and recognises those of every account that
/// this installation was ever given.
#[derive(Clone, Debug)]
pub struct Pixels {
    prefix: String,
    former: Vec<String>,
    account: AccountId,
    key: AccountKey,
    seal_key: Option<SealKey>,
    words: Vec<Words>,
}

/// Where an own address leads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Image,
    Page,
}

impl Place {
    const fn path(self) -> &'static str {
        match self {
            Self::Image => "/p/",
            Self::Page => "/r/",
        }
    }
}

/// How many bytes of the beginning of an image's address stand behind the server's.
const PATH_LEN: usize = "/p/".len() + ACCOUNT_PREFIX_LEN;

/// From where on a token's characters are the same for every kind: the first two tell the kind.
const ACCOUNT_AT: usize = 2;

impl Pixels {
    /// The images of `account` on `backend`, an address as `BackendUrl` writes it.
    #[must_use]
    pub fn new(backend: impl Display, account: AccountId, key: AccountKey) -> Self {
        Self {
            prefix: own_prefix(backend, account),
            former: Vec::new(),
            account,
            key,
            seal_key: None,
            words: Vec::new(),
        }
    }

    /// The same, which know the images of other accounts as own, too: `prefixes` are the
    /// [`own_prefix`] of each.
    #[must_use]
    pub fn and_of(mut self, prefixes: impl IntoIterator<Item = String>) -> Self {
        self.former.extend(prefixes);
        self
    }

    /// The same, which can put a line into an email: `words` are those of every language, the
    /// interface's first.
    #[must_use]
    pub fn with_lines(mut self, seal_key: SealKey, words: Vec<Words>) -> Self {
        self.seal_key = Some(seal_key);
        self.words = words;
        self
    }

    /// How long the line to `url` is that `html` begins with; `None` where it begins with none.
    #[must_use]
    pub fn line_at(&self, html: &str, url: &str) -> Option<usize> {
        self.words.iter().find_map(|words| {
            let line = Line {
                words: words.text.clone(),
                url: url.to_owned(),
            }
            .html();
            html.starts_with(&line).then_some(line.len())
        })
    }

    /// The words of every language, the interface's first.
    pub(crate) fn words(&self) -> &[Words] {
        &self.words
    }

    /// The address of the image that stands for `message` and records until the end of `until`:
    /// [`last_day`](crate::token::last_day).
    #[must_use]
    pub fn url(&self, message: MessageId, until: Day) -> String {
        let token = self.token(TokenKind::Image, message, until);
        let own_part = token.get(ACCOUNT_PREFIX_LEN..).unwrap_or_default();
        format!("{}{own_part}.gif", self.prefix)
    }

    /// The address of the recipient's page of `message`, with the key of its names behind `#`; `None`
    /// where no line can be put in.
    #[must_use]
    pub fn page_url(&self, kind: TokenKind, message: MessageId, until: Day) -> Option<String> {
        let backend = backend(&self.prefix)?;
        let token = self.token(kind, message, until);
        let names = self.seal_key.as_ref()?.of_message(message).fragment();
        Some([backend, Place::Page.path(), &token, "#", &names].concat())
    }

    /// Whether `src` is an own image: its plain address, or the address of Gmail's image proxy that
    /// carries it as the fragment
    /// (`https://ci3.googleusercontent.com/meips/…=s0-d-e1-ft#<original>`).
    #[must_use]
    pub fn is_own(&self, src: &str) -> bool {
        matches!(self.own_token(src), Some((Place::Image, ..)))
    }

    /// Whether `href` is the recipient's page of an own message, with or without what is behind `#`.
    #[must_use]
    pub fn is_own_page(&self, href: &str) -> bool {
        matches!(self.own_token(href), Some((Place::Page, ..)))
    }

    /// The message that `url` stands for, where it is an own image, raw or proxied, or an own page.
    /// Every recipient knows the beginning of an account's addresses, so the tag of the account in use
    /// is checked; the keys of the others are not at hand.
    #[must_use]
    pub fn message_of(&self, url: &str) -> Option<MessageId> {
        let (place, is_of_former, token) = self.own_token(url)?;
        let bytes: [u8; 27] = decode(token).ok()?;
        let mut message = [0; 8];
        message.copy_from_slice(&bytes[9..17]);
        let message = MessageId(message);
        let until = Day(u16::from_be_bytes([bytes[17], bytes[18]]));
        let kind =
            TokenKind::of_byte(bytes[0]).filter(|kind| kind.is_page() == (place == Place::Page))?;
        (is_of_former || self.token(kind, message, until) == token).then_some(message)
    }

    fn token(&self, kind: TokenKind, message: MessageId, until: Day) -> String {
        let subject = Subject {
            kind,
            account: self.account,
            message,
            until,
        };
        Token::mint(subject, &self.key, b"").to_string()
    }

    /// Where an own address leads, whether its account is another than the one in use, and its token.
    fn own_token<'a>(&self, url: &'a str) -> Option<(Place, bool, &'a str)> {
        let original = match url.split_once('#') {
            Some((proxy, original)) if is_gmail_proxy(proxy) => original,
            Some((address, _)) => address,
            None => url,
        };
        let (place, rest) = match original.strip_suffix(".gif") {
            Some(rest) => (Place::Image, rest),
            None => (Place::Page, original),
        };
        let former = self.former.iter().map(|prefix| (true, prefix));
        std::iter::once((false, &self.prefix))
            .chain(former)
            .find_map(|(is_of_former, prefix)| {
                let rest = rest.strip_prefix(backend(prefix)?)?;
                let token = rest.strip_prefix(place.path())?;
                let is_its = token.get(ACCOUNT_AT..ACCOUNT_PREFIX_LEN)
                    == prefix.get(prefix.len() - ACCOUNT_PREFIX_LEN + ACCOUNT_AT..);
                let is_token = token.len() == TOKEN_LEN
                    && token
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
                (is_its && is_token).then_some((place, is_of_former, token))
            })
    }
}

/// The server's address in what an image's address begins with.
fn backend(prefix: &str) -> Option<&str> {
    prefix.get(..prefix.len().checked_sub(PATH_LEN)?)
}

/// What the address of every image of `account` on `backend` starts with.
#[must_use]
pub fn own_prefix(backend: impl Display, account: AccountId) -> String {
    format!("{backend}/p/{}", account_prefix(TokenKind::Image, account))
}

/// The attributes of the tag that loads the image at `url`: no class, id or data attribute, as Gmail
/// does not keep them, and not hidden, as some mail programs do not load what is.
#[must_use]
pub const fn attributes(url: &str) -> [(&'static str, &str); 4] {
    [("src", url), ("width", "1"), ("height", "1"), ("alt", "")]
}

/// The tag that loads the image at `url`.
#[must_use]
pub fn tag(url: &str) -> String {
    let url = escape_attribute(url);
    let mut tag = String::from("<img");
    for (name, value) in attributes(&url) {
        for piece in [" ", name, "=\"", value, "\""] {
            tag.push_str(piece);
        }
    }
    tag.push('>');
    tag
}

fn is_gmail_proxy(address: &str) -> bool {
    let address = ["https://", "http://", "//"]
        .iter()
        .find_map(|scheme| address.strip_prefix(scheme));
    address
        .and_then(|address| address.split_once('/'))
        .is_some_and(|(host, _)| host.ends_with(".googleusercontent.com"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ServerKey;

    fn pixels(account: u8) -> Pixels {
        let account = AccountId([account; 8]);
        let key = ServerKey([3; 32]).account_key(account);
        Pixels::new("https://kaifu.example.org", account, key)
    }

    #[test]
    fn the_address_carries_a_token_that_verifies() {
        let url = pixels(1).url(MessageId([5; 8]), Day(2_615));
        let token = url
            .strip_prefix("https://kaifu.example.org/p/")
            .and_then(|rest| rest.strip_suffix(".gif"))
            .unwrap();
        let token = Token::verify(token, &ServerKey([3; 32]), b"").unwrap();
        assert_eq!(
            (token.kind(), token.message()),
            (TokenKind::Image, MessageId([5; 8]))
        );
    }

    #[test]
    fn the_tag_has_what_mail_programs_need_and_no_more() {
        assert_eq!(
            tag("https://kaifu.example.org/p/a.gif"),
            r#"<img src="https://kaifu.example.org/p/a.gif" width="1" height="1" alt="">"#
        );
        assert!(tag("https://a.example/?a&\"").contains("?a&amp;&quot;\""));
    }

    #[test]
    fn a_page_is_known_with_and_without_its_key_and_no_image() {
        let pixels = pixels(1);
        assert_eq!(
            pixels.page_url(TokenKind::ImagePage, MessageId([5; 8]), Day(1)),
            None
        );
        let prefix = own_prefix("https://kaifu.example.org", AccountId([2; 8]));
        let pixels = pixels.and_of([prefix, "/p/short".to_owned(), String::new()]);
        let pixels = pixels.with_lines(SealKey([7; 32]), Vec::new());
        let former = self::pixels(2).with_lines(SealKey([7; 32]), Vec::new());
        let stranger = self::pixels(3).with_lines(SealKey([7; 32]), Vec::new());
        for kind in [
            TokenKind::ImagePage,
            TokenKind::ReceiptPage,
            TokenKind::ConsentPage,
        ] {
            let url = |pixels: &Pixels| {
                pixels
                    .page_url(kind, MessageId([5; 8]), Day(2_615))
                    .unwrap()
            };
            let own = url(&pixels);
            let (address, names) = own.split_once('#').unwrap();
            assert_eq!(
                names,
                SealKey([7; 32]).of_message(MessageId([5; 8])).fragment()
            );
            let token = address
                .strip_prefix("https://kaifu.example.org/r/")
                .unwrap();
            let token = Token::verify(token, &ServerKey([3; 32]), b"").unwrap();
            assert_eq!((token.kind(), token.until()), (kind, Day(2_615)));
            for known in [&own, address, &url(&former)] {
                assert!(
                    pixels.is_own_page(known) && !pixels.is_own(known),
                    "{known}"
                );
                assert_eq!(pixels.message_of(known), Some(MessageId([5; 8])), "{known}");
            }
            let cut = &address[..address.len() - 1];
            for other in [
                url(&stranger),
                cut.to_owned(),
                format!("{address}A"),
                format!("{address}.gif"),
                address.replace("/r/", "/p/"),
                address.replace("/r/", "/l/"),
                address.replace("https:", "http:"),
                format!("https://other.example/?{address}"),
            ] {
                assert!(!pixels.is_own_page(&other), "{other}");
                assert_eq!(pixels.message_of(&other), None, "{other}");
            }
            // One that a stranger made up for this account.
            let made_up = format!("{cut}{}", if address.ends_with('A') { 'B' } else { 'A' });
            assert!(pixels.is_own_page(&made_up));
            assert_eq!(pixels.message_of(&made_up), None);
        }
    }

    #[test]
    fn images_of_every_account_ever_given_are_own() {
        let former = pixels(2).url(MessageId([5; 8]), Day(2_615));
        let prefix = own_prefix("https://kaifu.example.org", AccountId([2; 8]));
        let pixels = pixels(1).and_of([prefix]);
        assert!(pixels.is_own(&former));
        assert_eq!(pixels.message_of(&former), Some(MessageId([5; 8])));
        let own = pixels.url(MessageId([6; 8]), Day(2_615));
        assert_eq!(pixels.message_of(&own), Some(MessageId([6; 8])));
    }

    #[test]
    fn an_image_that_a_stranger_made_up_stands_for_no_message() {
        let pixels = pixels(1);
        let own = pixels.url(MessageId([5; 8]), Day(2_615));
        let prefix = own_prefix("https://kaifu.example.org", AccountId([1; 8]));
        for made_up in [
            format!("{prefix}{}.gif", "A".repeat(24)),
            own.replace(&own[own.len() - 8..], "AAAA.gif"),
        ] {
            assert!(pixels.is_own(&made_up), "taken out all the same: {made_up}");
            assert_eq!(pixels.message_of(&made_up), None, "{made_up}");
        }
    }

    #[test]
    fn own_images_are_known_raw_and_proxied_and_no_others() {
        let own = pixels(1).url(MessageId([5; 8]), Day(2_615));
        let foreign = pixels(2).url(MessageId([5; 8]), Day(2_615));
        let proxied =
            |url: &str| format!("https://ci3.googleusercontent.com/meips/ADKq=s0-d-e1-ft#{url}");
        for (src, expected) in [
            (own.clone(), true),
            (proxied(&own), true),
            (proxied(&own).replace("meips", "proxy"), true),
            (format!("{own}#top"), true),
            (format!("https://other.example/a.png#{own}"), false),
            (foreign.clone(), false),
            (proxied(&foreign), false),
            (own.replace(".gif", ".png"), false),
            (own.replace(".gif", "A.gif"), false),
            (own.replace("https:", "http:"), false),
            (format!("https://other.example/?u={own}"), false),
            (String::new(), false),
        ] {
            assert_eq!(pixels(1).is_own(&src), expected, "{src}");
            let message = expected.then_some(MessageId([5; 8]));
            assert_eq!(pixels(1).message_of(&src), message, "{src}");
        }
    }
}
