//! Asking a certificate authority.

use super::provider;
use hyper::Request;
use hyper::body::Bytes;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use std::io;
use std::pin::Pin;
use std::time::Duration;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client that trusts whom this system trusts; `SSL_CERT_FILE` names others.
pub(super) struct Https(Client<HttpsConnector<HttpConnector>, BodyWrapper<Bytes>>);

impl Https {
    /// A client with the certificates of this system.
    pub(super) fn new() -> io::Result<Self> {
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots((*provider()).clone())?
            .https_only()
            .enable_http1()
            .build();
        Ok(Self(Client::builder(TokioExecutor::new()).build(connector)))
    }
}

impl HttpClient for Https {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let answer = self.0.request(request);
        Box::pin(async {
            match tokio::time::timeout(PATIENCE, answer).await {
                Ok(Ok(answer)) => Ok(BytesResponse::from(answer)),
                Ok(Err(error)) => Err(Error::Other(Box::new(error))),
                Err(_) => Err(Error::Str("no answer in time")),
            }
        })
    }
}
