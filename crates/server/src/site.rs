//! What answers requests: images at once, everything else through the table of routes.

use crate::app::App;
use crate::connection::serve::Answer;
use crate::handlers::pixel;
use crate::http::error::Error;
use crate::http::middleware::Peer;
use crate::http::spelling;
use axum::Router;
use axum::body::Body;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderValue, Response, Uri, header};
use axum::response::IntoResponse as _;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use std::convert::Infallible;
use std::net::SocketAddr;

/// What stands behind a listener; cheap to clone.
#[derive(Clone)]
pub(crate) struct Site {
    /// Who answers images; `None` where there are none.
    images: Option<App>,
    routes: TowerToHyperService<Router>,
}

impl Site {
    /// Routes, and images where there is who answers them.
    pub(crate) fn new(images: Option<App>, routes: Router) -> Self {
        Self {
            images,
            routes: TowerToHyperService::new(routes),
        }
    }
}

impl Answer for Site {
    fn comes_first(&self, request: &Request<Incoming>) -> bool {
        let respelled = spelling::respelled(request.uri().path());
        self.images.is_none() || is_image(request, respelled.as_deref())
    }

    fn busy(&self) -> Response<Body> {
        let mut response = Error::Busy.into_response();
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
        response
    }

    async fn answer(
        &self,
        peer: SocketAddr,
        mut request: Request<Incoming>,
    ) -> Result<Response<Body>, Infallible> {
        let respelled = spelling::respelled(request.uri().path());
        // Nearly all requests are for images, and a table of routes with all that stands before
        // its handlers costs as much as the rest of the answer.
        if let Some(app) = &self.images
            && is_image(&request, respelled.as_deref())
        {
            let (parts, _) = request.into_parts();
            let path = respelled.as_deref().unwrap_or(parts.uri.path());
            return Ok(pixel::show(app, peer, &parts, path).await);
        }
        if let Some(path) = respelled {
            respell(request.uri_mut(), &path);
        }
        request.extensions_mut().insert(Peer(peer));
        self.routes.call(request).await
    }
}

/// Whether an image is asked for, as the address stands there or as it is `respelled`.
fn is_image(request: &Request<Incoming>, respelled: Option<&str>) -> bool {
    let path = request.uri().path();
    [respelled.unwrap_or(path), path]
        .iter()
        .any(|path| pixel::is_asked(request.method(), path))
}

/// Gives `uri` another path. Its query stays.
fn respell(uri: &mut Uri, path: &str) {
    let target = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let Ok(target) = PathAndQuery::from_maybe_shared(target) else {
        return;
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(target);
    if let Ok(respelled) = Uri::from_parts(parts) {
        *uri = respelled;
    }
}
