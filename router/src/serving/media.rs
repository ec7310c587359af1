//! Media types of GraphQL over HTTP, and which of them a client wants.

use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_TYPE};

/// How an answer is labelled, which decides how failures are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResponseType {
    /// `application/json`: every request that could be read is answered with 200.
    Json,
    /// `application/graphql-response+json`: a request that was refused is answered with 4xx.
    GraphQLResponse,
}

impl ResponseType {
    /// The header's value.
    pub fn as_str(self) -> &'static str {
        match self {
            ResponseType::Json => "application/json; charset=utf-8",
            ResponseType::GraphQLResponse => "application/graphql-response+json; charset=utf-8",
        }
    }
}

/// The type that the client prefers; `None` if it takes neither. Without a preference it is plain
/// JSON, which every client reads.
pub(super) fn negotiate(headers: &HeaderMap) -> Option<ResponseType> {
    let mut best: Option<(ResponseType, f32)> = None;
    let mut is_given = false;
    for value in headers.get_all(ACCEPT) {
        is_given = true;
        for part in value.to_str().unwrap_or_default().split(',') {
            let mut parameters = part.split(';').map(str::trim);
            let media = parameters.next().unwrap_or_default().to_ascii_lowercase();
            let response = match media.as_str() {
                "application/graphql-response+json" => ResponseType::GraphQLResponse,
                "application/json" | "application/*" | "*/*" => ResponseType::Json,
                _ => continue,
            };
            let quality = parameters.find_map(|it| {
                let (name, value) = it.split_once('=')?;
                let is_quality = name.trim().eq_ignore_ascii_case("q");
                is_quality.then(|| value.trim().parse().ok())?
            });
            let quality: f32 = quality.unwrap_or(1.0);
            if quality > 0.0 && best.is_none_or(|(_, known)| quality > known) {
                best = Some((response, quality));
            }
        }
    }
    if is_given {
        best.map(|(response, _)| response)
    } else {
        Some(ResponseType::Json)
    }
}

/// Whether the body is said to be JSON, in UTF-8 where that is said.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return false;
    };
    let mut parts = value.to_str().unwrap_or_default().split(';').map(str::trim);
    let media = parts.next().unwrap_or_default();
    media.eq_ignore_ascii_case("application/json")
        && parts.all(|parameter| match parameter.split_once('=') {
            Some((name, charset)) if name.trim().eq_ignore_ascii_case("charset") => {
                let charset = charset.trim().trim_matches('"');
                charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
            }
            _ => true,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn of(accept: &'static str) -> Option<ResponseType> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        negotiate(&headers)
    }

    #[test]
    fn the_preferred_type_wins_and_the_first_among_equals() {
        use ResponseType::{GraphQLResponse, Json};
        assert_eq!(negotiate(&HeaderMap::new()), Some(Json));
        assert_eq!(of("*/*"), Some(Json));
        assert_eq!(
            of("application/graphql-response+json, application/json"),
            Some(GraphQLResponse)
        );
        assert_eq!(
            of("application/json;q=0.5, application/graphql-response+json"),
            Some(GraphQLResponse)
        );
        assert_eq!(
            of("application/json, application/graphql-response+json;q=0.9"),
            Some(Json)
        );
        assert_eq!(of("text/html, */*;q=0.1"), Some(Json));
        assert_eq!(of("text/html"), None);
        assert_eq!(of("application/json;q=0"), None);
    }
}
