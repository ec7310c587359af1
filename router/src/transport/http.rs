//! A subgraph over HTTP.

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;

use super::websocket::{self, SubscriptionOptions};
use super::{Events, Subgraph, SubgraphError, SubgraphRequest, SubgraphResponse};
use crate::error::GraphQLError;

/// Most bytes of a subgraph's answer; what is larger is not read to its end.
const MOST_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// How subgraphs are called over HTTP.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// The longest that one call may take, connecting and reading the answer included.
    pub timeout: Duration,
    /// The longest that connecting may take.
    pub connect_timeout: Duration,
}

impl Default for HttpOptions {
    fn default() -> Self {
        HttpOptions {
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(2),
        }
    }
}

/// A client with a pool of connections; one may serve all subgraphs. The process must have
/// installed its rustls provider before.
///
/// # Errors
/// [`SubgraphError::Misconfigured`] if TLS cannot be set up.
pub fn client(options: &HttpOptions) -> Result<reqwest::Client, SubgraphError> {
    reqwest::Client::builder()
        .timeout(options.timeout)
        .connect_timeout(options.connect_timeout)
        // A redirected POST loses its body, and the caller's token must not travel on.
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| SubgraphError::Misconfigured(with_causes(&error)))
}

/// Headers of our own for one call to a subgraph, such as a token that shows who the router is; or why there are none.
pub type OwnHeaders = Arc<dyn Fn() -> Result<HeaderMap, String> + Send + Sync>;

/// A subgraph behind a URL.
pub struct Http {
    client: reqwest::Client,
    url: reqwest::Url,
    own_headers: Option<OwnHeaders>,
    subscriptions: SubscriptionOptions,
}

impl Http {
    /// The subgraph behind `url`, called through `client`.
    ///
    /// # Errors
    /// [`SubgraphError::Misconfigured`] if `url` is not an absolute `http` or `https` URL.
    pub fn new(client: reqwest::Client, url: impl Into<String>) -> Result<Self, SubgraphError> {
        let text = url.into();
        let url = reqwest::Url::parse(&text)
            .map_err(|error| SubgraphError::Misconfigured(format!("`{text}`: {error}")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(SubgraphError::Misconfigured(format!(
                "`{text}` is neither an http nor an https URL"
            )));
        }
        Ok(Http {
            client,
            url,
            own_headers: None,
            subscriptions: SubscriptionOptions::default(),
        })
    }

    /// The same subgraph, which is sent these headers besides those that the caller's request brings.
    #[must_use]
    pub fn with_headers(self, own_headers: OwnHeaders) -> Self {
        Http {
            own_headers: Some(own_headers),
            ..self
        }
    }

    /// The same subgraph, whose subscriptions are followed so. They go by a websocket to the same URL,
    /// with `ws` for `http`.
    #[must_use]
    pub fn with_subscriptions(self, subscriptions: SubscriptionOptions) -> Self {
        Http {
            subscriptions,
            ..self
        }
    }

    async fn post(&self, request: SubgraphRequest<'_>) -> Result<SubgraphResponse, SubgraphError> {
        let mut headers = request.headers.clone();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(
            ACCEPT,
            HeaderValue::from_static("application/graphql-response+json, application/json;q=0.9"),
        );
        if let Some(own_headers) = &self.own_headers {
            headers.extend(own_headers().map_err(SubgraphError::Misconfigured)?);
        }
        let body = serde_json::to_vec(&Body {
            query: request.query,
            variables: &request.variables,
        })
        .map_err(|error| SubgraphError::Misconfigured(error.to_string()))?;
        let mut response = self
            .client
            .post(self.url.clone())
            .headers(headers)
            .body(body)
            .send()
            .await
            .map_err(|error| failure(&error))?;
        let status = response.status();
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
            if bytes.len() + chunk.len() > MOST_ANSWER_BYTES {
                let reason = format!("it is larger than {MOST_ANSWER_BYTES} bytes");
                return Err(SubgraphError::BadAnswer(reason));
            }
            bytes.extend_from_slice(&chunk);
        }
        read(status, &bytes)
    }
}

impl Subgraph for Http {
    fn execute<'a>(
        &'a self,
        request: SubgraphRequest<'a>,
    ) -> BoxFuture<'a, Result<SubgraphResponse, SubgraphError>> {
        Box::pin(self.post(request))
    }

    fn subscribe(&self, request: SubgraphRequest<'_>) -> Events {
        let own_headers = match &self.own_headers {
            Some(own_headers) => own_headers().map_err(SubgraphError::Misconfigured),
            None => Ok(HeaderMap::new()),
        };
        match own_headers {
            Ok(own) => websocket::subscribe(&self.url, request, own, &self.subscriptions),
            Err(error) => stream::iter([Err(error)]).boxed(),
        }
    }
}

#[derive(Serialize)]
struct Body<'a> {
    query: &'a str,
    #[serde(skip_serializing_if = "Map::is_empty")]
    variables: &'a Map<String, Value>,
}

/// Reads a response. Its status does not matter as long as the body is GraphQL: a server may give
/// 4xx with `errors`, as GraphQL over HTTP says.
fn read(status: StatusCode, bytes: &[u8]) -> Result<SubgraphResponse, SubgraphError> {
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
    read_response(body).map_err(bad)
}

/// Reads a GraphQL response, or says why it is none.
pub(super) fn read_response(
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
    })
}

fn failure(error: &reqwest::Error) -> SubgraphError {
    if error.is_timeout() {
        SubgraphError::TimedOut
    } else {
        SubgraphError::Unreachable(with_causes(error))
    }
}

/// reqwest's own message leaves out why.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_with_a_graphql_body_is_read() {
        let body = br#"{"errors":[{"message":"no","extensions":{"code":"UNAUTHENTICATED"}}]}"#;
        let response = read(StatusCode::UNAUTHORIZED, body).unwrap();
        assert_eq!(response.data, Value::Null);
        assert_eq!(response.errors[0].code(), Some("UNAUTHENTICATED"));
    }

    #[test]
    fn an_answer_that_is_not_graphql_is_told_by_its_kind() {
        let of = |status, body: &[u8]| read(status, body).unwrap_err();
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
