//! Requests as HTTP brings them, read by one set of rules whether the answer is JSON or a stream of events.

use axum::body::Bytes;
use axum::extract::Query;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};

use super::media::is_json;
use crate::error::{GraphQLError, Refusal, code};
use crate::pipeline::GraphQLRequest;

/// Headers that no web page can send to a foreign site without asking it first. One of them shows
/// that a GET request was not slipped under a browser's user.
const PREFLIGHTED_HEADERS: [&str; 3] = [
    "graphql-require-preflight",
    "x-requested-with",
    "apollo-require-preflight",
];

/// Parameters of a GET request, as axum reads them.
pub(super) type Parameters = Result<Query<Vec<(String, String)>>, QueryRejection>;

/// Why a request is not read.
pub(super) struct Unread {
    pub status: StatusCode,
    pub errors: Refusal,
}

impl Unread {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Unread {
            status,
            errors: GraphQLError::new(code::BAD_REQUEST, message).into(),
        }
    }
}

impl From<Refusal> for Unread {
    fn from(errors: Refusal) -> Self {
        Unread {
            status: StatusCode::BAD_REQUEST,
            errors,
        }
    }
}

/// The JSON of a POST request: one GraphQL request, or an array of them. A form or plain text, which a
/// browser sends to foreign sites without asking, is refused.
pub(super) fn from_body(
    headers: &HeaderMap,
    body: Result<&Bytes, &BytesRejection>,
    largest_body: usize,
) -> Result<Value, Unread> {
    if !is_json(headers) {
        let message = "the body must be JSON, with `content-type: application/json`";
        return Err(Unread::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    let body = body.map_err(|rejection| match rejection.status() {
        status @ StatusCode::PAYLOAD_TOO_LARGE => {
            let message = format!("the body is larger than {largest_body} bytes");
            let error = GraphQLError::new(code::BODY_TOO_LARGE, message)
                .with_extension("limit", "body_bytes")
                .with_extension("maximum", largest_body);
            Unread {
                status,
                errors: error.into(),
            }
        }
        status => Unread::new(status, "the body could not be read"),
    })?;
    serde_json::from_slice(body).map_err(|error| {
        let message = format!("the body is not JSON: {error}");
        Unread::new(StatusCode::BAD_REQUEST, message)
    })
}

/// The GraphQL request in the parameters of a GET request that no foreign page can have sent unasked.
pub(super) fn from_query(
    headers: &HeaderMap,
    parameters: Parameters,
) -> Result<GraphQLRequest, Unread> {
    let mut preflighted = PREFLIGHTED_HEADERS.iter();
    if !is_json(headers) && !preflighted.any(|name| headers.contains_key(*name)) {
        let message = "a GET request needs the header `graphql-require-preflight` (any value), \
                       which shows that no foreign page has sent it";
        return Err(Unread::new(StatusCode::BAD_REQUEST, message));
    }
    let bad = |message: String| Unread::new(StatusCode::BAD_REQUEST, message);
    let Query(parameters) = parameters.map_err(|error| bad(error.body_text()))?;
    let mut json = Map::new();
    for (name, value) in parameters {
        let value = match name.as_str() {
            "query" | "operationName" | "documentId" => Value::String(value),
            "variables" | "extensions" => serde_json::from_str(&value)
                .map_err(|error| bad(format!("`{name}` is not JSON: {error}")))?,
            _ => continue,
        };
        if json.insert(name.clone(), value).is_some() {
            return Err(bad(format!("`{name}` is given twice")));
        }
    }
    Ok(GraphQLRequest::from_json(Value::Object(json))?)
}
