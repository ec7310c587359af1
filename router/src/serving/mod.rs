//! GraphQL over HTTP, as <https://graphql.github.io/graphql-over-http/draft/> says, on axum.
//!
//! Compression, CORS and whatever else concerns all of a server's routes is left to the server.

mod batch;
mod clients;
mod event_stream;
mod media;
mod reading;
mod streaming;
mod websocket;

use axum::Router as AxumRouter;
use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, VARY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::Value;

pub use self::streaming::{PerClient, Streaming, StreamingOptions};
pub use stockgraph_websocket::{Options as WebSocketOptions, origin_is_allowed};

use self::media::{ResponseType, negotiate};
use self::reading::{Parameters, Unread, from_body, from_query};
use crate::error::{GraphQLError, code};
use crate::pipeline::{GraphQLRequest, GraphQLResponse, LiveRouter};
use crate::planning::OperationKind;

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
    let json = match from_body(&headers, body.as_ref(), router.options().limits.body_bytes) {
        Ok(json) => json,
        Err(unread) => return not_read(&unread, response_type),
    };
    if let Value::Array(requests) = json {
        return batch::answer(&router, requests, &headers, response_type).await;
    }
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
    parameters: Parameters,
    headers: HeaderMap,
) -> Response {
    let router = router.current();
    let Some(response_type) = negotiate(&headers) else {
        return not_acceptable();
    };
    let request = match from_query(&headers, parameters) {
        Ok(request) => request,
        Err(unread) => return not_read(&unread, response_type),
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

fn not_read(unread: &Unread, response_type: ResponseType) -> Response {
    let body = GraphQLResponse::rejected(&unread.errors).into_body();
    respond(unread.status, response_type, body)
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
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, content_type);
    // An answer is its caller's alone, and it depends on what is accepted.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(VARY, HeaderValue::from_static("accept"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
