//! GraphQL over websockets: what the operations of a connection are to the router.

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use futures_util::future::{BoxFuture, ready};
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt};
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Map, Value};
use stockgraph_websocket::{Answer, Operations, origin_is_allowed, refuse};

use super::clients::Held;
use super::streaming::{Streaming, TOO_MANY_OF_CLIENT};
use crate::error::code;
use crate::pipeline::{GraphQLRequest, GraphQLResponse, LiveRouter};

/// Takes the connection on.
pub(super) async fn serve(streaming: Streaming, current: LiveRouter, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    if !origin_is_allowed(&parts.headers, &streaming.options.allowed_origins) {
        let message = "web pages of this origin may not open websockets here";
        return refuse(StatusCode::FORBIDDEN, code::BAD_REQUEST, message);
    }
    if streaming.open_connections() >= streaming.options.connections {
        let message = "as many websockets are open as may be: try again later";
        let status = StatusCode::SERVICE_UNAVAILABLE;
        return refuse(status, code::TOO_MANY_SUBSCRIPTIONS, message);
    }
    let Some(place) = streaming.hold(&parts.headers) else {
        let status = StatusCode::TOO_MANY_REQUESTS;
        return refuse(status, code::TOO_MANY_SUBSCRIPTIONS, TOO_MANY_OF_CLIENT);
    };
    let upgrade = match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    let mut options = streaming.options.websocket.clone();
    // A message is what a body is elsewhere.
    let largest_body = current.current().options().limits.body_bytes;
    options.message_bytes = options.message_bytes.min(largest_body);
    let lifetime = streaming.lifetime.clone();
    let connection = Connection {
        streaming,
        current,
        headers: parts.headers,
        _place: place,
    };
    stockgraph_websocket::serve(upgrade, options, &lifetime, connection)
}

struct Connection {
    streaming: Streaming,
    current: LiveRouter,
    /// Those of the upgrade, with the token of `connection_init` in the place of theirs.
    headers: HeaderMap,
    _place: Held,
}

impl Operations for Connection {
    fn init(&mut self, payload: Map<String, Value>) -> BoxFuture<'_, Result<(), String>> {
        let token = payload
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        let read = match token {
            None | Some((_, Value::Null)) => Ok(()),
            Some((_, token)) => match token.as_str().map(HeaderValue::try_from) {
                Some(Ok(mut token)) => {
                    token.set_sensitive(true);
                    self.headers.insert(AUTHORIZATION, token);
                    Ok(())
                }
                _ => Err("`authorization` must be what the header holds".to_owned()),
            },
        };
        ready(read).boxed()
    }

    fn start(&mut self, payload: Value) -> BoxStream<'static, Answer> {
        let request = match GraphQLRequest::from_json(payload) {
            Ok(request) => request,
            Err(errors) => {
                let refused = answer(GraphQLResponse::rejected(&errors));
                return stream::once(ready(refused)).boxed();
            }
        };
        let (streaming, router) = (self.streaming.clone(), self.current.current());
        let headers = self.headers.clone();
        let responses = async move { streaming.answer(&router, request, &headers).await };
        stream::once(responses).flatten().map(answer).boxed()
    }
}

fn answer(response: GraphQLResponse) -> Answer {
    if !response.is_rejected() {
        return Answer::Next(response.into_body());
    }
    let errors = response.to_json().get_mut("errors").map(Value::take);
    Answer::Refused(errors.unwrap_or_default().to_string().into_bytes())
}
