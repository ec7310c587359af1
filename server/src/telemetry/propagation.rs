//! One trace across processes: its context is read from the headers of what comes in, and written to those of what goes out
//! ([W3C Trace Context](https://www.w3.org/TR/trace-context/)).

use axum::{Router, extract::Request, middleware, middleware::Next, response::Response};
use http::HeaderMap;
use opentelemetry::global;
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use tracing::{Instrument, Span, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The routes, each request in a span of the trace that its caller began.
pub fn traced(routes: Router) -> Router {
    routes.layer(middleware::from_fn(in_a_span))
}

async fn in_a_span(request: Request, next: Next) -> Response {
    let span = tracing::debug_span!(
        "http_request",
        otel.kind = "server",
        otel.name = format!("{} {}", request.method(), request.uri().path()),
        http.request.method = %request.method(),
        url.path = request.uri().path(),
        http.response.status_code = Empty,
    );
    if !span.is_disabled() {
        let caller =
            global::get_text_map_propagator(|it| it.extract(&HeaderExtractor(request.headers())));
        // It fails where nobody makes traces of spans.
        span.set_parent(caller).ok();
    }
    let response = next.run(request).instrument(span.clone()).await;
    span.record("http.response.status_code", response.status().as_u16());
    response
}

/// Writes the context of the present span, so that whoever is called carries the trace on.
pub fn inject(headers: &mut HeaderMap) {
    let span = Span::current();
    if !span.is_disabled() {
        let context = span.context();
        global::get_text_map_propagator(|it| {
            it.inject_context(&context, &mut HeaderInjector(headers));
        });
    }
}
