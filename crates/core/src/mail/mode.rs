//! What an email asks of its recipients: to be told of opens, to press a button, or to be asked first.

use crate::token::TokenKind;

/// How one email is tracked. No line claims less than what the email does: what puts in an image
/// without a line is a mode of its own, which the sender has to choose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Opens are noticed by an image, and a line says so, with a link to the recipient's page.
    #[default]
    Notice,
    /// The same without the line.
    Image,
    /// A line asks for a press, and nothing is loaded.
    Receipt,
    /// A line says that opens are noticed, and asks for a press.
    Both,
    /// A line asks whether later emails may be tracked, and nothing is loaded.
    Consent,
}

impl Mode {
    /// Every mode there is.
    pub const ALL: [Self; 5] = [
        Self::Notice,
        Self::Image,
        Self::Receipt,
        Self::Both,
        Self::Consent,
    ];

    /// Whether the email carries an image.
    #[must_use]
    pub const fn has_image(self) -> bool {
        matches!(self, Self::Notice | Self::Image | Self::Both)
    }

    /// Which page its line links to; `None` where it has no line.
    #[must_use]
    pub const fn page(self) -> Option<TokenKind> {
        match self {
            Self::Notice | Self::Both => Some(TokenKind::ImagePage),
            Self::Image => None,
            Self::Receipt => Some(TokenKind::ReceiptPage),
            Self::Consent => Some(TokenKind::ConsentPage),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_what_its_email_does() {
        for mode in Mode::ALL {
            let says_image = mode.page() == Some(TokenKind::ImagePage);
            assert!(mode.page().is_none_or(TokenKind::is_page), "{mode:?}");
            assert_eq!(
                mode.has_image(),
                says_image || mode == Mode::Image,
                "{mode:?}"
            );
            // What an email is tracked by, it has.
            assert!(mode.has_image() || mode.page().is_some(), "{mode:?}");
        }
    }
}
