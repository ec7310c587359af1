//! Reads what a subgraph answered over HTTP.

use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};

use crate::error::GraphQLError;
use crate::transport::{SubgraphError, SubgraphResponse};

/// Reads a response. Its status does not matter as long as the body is GraphQL: a server may give
/// 4xx with `errors`, as GraphQL over HTTP says.
pub(super) fn read(
    status: StatusCode,
    headers: HeaderMap,
    bytes: &[u8],
) -> Result<SubgraphResponse, SubgraphError> {
    let bad = |reason: &str| SubgraphError::BadAnswer(format!("HTTP {status}, {reason}"));
    let Ok(Value::Object(body)) = serde_json::from_slice(bytes) else {
        return Err(match status {
            StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE => {
                SubgraphError::Unreachable(format!("HTTP {status}"))
            }
            StatusCode::GATEWAY_TIMEOUT => SubgraphError::TimedOut,
            _ => bad("the body is not a JSON object"),
        });
    };
    Ok(SubgraphResponse {
        headers,
        ..read_response(body).map_err(bad)?
    })
}

/// Reads a GraphQL response, or says why it is none.
pub(in crate::transport) fn read_response(
    mut body: Map<String, Value>,
) -> Result<SubgraphResponse, &'static str> {
    let data = body.remove("data");
    let errors = match body.remove("errors") {
        Some(Value::Array(errors)) => errors.into_iter().map(GraphQLError::from_foreign).collect(),
        None | Some(Value::Null) if data.is_some() => Vec::new(),
        None => return Err("the body has neither `data` nor `errors`"),
        Some(_) => return Err("`errors` is not a list"),
    };
    Ok(SubgraphResponse {
        data: data.unwrap_or_default(),
        errors,
        headers: HeaderMap::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_with_a_graphql_body_is_read() {
        let body = br#"{"errors":[{"message":"no","extensions":{"code":"UNAUTHENTICATED"}}]}"#;
        let response = read(StatusCode::UNAUTHORIZED, HeaderMap::new(), body).unwrap();
        assert_eq!(response.data, Value::Null);
        assert_eq!(response.errors[0].code(), Some("UNAUTHENTICATED"));
    }

    #[test]
    fn an_answer_that_is_not_graphql_is_told_by_its_kind() {
        let of = |status, body: &[u8]| read(status, HeaderMap::new(), body).unwrap_err();
        assert!(matches!(
            of(StatusCode::OK, b"<html>"),
            SubgraphError::BadAnswer(_)
        ));
        assert!(matches!(
            of(StatusCode::OK, b"{}"),
            SubgraphError::BadAnswer(_)
        ));
        assert!(matches!(
            of(StatusCode::OK, b"[]"),
            SubgraphError::BadAnswer(_)
        ));
        assert!(matches!(
            of(StatusCode::SERVICE_UNAVAILABLE, b"down"),
            SubgraphError::Unreachable(_)
        ));
        assert!(matches!(
            of(StatusCode::GATEWAY_TIMEOUT, b""),
            SubgraphError::TimedOut
        ));
    }
}
