//! What an email asks of its recipients.

use crate::token::TokenKind;

/// What an email that is tracked asks of its recipients, and by what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// An image tells of opens, and a line says so, where its sender has not turned that off.
    #[default]
    Image,
    /// A line asks for a press. Nothing tells of opens.
    Receipt,
    /// An image tells of opens, and a line says so and asks for a press.
    Both,
    /// A line asks whether later emails may tell of opens. Nothing tells of this one's.
    Consent,
}

impl Mode {
    /// Every mode there is.
    pub const ALL: [Self; 4] = [Self::Image, Self::Receipt, Self::Both, Self::Consent];

    /// Whether an image tells of opens.
    #[must_use]
    pub const fn has_image(self) -> bool {
        matches!(self, Self::Image | Self::Both)
    }

    /// The kind of its recipients' page.
    #[must_use]
    pub const fn page(self) -> TokenKind {
        match self {
            Self::Image | Self::Both => TokenKind::ImagePage,
            Self::Receipt => TokenKind::ReceiptPage,
            Self::Consent => TokenKind::ConsentPage,
        }
    }

    /// A mode whose line leads to a page of this `kind`.
    #[must_use]
    pub const fn of_page(kind: TokenKind) -> Self {
        match kind {
            TokenKind::ReceiptPage => Self::Receipt,
            TokenKind::ConsentPage => Self::Consent,
            // One that always has a line.
            _ => Self::Both,
        }
    }

    /// The name by which stores and pages know it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Receipt => "receipt",
            Self::Both => "both",
            Self::Consent => "consent",
        }
    }

    /// The mode with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_back_to_its_mode() {
        for mode in Mode::ALL {
            assert_eq!(Mode::from_name(mode.name()), Some(mode));
        }
        assert_eq!(Mode::from_name("images"), None);
    }
}
