//! A subgraph over HTTP.

use async_graphql::{Request, Response, ServerError};
use async_graphql_axum::GraphQLResponse;
use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
    routing::{get, post},
};

use crate::{
    error::ApiError,
    subgraph::{Service, Subgraph},
};

/// The largest request body, in bytes: a router's batch of entity representations is larger than what a person writes.
const LARGEST_BODY: usize = 4 << 20;

/// `POST /graphql` for the router (JSON alone: a form or plain text, which a browser sends to foreign sites without asking, is refused)
/// and `GET /health`.
pub fn routes<S: Subgraph>(service: Service<S>) -> Router {
    Router::new()
        .route("/graphql", post(answer::<S>))
        .route("/health", get(|| async { "ok" }))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(service)
}

async fn answer<S: Subgraph>(
    State(service): State<Service<S>>,
    headers: HeaderMap,
    request: Result<Json<Request>, JsonRejection>,
) -> axum::response::Response {
    match request {
        Ok(Json(request)) => {
            GraphQLResponse::from(service.execute(&headers, request).await).into_response()
        }
        Err(rejection) => refuse(rejection.status(), rejection.body_text()),
    }
}

fn refuse(status: StatusCode, message: String) -> axum::response::Response {
    let error = ServerError::from(ApiError::bad_user_input(message));
    (status, Json(Response::from_errors(vec![error]))).into_response()
}
