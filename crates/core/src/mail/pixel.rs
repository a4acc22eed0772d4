//! The tracking image: its address, and how to know one's own again, raw or behind Gmail's proxy.

use crate::id::{AccountId, AccountKey, MessageId, decode};
use crate::time::Day;
use crate::token::{ACCOUNT_PREFIX_LEN, Subject, TOKEN_LEN, Token, TokenKind, account_prefix};
use std::fmt::Display;

/// Mints and recognises the images of one account on one backend.
#[derive(Clone, Debug)]
pub struct Pixels {
    prefix: String,
    account: AccountId,
    key: AccountKey,
}

impl Pixels {
    /// The images of `account` on `backend`, an address as `BackendUrl` writes it.
    #[must_use]
    pub fn new(backend: impl Display, account: AccountId, key: AccountKey) -> Self {
        Self {
            prefix: own_prefix(backend, account),
            account,
            key,
        }
    }

    /// The address of the image that stands for `message` and records until the end of `until`:
    /// [`last_day`](crate::token::last_day).
    #[must_use]
    pub fn url(&self, message: MessageId, until: Day) -> String {
        let subject = Subject {
            kind: TokenKind::Image,
            account: self.account,
            message,
            until,
        };
        let token = Token::mint(subject, &self.key, b"").to_string();
        let own_part = token.get(ACCOUNT_PREFIX_LEN..).unwrap_or_default();
        format!("{}{own_part}.gif", self.prefix)
    }

    /// Whether `src` is one of this account's images: its plain address, or the address of Gmail's
    /// image proxy that carries it as the fragment
    /// (`https://ci3.googleusercontent.com/meips/…=s0-d-e1-ft#<original>`).
    #[must_use]
    pub fn is_own(&self, src: &str) -> bool {
        self.own_part(src).is_some_and(|rest| {
            rest.len() == TOKEN_LEN - ACCOUNT_PREFIX_LEN
                && rest
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        })
    }

    /// The message that `src` stands for, where it is one of this account's images, raw or proxied.
    /// The tag is not checked: the account's own key made it, or the image will load for nobody.
    #[must_use]
    pub fn message_of(&self, src: &str) -> Option<MessageId> {
        // The prefix is nine whole bytes, so what follows it can be read by itself: message, last day and
        // tag.
        let bytes: [u8; 18] = decode(self.own_part(src)?).ok()?;
        let mut message = [0; 8];
        message.copy_from_slice(&bytes[..8]);
        Some(MessageId(message))
    }

    /// What stands between the prefix and the ending.
    fn own_part<'a>(&self, src: &'a str) -> Option<&'a str> {
        let original = match src.split_once('#') {
            Some((proxy, original)) if is_gmail_proxy(proxy) => original,
            Some((address, _)) => address,
            None => src,
        };
        original.strip_prefix(&self.prefix)?.strip_suffix(".gif")
    }
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
    let url = url.replace('&', "&amp;").replace('"', "&quot;");
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
