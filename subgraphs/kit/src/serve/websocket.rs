//! A subgraph over websockets: `graphql-transport-ws`, behind the same gate as everything else.

use std::net::SocketAddr;

use async_graphql::{Request, Response, ServerError};
use axum::{
    extract::{
        ConnectInfo, Extension, State,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{AUTHORIZATION, UPGRADE},
    },
    response::IntoResponse,
};
use futures_util::{
    FutureExt, StreamExt,
    future::{BoxFuture, ready},
    stream::{self, BoxStream},
};
use serde_json::{Map, Value};
use stockgraph_websocket::{Answer, Operations, Options, origin_is_allowed, refuse};

use super::{
    LARGEST_BODY, ROUTER_TOKEN, RouterGate, Served, check, tell_address, without_suggestions,
};
use crate::{
    error::{ApiError, Code},
    subgraph::{Service, Subgraph},
};

/// The most websockets at once: routers open one for each subscription.
const MOST_CONNECTIONS: usize = 20_000;

/// What the first message may say in the place of a header, which a browser's websockets cannot send.
const FROM_INIT: [HeaderName; 2] = [AUTHORIZATION, ROUTER_TOKEN];

pub(super) async fn upgrade<S: Subgraph>(
    State(served): State<Served<S>>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> axum::response::Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(_) if !headers.contains_key(UPGRADE) => {
            let message = "Send GraphQL by POST, or open a websocket.";
            let status = StatusCode::METHOD_NOT_ALLOWED;
            return refuse(status, Code::BadUserInput.as_str(), message);
        }
        Err(rejection) => return rejection.into_response(),
    };
    // Browsers do not ask before they open a websocket to a foreign host, and no page is served here.
    if !origin_is_allowed::<&str>(&headers, &[]) {
        let message = "Web pages of this origin may not open websockets here.";
        return refuse(StatusCode::FORBIDDEN, Code::Forbidden.as_str(), message);
    }
    if served.websockets.connections() >= MOST_CONNECTIONS {
        let error = ApiError::overloaded();
        let status = StatusCode::SERVICE_UNAVAILABLE;
        return refuse(status, error.code().as_str(), error.message());
    }
    let options = Options {
        message_bytes: LARGEST_BODY,
        ..Options::default()
    };
    let connection = Connection {
        service: served.service,
        gate: served.gate,
        peer: peer.map(|Extension(ConnectInfo(peer))| peer),
        headers,
        is_router: false,
    };
    stockgraph_websocket::serve(upgrade, options, &served.websockets, connection)
}

struct Connection<S> {
    service: Service<S>,
    gate: RouterGate,
    peer: Option<SocketAddr>,
    headers: HeaderMap,
    is_router: bool,
}

impl<S: Subgraph> Operations for Connection<S> {
    fn init(&mut self, payload: Map<String, Value>) -> BoxFuture<'_, Result<(), String>> {
        async move {
            for name in FROM_INIT {
                let told = payload
                    .iter()
                    .find(|(key, _)| key.eq_ignore_ascii_case(name.as_str()));
                let Some(value) = told.and_then(|(_, value)| value.as_str()) else {
                    continue;
                };
                let mut value = HeaderValue::try_from(value)
                    .map_err(|_| format!("`{name}` must be what the header holds."))?;
                value.set_sensitive(true);
                self.headers.insert(name, value);
            }
            let is_router = self.gate.is_router(&self.headers).await;
            self.is_router = is_router.map_err(|error| error.message().to_owned())?;
            if !self.is_router {
                tell_address(&mut self.headers, self.peer);
            }
            Ok(())
        }
        .boxed()
    }

    fn start(&mut self, payload: Value) -> BoxStream<'static, Answer> {
        let mut request: Request = match serde_json::from_value(payload) {
            Ok(request) => request,
            Err(error) => {
                let error = ApiError::bad_user_input(error.to_string());
                return refused(ServerError::from(error));
            }
        };
        if let Err((_, error)) = check(&self.gate, self.is_router, &mut request) {
            return refused(*error);
        }
        let tells_all = self.is_router || self.gate.tells_schema();
        let responses = self.service.subscribe(&self.headers, request);
        responses
            .map(move |mut response| {
                if !tells_all {
                    without_suggestions(&mut response);
                }
                Answer::Next(to_json(&response))
            })
            .boxed()
    }
}

fn refused(error: ServerError) -> BoxStream<'static, Answer> {
    let errors = serde_json::to_vec(&[error]).unwrap_or_else(|_| b"[]".to_vec());
    stream::once(ready(Answer::Refused(errors))).boxed()
}

fn to_json(response: &Response) -> Vec<u8> {
    serde_json::to_vec(response).unwrap_or_else(|cause| {
        let error = ServerError::from(ApiError::internal(&cause));
        let response = Response::from_errors(vec![error]);
        serde_json::to_vec(&response).unwrap_or_else(|_| b"{\"data\":null}".to_vec())
    })
}
