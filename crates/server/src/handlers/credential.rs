//! The bearer token of an account.

use crate::app::App;
use crate::http::error::Error;
use crate::store::{AccountRow, CredentialHash};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use kaifu_core::api_token::ApiToken;
use kaifu_core::id::AccountId;
use sha2::{Digest as _, Sha256};
use std::convert::Infallible;

/// A new bearer token's secret and what is stored of it.
///
/// It has 256 random bits, so a plain hash keeps it as safe as a slow one would, and a comparison of
/// hashes tells an attacker nothing by its time.
pub(crate) fn create() -> Result<([u8; 32], CredentialHash), getrandom::Error> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)?;
    Ok((secret, hash(&secret)))
}

/// The bearer token of a request: the account that it names, and its secret as it is stored.
///
/// A long poll keeps this and not the headers, which would hold on to the buffer they came in.
pub(crate) struct Credential(Option<(AccountId, CredentialHash)>);

impl<S: Sync> FromRequestParts<S> for Credential {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let token = bearer(&parts.headers).and_then(|text| text.parse::<ApiToken>().ok());
        Ok(Self(
            token.map(|token| (token.account, hash(&token.secret))),
        ))
    }
}

impl Credential {
    /// The account that it belongs to.
    pub(crate) async fn account(self, app: &App) -> Result<AccountRow, Error> {
        let (account, hash) = self.0.ok_or(Error::Unauthorized)?;
        app.store
            .account_with(account, hash)
            .await?
            .ok_or(Error::Unauthorized)
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn hash(secret: &[u8; 32]) -> CredentialHash {
    CredentialHash(Sha256::digest(secret).into())
}
