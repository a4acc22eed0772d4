//! What a client is told when something is wrong.

use super::json::json;
use crate::logging::log;
use crate::store::StoreError;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kaifu_protocol::api::{ErrorBody, ErrorDetail};

/// Every way in which a request of the API can fail.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The input is not what the route takes.
    #[error("{message}")]
    Invalid {
        code: &'static str,
        message: &'static str,
    },
    /// There is no bearer token, or it belongs to no account.
    #[error("a valid bearer token is needed")]
    Unauthorized,
    /// A web page asks, which has no business here.
    #[error("web pages may not call this")]
    ForeignOrigin,
    /// The request is for another name than ours, on a listener for this machine alone.
    #[error(
        "this server does not answer under that name: ask it by the name of --public-url, or on its \
         own machine as localhost"
    )]
    UnknownHost,
    #[error("there is nothing here")]
    NotFound,
    #[error("this address does not take that method")]
    MethodNotAllowed,
    #[error("the body is too large")]
    BodyTooLarge,
    #[error("the body has another type than application/json")]
    UnsupportedMediaType,
    #[error("the address is too long")]
    UriTooLong,
    #[error("too many new accounts from this network; try again later")]
    TooManyAccounts { retry_after_secs: u64 },
    #[error("too many failing requests from this network; try again later")]
    TooManyErrors { retry_after_secs: u64 },
    #[error("too many requests of this account wait for events; try again later")]
    TooManyPolls { retry_after_secs: u64 },
    /// The last places are kept for images.
    #[error("the server has too many connections now; try again later")]
    Busy,
    /// The disk has little room, which is kept for accounts that are in use.
    #[error("the server has no room for new accounts now")]
    DiskLow,
    #[error("the request took too long")]
    Timeout,
    #[error("the server is stopping")]
    Stopping,
    /// The store failed. Clients are not told how.
    #[error("the server cannot reach its storage")]
    Store(#[from] StoreError),
    /// There is no key for a new account.
    #[error("the server has a problem")]
    NoKey,
    /// The system has no random numbers.
    #[error("the server has a problem")]
    Randomness(#[from] getrandom::Error),
}

impl Error {
    fn status(&self) -> StatusCode {
        match self {
            Self::Invalid { .. } => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::ForeignOrigin => StatusCode::FORBIDDEN,
            Self::UnknownHost => StatusCode::MISDIRECTED_REQUEST,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::UriTooLong => StatusCode::URI_TOO_LONG,
            Self::TooManyAccounts { .. }
            | Self::TooManyErrors { .. }
            | Self::TooManyPolls { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy | Self::DiskLow | Self::Timeout | Self::Stopping | Self::Store(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::NoKey | Self::Randomness(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Invalid { code, .. } => code,
            Self::Unauthorized => "unauthorized",
            Self::ForeignOrigin => "foreign_origin",
            Self::UnknownHost => "unknown_host",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::BodyTooLarge => "body_too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::UriTooLong => "uri_too_long",
            Self::TooManyAccounts { .. } => "too_many_accounts",
            Self::TooManyErrors { .. } => "too_many_errors",
            Self::TooManyPolls { .. } => "too_many_polls",
            Self::Busy => "busy",
            Self::DiskLow => "disk_low",
            Self::Timeout => "timeout",
            Self::Stopping => "stopping",
            Self::Store(_) => "storage_unavailable",
            Self::NoKey | Self::Randomness(_) => "internal",
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response<Body> {
        match &self {
            Self::Store(error) => log!(Error, "storage failed: {error}"),
            Self::Randomness(error) => log!(Error, "no random numbers: {error}"),
            _ => {}
        }
        let detail = ErrorDetail {
            code: self.code().to_owned(),
            message: self.to_string(),
        };
        let mut response = json(self.status(), &ErrorBody { error: detail });
        let headers = response.headers_mut();
        match self {
            Self::Unauthorized => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Self::TooManyAccounts { retry_after_secs }
            | Self::TooManyErrors { retry_after_secs }
            | Self::TooManyPolls { retry_after_secs } => {
                headers.insert(header::RETRY_AFTER, retry_after_secs.into());
            }
            _ => {}
        }
        response
    }
}
