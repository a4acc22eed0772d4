//! What answers requests: images at once, everything else through the table of routes.

use crate::app::App;
use crate::connection::serve::Answer;
use crate::handlers::pixel;
use crate::http::middleware::Peer;
use axum::Router;
use axum::body::Body;
use axum::http::Response;
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
    async fn answer(
        &self,
        peer: SocketAddr,
        mut request: Request<Incoming>,
    ) -> Result<Response<Body>, Infallible> {
        // Nearly all requests are for images, and a table of routes with all that stands before
        // its handlers costs as much as the rest of the answer.
        if let Some(app) = &self.images
            && pixel::is_asked(request.method(), request.uri())
        {
            return Ok(pixel::show(app, peer, &request.into_parts().0).await);
        }
        request.extensions_mut().insert(Peer(peer));
        self.routes.call(request).await
    }
}
