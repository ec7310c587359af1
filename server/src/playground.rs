//! The playground at `/`: GraphiQL in one compressed page that needs nothing from elsewhere. `tools/playground/` makes it.

use axum::{
    Router,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{
            ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY,
            CONTENT_TYPE, ETAG, IF_NONE_MATCH, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::{IntoResponse, Response},
    routing::get,
};

static PAGE: &[u8] = include_bytes!("../assets/playground.html.gz");
static POLICY: &str = include_str!("../assets/playground.csp");
/// `sha256sum`'s line: the digest of the compressed page and its name.
static CHECKSUM: &str = include_str!("../assets/playground.sha256");

/// The page at `/`.
pub fn routes() -> Router {
    Router::new().route("/", get(page))
}

async fn page(headers: HeaderMap) -> Response {
    let etag = etag();
    let known = headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|tags| tags.to_str().ok())
        .flat_map(|tags| tags.split(','))
        .any(|tag| {
            let tag = tag.trim();
            tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag
        });
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else if !accepts_gzip(&headers) {
        return (
            StatusCode::NOT_ACCEPTABLE,
            "The playground is sent compressed: ask for it with `Accept-Encoding: gzip`, or open it in a browser.\n",
        )
            .into_response();
    } else {
        let mut page = PAGE.into_response();
        page.headers_mut().extend([
            (
                CONTENT_TYPE,
                HeaderValue::from_static("text/html; charset=utf-8"),
            ),
            (CONTENT_ENCODING, HeaderValue::from_static("gzip")),
        ]);
        page
    };
    response.headers_mut().extend([
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (VARY, HeaderValue::from_static("accept-encoding")),
        (
            CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(POLICY.trim_ascii_end()),
        ),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ]);
    if let Ok(etag) = HeaderValue::try_from(etag) {
        response.headers_mut().insert(ETAG, etag);
    }
    response
}

fn etag() -> String {
    let digest = CHECKSUM.split_whitespace().next().unwrap_or_default();
    format!("\"{digest}\"")
}

/// Whether the header leaves room for gzip (RFC 9110, section 12.5.3). A client without the header takes anything.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let mut codings = headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .peekable();
    codings.peek().is_none()
        || codings.any(|coding| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
            let refused = matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000");
            matches!(name.trim(), "gzip" | "x-gzip" | "*") && !refused
        })
}
