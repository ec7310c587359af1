//! A subgraph over HTTP.

mod gate;
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
/// `GET /health`. `_entities` and `_service` are for those whom `gate` knows as a router. A websocket on `/graphql` speaks
/// `graphql-transport-ws`.
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
    match served.gate.is_router(&headers).await {
        Ok(true) => {}
        Ok(false) if gate::asks_for_federation(&mut request) => {
            let message =
                format!("`_entities` and `_service` are for routers: send `{ROUTER_TOKEN}`.");
            return refuse(StatusCode::UNAUTHORIZED, ApiError::unauthenticated(message));
        }
        Ok(false) => tell_address(&mut headers, peer.map(|Extension(ConnectInfo(peer))| peer)),
        Err(error) => return refuse(status(error.code()), error),
    }
    GraphQLResponse::from(served.service.execute(&headers, request).await).into_response()
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
