//! The HTTP face of the router's process: the graph, the playground, the public keys, and whether it is alive.

use std::time::Duration;

use axum::{Json, Router, routing::get};
use http::{HeaderValue, Method, header::CACHE_CONTROL};
use stockgraph_router::{
    LiveRouter,
    serving::{self, Streaming},
};
use tower_http::{
    compression::CompressionLayer,
    cors::{AllowHeaders, AllowOrigin, CorsLayer},
    decompression::RequestDecompressionLayer,
};

use crate::{
    config::{CorsConfig, RouterConfig},
    foundation::Foundation,
    playground,
};

/// Where the public keys are (RFC 8414 names the place by custom, not by rule).
pub const JWKS_PATH: &str = "/.well-known/jwks.json";

/// `/graphql` with its websockets and event streams, `/health`, the public keys, and the playground where it is wanted.
///
/// # Errors
///
/// An origin of `router.cors` is none.
pub fn of_router(
    router: impl Into<LiveRouter>,
    foundation: Foundation,
    config: &RouterConfig,
    streaming: Streaming,
) -> anyhow::Result<Router> {
    let graph = serving::routes_with(router, streaming)
        .merge(keys(foundation))
        // Within: the limit of a body counts its bytes after this.
        .layer(RequestDecompressionLayer::new())
        .layer(CompressionLayer::new());
    let graph = match cors(&config.cors)? {
        Some(cors) => graph.layer(cors),
        None => graph,
    };
    let routes = graph.route("/health", get(|| async { "ok" }));
    Ok(if config.playground {
        routes.merge(playground::routes())
    } else {
        routes
    })
}

/// What browsers are told of other origins; nothing where none is allowed.
fn cors(config: &CorsConfig) -> anyhow::Result<Option<CorsLayer>> {
    /// How long a browser need not ask again.
    const PREFLIGHT_LASTS: Duration = Duration::from_secs(600);
    let origins = if config.allows_all() {
        AllowOrigin::any()
    } else if config.allow_origins.is_empty() {
        return Ok(None);
    } else {
        AllowOrigin::list(config.origins()?)
    };
    let layer = CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(AllowHeaders::mirror_request())
        .max_age(PREFLIGHT_LASTS);
    Ok(Some(match config.allow_credentials {
        true => layer.allow_credentials(true),
        false => layer,
    }))
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
