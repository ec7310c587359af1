//! A subgraph over HTTP.

mod gate;
mod guard;
mod websocket;

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
use stockgraph_guard::without_suggestion;

pub use gate::{ROUTER_TOKEN, RouterGate};
pub use stockgraph_websocket::Lifetime;

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
    websockets: Lifetime,
}

impl<S> Clone for Served<S> {
    fn clone(&self) -> Self {
        Self {
            service: self.service.clone(),
            gate: self.gate.clone(),
            websockets: self.websockets.clone(),
        }
    }
}

/// `POST /graphql` (JSON alone: a form or plain text, which a browser sends to foreign sites without asking, is refused) and
/// `GET /health`. `_entities`, `_service` and, unless `gate` says otherwise, introspection are for those whom it knows as a router.
/// What is too large is refused before async-graphql sees it. A websocket on `/graphql` speaks `graphql-transport-ws`.
pub fn routes<S: Subgraph>(service: Service<S>, gate: RouterGate) -> Router {
    routes_until(service, gate, Lifetime::default())
}

/// The same routes, whose websockets end as `websockets` says.
pub fn routes_until<S: Subgraph>(
    service: Service<S>,
    gate: RouterGate,
    websockets: Lifetime,
) -> Router {
    Router::new()
        .route("/graphql", post(answer::<S>).get(websocket::upgrade::<S>))
        .route("/health", get(|| async { "ok" }))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(Served {
            service,
            gate,
            websockets,
        })
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
    if let Err((status, error)) = check(&served.gate, is_router, &mut request) {
        let response = Response::from_errors(vec![*error]);
        return (status, Json(response)).into_response();
    }
    if !is_router {
        tell_address(&mut headers, peer.map(|Extension(ConnectInfo(peer))| peer));
    }
    let mut response = served.service.execute(&headers, request).await;
    if !is_router && !served.gate.tells_schema() {
        without_suggestions(&mut response);
    }
    GraphQLResponse::from(response).into_response()
}

/// What stands before the schema, however a request comes.
///
/// # Errors
///
/// It is too large, or asks for what is for routers; with the status that says so over HTTP.
fn check(
    gate: &RouterGate,
    is_router: bool,
    request: &mut Request,
) -> Result<(), (StatusCode, Box<ServerError>)> {
    let limits = match is_router {
        true => guard::limits_of_routers(),
        false => guard::limits(),
    };
    guard::check_request(request, &limits)
        .map_err(|error| (StatusCode::BAD_REQUEST, Box::new(error)))?;
    match gate.kept_from_others(request) {
        Some(field) if !is_router => {
            let message = format!("`{field}` is for routers: send `{ROUTER_TOKEN}`.");
            let error = ApiError::unauthenticated(message);
            Err((StatusCode::UNAUTHORIZED, Box::new(error.into())))
        }
        _ => Ok(()),
    }
}

/// Cuts off what tells names of the schema to somebody who only guesses.
fn without_suggestions(response: &mut Response) {
    for error in &mut response.errors {
        if error.path.is_empty() {
            without_suggestion(&mut error.message);
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
