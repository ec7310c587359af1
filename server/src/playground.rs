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
    } else if accepts_gzip(&headers) {
        let headers = [
            (CONTENT_TYPE, "text/html; charset=utf-8"),
            (CONTENT_ENCODING, "gzip"),
        ];
        (headers, PAGE).into_response()
    } else {
        return (
            StatusCode::NOT_ACCEPTABLE,
            "The playground is sent compressed: ask for it with `Accept-Encoding: gzip`, or open it in a browser.\n",
        )
            .into_response();
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (CACHE_CONTROL, "no-cache"),
        (VARY, "accept-encoding"),
        (CONTENT_SECURITY_POLICY, POLICY.trim_ascii_end()),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(etag) = HeaderValue::try_from(etag) {
        headers.insert(ETAG, etag);
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

#[cfg(test)]
mod tests {
    use axum::{
        body::{Body, to_bytes},
        http::Request,
    };
    use tower::ServiceExt;

    use super::*;

    async fn get_page(header: (&str, &str)) -> Response {
        let request = Request::get("/").header(header.0, header.1);
        let request = request.body(Body::empty()).unwrap();
        routes().oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn the_page_is_one_compressed_html_document_with_a_policy() {
        let response = get_page(("accept-encoding", "gzip, br")).await;
        let values = |name| response.headers().get_all(name).iter().collect::<Vec<_>>();
        assert_eq!(values(CONTENT_TYPE), ["text/html; charset=utf-8"]);
        assert_eq!(values(CONTENT_ENCODING), ["gzip"]);
        assert_eq!(values(CONTENT_SECURITY_POLICY).len(), 1);
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        assert_eq!(body[..2], [0x1f, 0x8b]);
    }

    #[tokio::test]
    async fn a_browser_that_has_the_page_is_told_so() {
        let etag = etag();
        for known in [
            etag.clone(),
            format!("W/{etag}"),
            format!("\"other\", {etag}"),
        ] {
            let response = get_page(("if-none-match", &known)).await;
            assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
        }
        let response = get_page(("if-none-match", "\"other\"")).await;
        assert_eq!(response.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn one_who_cannot_read_gzip_is_told_so() {
        for coding in ["identity", "gzip;q=0", "br"] {
            let response = get_page(("accept-encoding", coding)).await;
            assert_eq!(response.status(), StatusCode::NOT_ACCEPTABLE);
        }
    }
}
