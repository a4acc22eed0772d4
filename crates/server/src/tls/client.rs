//! Asking an address as any client would.

use super::chain;
use super::provider;
use hyper::body::Bytes;
use hyper::{Request, header};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use std::time::{Duration, SystemTime};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How much of an answer is read, in bytes.
const BODY_MAX: usize = 1 << 20;

/// What was answered.
pub(crate) struct Answer {
    /// The status code.
    pub(crate) status: u16,
    /// When it was answered, by the clock of whoever did.
    pub(crate) date: Option<SystemTime>,
    /// Whether a cache says that it has had the answer in its hands.
    pub(crate) through_cache: bool,
    /// The text.
    pub(crate) body: String,
}

/// Gets `url`; its certificate has to be one that this system trusts.
///
/// # Errors
///
/// Why there is no answer, in words.
pub(crate) async fn get(url: &str) -> Result<Answer, String> {
    let ask = async {
        let builder = || Client::builder(TokioExecutor::new());
        let request = Request::get(url)
            .body(axum::body::Body::empty())
            .map_err(|error| error.to_string())?;
        let answer = if url.starts_with("https://") {
            let connector = HttpsConnectorBuilder::new()
                .with_provider_and_native_roots((*provider()).clone())
                .map_err(|error| error.to_string())?
                .https_only()
                .enable_http1()
                .build();
            builder().build(connector).request(request).await
        } else {
            builder().build_http().request(request).await
        };
        let answer = answer.map_err(|error| chain(&error))?;
        let date = answer.headers().get(header::DATE);
        let date = date.and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
        let status = answer.status().as_u16();
        let through_cache = says_cache(answer.headers());
        let body = axum::body::Body::new(answer.into_body());
        let body: Bytes = axum::body::to_bytes(body, BODY_MAX)
            .await
            .map_err(|error| error.to_string())?;
        Ok(Answer {
            status,
            date,
            through_cache,
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    };
    tokio::time::timeout(PATIENCE, ask)
        .await
        .unwrap_or_else(|_| Err("no answer within 10 seconds".to_owned()))
}

/// Whether a cache has added to `headers` what caches add.
fn says_cache(headers: &header::HeaderMap) -> bool {
    const CACHES: [&str; 4] = ["varnish", "squid", "trafficserver", "cache"];
    let added = ["age", "x-varnish", "x-cache", "x-cache-status"];
    added.iter().any(|name| headers.contains_key(*name))
        || headers.get_all(header::VIA).iter().any(|via| {
            let via = String::from_utf8_lossy(via.as_bytes()).to_ascii_lowercase();
            CACHES.iter().any(|cache| via.contains(cache))
        })
}
