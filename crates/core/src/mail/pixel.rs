//! The tracking image: its address, and how to know one's own again, raw or behind Gmail's proxy.

use super::line::escape;
use crate::id::{AccountId, AccountKey, MessageId, decode};
use crate::time::Day;
use crate::token::{ACCOUNT_PREFIX_LEN, Subject, TOKEN_LEN, Token, TokenKind, account_prefix};
use std::fmt::Display;

/// Mints the images of one account on one server, and recognises those of every account that this
/// installation was ever given.
#[derive(Clone, Debug)]
pub struct Pixels {
    prefix: String,
    former: Vec<String>,
    account: AccountId,
    key: AccountKey,
}

impl Pixels {
    /// The images of `account` on `backend`, an address as `BackendUrl` writes it.
    #[must_use]
    pub fn new(backend: impl Display, account: AccountId, key: AccountKey) -> Self {
        Self {
            prefix: own_prefix(backend, account),
            former: Vec::new(),
            account,
            key,
        }
    }

    /// The same, which know the images of other accounts as own, too: `prefixes` are the
    /// [`own_prefix`] of each.
    #[must_use]
    pub fn and_of(mut self, prefixes: impl IntoIterator<Item = String>) -> Self {
        self.former.extend(prefixes);
        self
    }

    /// The address of the image that stands for `message` and records until the end of `until`:
    /// [`last_day`](crate::token::last_day).
    #[must_use]
    pub fn url(&self, message: MessageId, until: Day) -> String {
        let token = self.token(TokenKind::Image, message, until);
        let own_part = token.get(ACCOUNT_PREFIX_LEN..).unwrap_or_default();
        // As in `own_prefix`: without a format, a Gmail tab carries none of the code for them.
        [&self.prefix, own_part, ".gif"].concat()
    }

    /// The address of the page of this `kind` that stands for `message` and records until the end of
    /// `until`.
    #[must_use]
    pub fn page(&self, kind: TokenKind, message: MessageId, until: Day) -> String {
        let (server, _) = of_prefix(&self.prefix);
        let token = self.token(kind, message, until);
        [server, PAGES, &token].concat()
    }

    /// Whether `src` is an own image: its plain address, or the address of Gmail's image proxy that
    /// carries it as the fragment
    /// (`https://ci3.googleusercontent.com/meips/…=s0-d-e1-ft#<original>`).
    #[must_use]
    pub fn is_own(&self, src: &str) -> bool {
        self.own_part(src).is_some_and(|(_, rest)| {
            rest.len() == TOKEN_LEN - ACCOUNT_PREFIX_LEN && is_base64url(rest)
        })
    }

    /// Whether `href` leads to an own page: one of an account that this installation was ever given.
    #[must_use]
    pub fn is_own_page(&self, href: &str) -> bool {
        self.page_token(href).is_some()
    }

    /// What the own page that `href` leads to is for, and the message that it stands for, by its address
    /// alone: whoever knows an address of the account can make up another.
    #[must_use]
    pub fn page_of(&self, href: &str) -> Option<(TokenKind, MessageId)> {
        Token::unverified(self.page_token(href)?)
    }

    /// The token of an own page.
    fn page_token<'a>(&self, href: &'a str) -> Option<&'a str> {
        let href = href.split_once('#').map_or(href, |(address, _)| address);
        let of = |prefix: &String| {
            let (server, account) = of_prefix(prefix);
            let token = href.strip_prefix(server)?.strip_prefix(PAGES)?;
            let is_its = token.len() == TOKEN_LEN
                && token.get(KIND_LEN..ACCOUNT_PREFIX_LEN) == Some(account)
                && is_base64url(token);
            is_its.then_some(token)
        };
        of(&self.prefix).or_else(|| self.former.iter().find_map(of))
    }

    /// The message that `src` stands for, where it is an own image, raw or proxied. Every recipient
    /// knows the beginning of an account's addresses, so the tag of the account in use is checked;
    /// the keys of the others are not at hand.
    #[must_use]
    pub fn message_of(&self, src: &str) -> Option<MessageId> {
        let (is_of_former, own_part) = self.own_part(src)?;
        let (message, until) = named_by(own_part)?;
        let own = || self.token(TokenKind::Image, message, until);
        (is_of_former || own().ends_with(own_part)).then_some(message)
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

    /// What stands between the prefix and the ending, and whether the account is another than the one
    /// in use.
    fn own_part<'a>(&self, src: &'a str) -> Option<(bool, &'a str)> {
        let original = match src.split_once('#') {
            Some((proxy, original)) if is_gmail_proxy(proxy) => original,
            Some((address, _)) => address,
            None => src,
        };
        let original = original.strip_suffix(".gif")?;
        if let Some(rest) = original.strip_prefix(&self.prefix) {
            return Some((false, rest));
        }
        let of = |prefix: &String| original.strip_prefix(prefix.as_str());
        Some((true, self.former.iter().find_map(of)?))
    }
}

/// What the path of every recipient's page begins with, behind the server.
const PAGES: &str = "/r/";

/// How many characters at a token's beginning hang on its kind: the kind's byte ends within the second.
const KIND_LEN: usize = 2;

/// The server's address in an [`own_prefix`], and those characters of its tokens that hang on the
/// account alone: 60 of its 64 bits.
fn of_prefix(prefix: &str) -> (&str, &str) {
    let end = prefix.len().saturating_sub(ACCOUNT_PREFIX_LEN);
    let account = prefix.get(end + KIND_LEN..).unwrap_or_default();
    let images = prefix.get(..end).unwrap_or_default();
    (images.strip_suffix("/p/").unwrap_or_default(), account)
}

/// The message and the last day in what stands behind a token's prefix: that is nine whole bytes, so the
/// rest can be read by itself, and ends with the tag.
fn named_by(rest: &str) -> Option<(MessageId, Day)> {
    let bytes: [u8; 18] = decode(rest).ok()?;
    let mut message = [0; 8];
    message.copy_from_slice(&bytes[..8]);
    let until = Day(u16::from_be_bytes([bytes[8], bytes[9]]));
    Some((MessageId(message), until))
}

fn is_base64url(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// What the address of every image of `account` on `backend` starts with.
#[must_use]
pub fn own_prefix(backend: impl Display, account: AccountId) -> String {
    let account = account_prefix(TokenKind::Image, account);
    [&backend.to_string(), "/p/", &account].concat()
}

/// What the address of every recipient's page on `backend` begins with.
#[must_use]
pub fn pages(backend: impl Display) -> String {
    format!("{backend}{PAGES}")
}

/// The characters in each token of `account` that hang on it alone: nobody else's page has them.
#[must_use]
pub fn own_letters(account: AccountId) -> String {
    account_prefix(TokenKind::ImagePage, account).split_off(KIND_LEN)
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
    let mut tag = String::from("<img");
    for (name, value) in attributes(url) {
        for piece in [" ", name, "=\""] {
            tag.push_str(piece);
        }
        escape(&mut tag, value);
        tag.push('"');
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
    fn the_address_of_a_page_verifies_and_is_known_by_every_account_ever_given() {
        let (message, until) = (MessageId([5; 8]), Day(2_615));
        let prefix = own_prefix("https://kaifu.example.org", AccountId([0xf2; 8]));
        let own = pixels(1).and_of([prefix]);
        for kind in TokenKind::ALL.into_iter().filter(|kind| kind.is_page()) {
            let url = own.page(kind, message, until);
            let token = url.strip_prefix("https://kaifu.example.org/r/").unwrap();
            let token = Token::verify(token, &ServerKey([3; 32]), b"").unwrap();
            assert_eq!((token.kind(), token.message()), (kind, message));
            let former = pixels(0xf2).page(kind, message, until);
            for known in [url.clone(), format!("{url}#key"), former.clone()] {
                assert!(own.is_own_page(&known), "{known}");
                assert_eq!(own.page_of(&known), Some((kind, message)), "{known}");
            }
            for other in [
                pixels(3).page(kind, message, until),
                url.replace("/r/", "/p/"),
                format!("{url}A"),
                url.replace("https:", "http:"),
                format!("https://other.example/?u={url}"),
            ] {
                assert!(!own.is_own_page(&other), "{other}");
                assert_eq!(own.page_of(&other), None, "{other}");
            }
            assert!(!pixels(1).is_own_page(&former));
            let [server, own] = [
                pages("https://kaifu.example.org"),
                own_letters(AccountId([1; 8])),
            ];
            assert!(url.starts_with(&server) && url.contains(&own) && !former.contains(&own));
        }
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
