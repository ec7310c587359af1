//! GraphQL over HTTP, as <https://graphql.github.io/graphql-over-http/draft/> says, on axum.
//!
//! Compression, CORS and whatever else concerns all of a server's routes is left to the server.

mod event_stream;
mod media;
mod streaming;
mod websocket;

use axum::Router as AxumRouter;
use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::rejection::QueryRejection;
use axum::extract::{DefaultBodyLimit, Query, Request, State};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Map, Value};

pub use self::streaming::{Streaming, StreamingOptions};
pub use stockgraph_websocket::{Options as WebSocketOptions, origin_is_allowed};

use self::media::{ResponseType, is_json, negotiate};
use crate::error::{GraphQLError, Refusal, code};
use crate::pipeline::{GraphQLRequest, GraphQLResponse, LiveRouter};
use crate::planning::OperationKind;

/// Headers that no web page can send to a foreign site without asking it first. One of them shows
/// that a GET request was not slipped under a browser's user.
const PREFLIGHTED_HEADERS: [&str; 3] = [
    "graphql-require-preflight",
    "x-requested-with",
    "apollo-require-preflight",
];

/// The routes `GET /graphql` and `POST /graphql`; websockets and server-sent events are among them.
pub fn routes(router: impl Into<LiveRouter>) -> AxumRouter {
    routes_with(router, Streaming::default())
}

/// The same routes, with what is set about subscriptions.
pub fn routes_with(router: impl Into<LiveRouter>, streaming: Streaming) -> AxumRouter {
    let router = router.into();
    let body_limit = router.current().options().limits.body_bytes;
    let present = router.clone();
    let intercept = move |request: Request, next: Next| {
        streaming::intercept(streaming.clone(), present.clone(), request, next)
    };
    AxumRouter::new()
        .route(
            "/graphql",
            get(on_get).post(on_post).fallback(on_other_method),
        )
        .layer(from_fn(intercept))
        .layer(DefaultBodyLimit::max(body_limit))
        .with_state(router)
}

async fn on_post(
    State(router): State<LiveRouter>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let router = router.current();
    let Some(response_type) = negotiate(&headers) else {
        return not_acceptable();
    };
    let refuse = |status, message: &str| refused(status, response_type, message);
    if !is_json(&headers) {
        let message = "the body must be JSON, with `content-type: application/json`";
        return refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, message);
    }
    let body = match body {
        Ok(body) => body,
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            let limit = router.options().limits.body_bytes;
            let message = format!("the body is larger than {limit} bytes");
            return refuse(StatusCode::PAYLOAD_TOO_LARGE, &message);
        }
        Err(rejection) => return refuse(rejection.status(), "the body could not be read"),
    };
    let json = match serde_json::from_slice(&body) {
        Ok(json) => json,
        Err(error) => {
            return refuse(
                StatusCode::BAD_REQUEST,
                &format!("the body is not JSON: {error}"),
            );
        }
    };
    match GraphQLRequest::from_json(json) {
        Ok(request) => {
            let response = router.execute(request, &headers).await;
            answered(response, response_type)
        }
        Err(errors) => {
            let body = GraphQLResponse::rejected(&errors).into_body();
            respond(StatusCode::BAD_REQUEST, response_type, body)
        }
    }
}

async fn on_get(
    State(router): State<LiveRouter>,
    parameters: Result<Query<Vec<(String, String)>>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let router = router.current();
    let Some(response_type) = negotiate(&headers) else {
        return not_acceptable();
    };
    if !has_preflighted_header(&headers) {
        let message = "a GET request needs the header `graphql-require-preflight` (any value), \
                       which shows that no foreign page has sent it";
        return refused(StatusCode::BAD_REQUEST, response_type, message);
    }
    let request = match read_parameters(parameters) {
        Ok(request) => request,
        Err(errors) => {
            let body = GraphQLResponse::rejected(&errors).into_body();
            return respond(StatusCode::BAD_REQUEST, response_type, body);
        }
    };
    let operation = match router.prepare(&request).await {
        Ok(operation) => operation,
        Err(errors) => return answered(GraphQLResponse::rejected(&errors), response_type),
    };
    if operation.kind() != OperationKind::Query {
        let error = GraphQLError::new(
            code::METHOD_NOT_ALLOWED,
            "GET is for queries: send a mutation by POST",
        );
        let body = GraphQLResponse::rejected(&[error]).into_body();
        let mut response = respond(StatusCode::METHOD_NOT_ALLOWED, response_type, body);
        response
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    let response = router.run(&operation, request.variables, &headers).await;
    answered(response, response_type)
}

async fn on_other_method(headers: HeaderMap) -> Response {
    let response_type = negotiate(&headers).unwrap_or(ResponseType::Json);
    let error = GraphQLError::new(code::METHOD_NOT_ALLOWED, "send GraphQL by POST or GET");
    let body = GraphQLResponse::rejected(&[error]).into_body();
    let mut response = respond(StatusCode::METHOD_NOT_ALLOWED, response_type, body);
    response
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static("GET, POST"));
    response
}

/// Whether no web page can have sent a request with these headers to a foreign site unasked.
fn has_preflighted_header(headers: &HeaderMap) -> bool {
    let mut names = PREFLIGHTED_HEADERS.iter();
    is_json(headers) || names.any(|name| headers.contains_key(*name))
}

/// Reads the parameters of a GET request.
fn read_parameters(
    parameters: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Result<GraphQLRequest, Refusal> {
    let bad = |message: String| Refusal::from(GraphQLError::new(code::BAD_REQUEST, message));
    let Query(parameters) = parameters.map_err(|error| bad(error.body_text()))?;
    let mut json = Map::new();
    for (name, value) in parameters {
        let value = match name.as_str() {
            "query" | "operationName" => Value::String(value),
            "variables" | "extensions" => serde_json::from_str(&value)
                .map_err(|error| bad(format!("`{name}` is not JSON: {error}")))?,
            _ => continue,
        };
        if json.insert(name.clone(), value).is_some() {
            return Err(bad(format!("`{name}` is given twice")));
        }
    }
    GraphQLRequest::from_json(Value::Object(json))
}

/// The answer to a request that could be read. Only the newer media type tells by its status that
/// the request was refused.
fn answered(response: GraphQLResponse, response_type: ResponseType) -> Response {
    let status = match response_type {
        ResponseType::GraphQLResponse if response.is_rejected() => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    };
    let headers = response.headers().clone();
    let mut answer = respond(status, response_type, response.into_body());
    answer.headers_mut().extend(headers);
    answer
}

fn refused(status: StatusCode, response_type: ResponseType, message: &str) -> Response {
    let error = GraphQLError::new(code::BAD_REQUEST, message);
    respond(
        status,
        response_type,
        GraphQLResponse::rejected(&[error]).into_body(),
    )
}

fn not_acceptable() -> Response {
    let message = "answers are `application/graphql-response+json` or `application/json`";
    refused(StatusCode::NOT_ACCEPTABLE, ResponseType::Json, message)
}

fn respond(status: StatusCode, response_type: ResponseType, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let content_type = HeaderValue::from_static(response_type.as_str());
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}
