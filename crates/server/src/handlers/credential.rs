//! The bearer token of an account.

use crate::app::App;
use crate::http::error::Error;
use crate::store::{AccountRow, CredentialHash};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use std::convert::Infallible;

/// A new bearer token and what is stored of it.
///
/// It has 256 random bits, so a plain hash keeps it as safe as a slow one would, and a lookup by
/// that hash tells an attacker nothing by its time.
pub(crate) fn create() -> Result<(String, CredentialHash), getrandom::Error> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)?;
    let token = format!("kaifu_{}", URL_SAFE_NO_PAD.encode(secret));
    let hash = hash(&token);
    Ok((token, hash))
}

/// The bearer token of a request, as it is stored.
///
/// A long poll keeps this and not the headers, which would hold on to the buffer they came in.
pub(crate) struct Credential(Option<CredentialHash>);

impl<S: Sync> FromRequestParts<S> for Credential {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(bearer(&parts.headers).map(hash)))
    }
}

impl Credential {
    /// The account that it belongs to.
    pub(crate) async fn account(self, app: &App) -> Result<AccountRow, Error> {
        let hash = self.0.ok_or(Error::Unauthorized)?;
        app.store
            .account_with(hash)
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

fn hash(token: &str) -> CredentialHash {
    CredentialHash(Sha256::digest(token).into())
}
