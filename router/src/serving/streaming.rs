//! What clients stay for: websockets and server-sent events. How many there may be, which web pages may
//! open them, and how they end when the process stops.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use futures_util::StreamExt;
use futures_util::future::ready;
use futures_util::stream;
use http::{HeaderMap, HeaderName, Method, header::UPGRADE};
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;
use stockgraph_websocket::{Lifetime, Options};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::clients::{Clients, Held};
use super::{event_stream, websocket};
use crate::error::{GraphQLError, code};
use crate::pipeline::{
    GraphQLRequest, GraphQLResponse, LiveRouter, PreparedOperation, Responses, Router,
};
use crate::planning::OperationKind;

/// How clients may subscribe.
#[derive(Debug, Clone)]
pub struct StreamingOptions {
    /// The most subscriptions of all clients together. Default: 10,000.
    pub subscriptions: usize,
    /// The most websockets of all clients together, idle ones included. Default: 10,000.
    pub connections: usize,
    /// How a websocket is kept, and how many operations it may run.
    pub websocket: Options,
    /// After how long without an event server-sent events have a comment instead. Default: 15 s.
    pub keep_alive: Duration,
    /// Origins of web pages that may open websockets, besides those of this very host:
    /// `https://shop.example`. Default: none.
    pub allowed_origins: Vec<String>,
    /// What one client may hold open. Default: as much as all together.
    pub per_client: Option<PerClient>,
}

/// What one client may hold open. This machine itself is not bound.
#[derive(Debug, Clone)]
pub struct PerClient {
    /// The header that tells a client's address. Whoever is before the routes must write it: clients say what they like.
    pub address: HeaderName,
    /// The most websockets and event streams together of one address, or of one network of 64 bits in IPv6.
    pub most: usize,
}

impl Default for StreamingOptions {
    fn default() -> Self {
        StreamingOptions {
            subscriptions: 10_000,
            connections: 10_000,
            websocket: Options::default(),
            keep_alive: Duration::from_secs(15),
            allowed_origins: Vec::new(),
            per_client: None,
        }
    }
}

/// What a client is told that holds open what it may.
pub(super) const TOO_MANY_OF_CLIENT: &str =
    "as many websockets and event streams of your address are open as may be";

/// The subscriptions of a process. Clones are the same.
#[derive(Debug, Clone)]
pub struct Streaming {
    pub(super) options: Arc<StreamingOptions>,
    pub(super) lifetime: Lifetime,
    free: Arc<Semaphore>,
    clients: Clients,
}

impl Default for Streaming {
    fn default() -> Self {
        Streaming::new(StreamingOptions::default(), CancellationToken::new())
    }
}

impl Streaming {
    /// Subscriptions that end at `stop`.
    pub fn new(options: StreamingOptions, stop: CancellationToken) -> Self {
        Streaming {
            free: Arc::new(Semaphore::new(options.subscriptions)),
            options: Arc::new(options),
            lifetime: Lifetime::until(stop),
            clients: Clients::default(),
        }
    }

    /// How many subscriptions are open, over websockets and as server-sent events.
    pub fn open_subscriptions(&self) -> usize {
        self.options
            .subscriptions
            .saturating_sub(self.free.available_permits())
    }

    /// How many websockets are open.
    pub fn open_connections(&self) -> usize {
        self.lifetime.connections()
    }

    /// Waits until all websockets have ended. After the stop.
    pub async fn ended(&self) {
        self.lifetime.ended().await;
    }

    /// A place for one more stream of whoever sends these headers.
    pub(super) fn hold(&self, headers: &HeaderMap) -> Option<Held> {
        self.clients.hold(headers, self.options.per_client.as_ref())
    }

    /// Answers a request of any kind, as long as there is room for one more subscription.
    pub(super) async fn answer(
        &self,
        router: &Arc<Router>,
        request: GraphQLRequest,
        headers: &HeaderMap,
    ) -> Responses {
        match router.prepare(&request).await {
            Ok(operation) => self.follow(router, operation, request.variables, headers),
            Err(errors) => refused(&errors),
        }
    }

    /// The same for an operation that is prepared.
    pub(super) fn follow(
        &self,
        router: &Arc<Router>,
        operation: Arc<PreparedOperation>,
        variables: Map<String, Value>,
        headers: &HeaderMap,
    ) -> Responses {
        if operation.kind() != OperationKind::Subscription {
            return router.follow(operation, variables, headers);
        }
        let Ok(place) = Arc::clone(&self.free).try_acquire_owned() else {
            let limit = self.options.subscriptions;
            let message = "as many subscriptions are open as may be: try again later";
            let error = GraphQLError::new(code::TOO_MANY_SUBSCRIPTIONS, message)
                .with_extension("limit", limit)
                .with_extension("value", limit.saturating_add(1));
            return refused(&[error]);
        };
        let responses = router.follow(operation, variables, headers);
        responses
            .map(move |response| {
                // Free again when the stream is dropped.
                let _ = &place;
                response
            })
            .boxed()
    }
}

pub(super) fn refused(errors: &[GraphQLError]) -> Responses {
    stream::once(ready(GraphQLResponse::rejected(errors))).boxed()
}

/// Takes websockets and server-sent events out of the requests, and leaves the rest as it was.
pub(super) async fn intercept(
    streaming: Streaming,
    current: LiveRouter,
    request: Request,
    next: Next,
) -> Response {
    let upgrades = request.headers().get_all(UPGRADE).iter();
    let mut upgrades = upgrades.filter_map(|value| value.to_str().ok());
    let is_websocket = upgrades.any(|value| value.to_ascii_lowercase().contains("websocket"));
    if request.method() == Method::GET && is_websocket {
        return websocket::serve(streaming, current, request).await;
    }
    if event_stream::is_accepted(request.headers()) {
        return event_stream::serve(streaming, current, request, next).await;
    }
    next.run(request).await
}
