//! The HTTP face of the router's process: the graph, the playground, the public keys, and whether it is alive.

use axum::{Json, Router, routing::get};
use http::{HeaderValue, header::CACHE_CONTROL};
use stockgraph_router::{
    LiveRouter,
    serving::{self, Streaming},
};
use tower_http::compression::CompressionLayer;

use crate::{foundation::Foundation, playground};

/// Where the public keys are (RFC 8414 names the place by custom, not by rule).
pub const JWKS_PATH: &str = "/.well-known/jwks.json";

/// `/graphql` with its websockets and event streams, `/health`, the public keys, and the playground where it is wanted.
pub fn of_router(
    router: impl Into<LiveRouter>,
    foundation: Foundation,
    with_playground: bool,
    streaming: Streaming,
) -> Router {
    let graph = serving::routes_with(router, streaming)
        .merge(keys(foundation))
        .layer(CompressionLayer::new());
    let routes = graph.route("/health", get(|| async { "ok" }));
    if with_playground {
        routes.merge(playground::routes())
    } else {
        routes
    }
}

/// The public keys that verify this graph's tokens, as a JWK set (RFC 7517): those that signed tokens which are still good, and the next.
pub fn keys(foundation: Foundation) -> Router {
    // A new key is published longer than this before it signs.
    const CACHED: HeaderValue = HeaderValue::from_static("public, max-age=60");
    Router::new().route(
        JWKS_PATH,
        get(move || {
            let jwks = foundation.jwks();
            async move { ([(CACHE_CONTROL, CACHED)], Json(jwks)) }
        }),
    )
}
