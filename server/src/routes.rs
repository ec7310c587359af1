//! The HTTP face of the router's process: the graph, the playground, the public keys, and whether it is alive.

use std::sync::Arc;

use axum::{Json, Router, routing::get};
use stockgraph_kit::token::JwkSet;
use stockgraph_router::serving;
use tower_http::compression::CompressionLayer;

use crate::playground;

/// Where the public keys are (RFC 8414 names the place by custom, not by rule).
pub const JWKS_PATH: &str = "/.well-known/jwks.json";

/// `/graphql`, `/health`, the public keys, and the playground where it is wanted.
pub fn of_router(
    router: Arc<stockgraph_router::Router>,
    jwks: JwkSet,
    with_playground: bool,
) -> Router {
    let graph = serving::routes(router)
        .merge(keys(jwks))
        .layer(CompressionLayer::new());
    let routes = graph.route("/health", get(|| async { "ok" }));
    if with_playground {
        routes.merge(playground::routes())
    } else {
        routes
    }
}

/// The public keys that verify this graph's tokens, as a JWK set (RFC 7517).
pub fn keys(jwks: JwkSet) -> Router {
    Router::new().route(
        JWKS_PATH,
        get(move || {
            let jwks = jwks.clone();
            async move { Json(jwks) }
        }),
    )
}
