//! A subgraph over HTTP.

mod gate;
mod guard;

use std::net::SocketAddr;

use async_graphql::{Request, Response, ServerError};
use async_graphql_axum::GraphQLResponse;
use axum::{
    Json, Router,
    extract::{ConnectInfo, DefaultBodyLimit, Extension, State, rejection::JsonRejection},
    http::{HeaderMap, HeaderValue, StatusCode},
    response::IntoResponse,
    routing::{get, post},
};

pub use gate::{ROUTER_TOKEN, RouterGate};

use crate::{
    caller::ClientAddress,
    error::{ApiError, Code},
    subgraph::{Service, Subgraph},
};

/// The largest request body, in bytes: a router's batch of entity representations is larger than what a person writes.
const LARGEST_BODY: usize = 4 << 20;

struct Served<S> {
    service: Service<S>,
    gate: RouterGate,
}

impl<S> Clone for Served<S> {
    fn clone(&self) -> Self {
        Self {
            service: self.service.clone(),
            gate: self.gate.clone(),
        }
    }
}

/// `POST /graphql` (JSON alone: a form or plain text, which a browser sends to foreign sites without asking, is refused) and
/// `GET /health`. `_entities`, `_service` and, unless `gate` says otherwise, introspection are for those whom it knows as a router.
/// What is too large is refused before async-graphql sees it.
pub fn routes<S: Subgraph>(service: Service<S>, gate: RouterGate) -> Router {
    Router::new()
        .route("/graphql", post(answer::<S>))
        .route("/health", get(|| async { "ok" }))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(Served { service, gate })
}

async fn answer<S: Subgraph>(
    State(served): State<Served<S>>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    mut headers: HeaderMap,
    request: Result<Json<Request>, JsonRejection>,
) -> axum::response::Response {
    let mut request = match request {
        Ok(Json(request)) => request,
        Err(rejection) => {
            let error = ApiError::bad_user_input(rejection.body_text());
            return refuse(rejection.status(), error);
        }
    };
    let is_router = match served.gate.is_router(&headers).await {
        Ok(is_router) => is_router,
        Err(error) => return refuse(status(error.code()), error),
    };
    let limits = match is_router {
        true => guard::limits_of_routers(),
        false => guard::limits(),
    };
    if let Err(error) = guard::check_request(&mut request, &limits) {
        let response = Response::from_errors(vec![error]);
        return (StatusCode::BAD_REQUEST, Json(response)).into_response();
    }
    if !is_router {
        if let Some(field) = served.gate.kept_from_others(&mut request) {
            let message = format!("`{field}` is for routers: send `{ROUTER_TOKEN}`.");
            return refuse(StatusCode::UNAUTHORIZED, ApiError::unauthenticated(message));
        }
        tell_address(&mut headers, peer.map(|Extension(ConnectInfo(peer))| peer));
    }
    let mut response = served.service.execute(&headers, request).await;
    if !is_router && !served.gate.tells_schema() {
        without_suggestions(&mut response);
    }
    GraphQLResponse::from(response).into_response()
}

/// Cuts off what tells names of the schema to somebody who only guesses.
fn without_suggestions(response: &mut Response) {
    for error in &mut response.errors {
        if error.path.is_empty()
            && let Some(at) = error.message.find(" Did you mean")
        {
            error.message.truncate(at);
        }
    }
}

/// Only a router's word counts for where a request comes from; else it comes from whoever sends it.
fn tell_address(headers: &mut HeaderMap, peer: Option<SocketAddr>) {
    headers.remove(ClientAddress::HEADER);
    let address = peer.map(|peer| peer.ip().to_canonical().to_string());
    if let Some(value) = address.and_then(|text| HeaderValue::try_from(text).ok()) {
        headers.insert(ClientAddress::HEADER, value);
    }
}

const fn status(code: Code) -> StatusCode {
    match code {
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::Forbidden => StatusCode::FORBIDDEN,
        Code::BadUserInput => StatusCode::BAD_REQUEST,
        Code::Unavailable | Code::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn refuse(status: StatusCode, error: ApiError) -> axum::response::Response {
    let errors = vec![ServerError::from(error)];
    (status, Json(Response::from_errors(errors))).into_response()
}
