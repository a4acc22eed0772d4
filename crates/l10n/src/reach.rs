//! Who can load images from the server.

use kaifu_protocol::pages::Reach;

/// The key of the text that says what keeps recipients from loading images; `None` where nothing does.
#[must_use]
pub const fn key(reach: Reach) -> Option<&'static str> {
    match reach {
        Reach::Public => None,
        Reach::Insecure => Some("reach_insecure"),
        Reach::Private => Some("reach_private"),
    }
}
