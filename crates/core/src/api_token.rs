//! The token with which an account asks the server for its news.
//!
//! As text it is `kaifu_`, the account in 11 characters, `_`, and a secret of 32 bytes in 43
//! characters, both base64url without padding. The places are fixed, so that a balancer finds the
//! account in it without knowing any key.

use crate::id::{AccountId, MalformedId, decode, encode};
use std::fmt;
use std::str::FromStr;

const SCHEME: &str = "kaifu_";

/// How many characters an account has as text.
const ACCOUNT_LEN: usize = 11;

/// A bearer token. It is never printed by `Debug`; [`Self::reveal`] shows it to its owner.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// The account that it speaks for.
    pub account: AccountId,
    /// What only its owner knows: random. Servers keep a hash of this alone.
    pub secret: [u8; 32],
}

impl ApiToken {
    /// The token as text.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{SCHEME}{}_{}", self.account, encode(&self.secret))
    }
}

impl FromStr for ApiToken {
    type Err = MalformedId;

    fn from_str(text: &str) -> Result<Self, MalformedId> {
        let parts = text.strip_prefix(SCHEME).and_then(|rest| {
            let (account, secret) = rest.split_at_checked(ACCOUNT_LEN)?;
            Some((account, secret.strip_prefix('_')?))
        });
        let (account, secret) = parts.ok_or(MalformedId { bytes: 32 })?;
        Ok(Self {
            account: account.parse()?,
            secret: decode(secret)?,
        })
    }
}

impl fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiToken({}, …)", self.account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_token_survives_its_text(account: [u8; 8], secret: [u8; 32]) {
            let token = ApiToken { account: AccountId(account), secret };
            let text = token.reveal();
            prop_assert_eq!(text.len(), 61);
            prop_assert_eq!(&text[6..17], token.account.to_string());
            prop_assert_eq!(text.parse(), Ok(token));
        }

        #[test]
        fn no_text_panics(text in "(kaifu_)?.{0,60}") {
            let _ = text.parse::<ApiToken>();
        }
    }

    #[test]
    fn the_form_stays_as_published() {
        let token = ApiToken {
            account: AccountId([1, 2, 3, 4, 5, 6, 7, 8]),
            secret: [7; 32],
        };
        let text = "kaifu_AQIDBAUGBwg_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";
        assert_eq!(token.reveal(), text);
        assert_eq!(format!("{token:?}"), "ApiToken(AQIDBAUGBwg, …)");
        for wrong in [
            "",
            "kaifu_",
            &text[1..],
            &text[..60],
            &text.replace("g_B", "gB"),
            &format!("{text}A"),
            &text.replace("kaifu", "Kaifu"),
            // The form of the first versions, without an account.
            "kaifu_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc",
        ] {
            assert!(wrong.parse::<ApiToken>().is_err(), "{wrong}");
        }
    }
}
