//! GraphQL over websockets: the server's side of `graphql-transport-ws`, as
//! <https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md> says, on axum.
//!
//! What an operation answers is the caller's, see [`Operations`]. Nothing is kept for a client that does not read: an operation is asked
//! for its next answer only when the one before has been taken by the connection, so whoever answers decides what becomes of those that
//! a client is too slow for.

mod message;
mod origin;
mod session;

use std::time::Duration;

use axum::{
    extract::ws::WebSocketUpgrade,
    response::{IntoResponse, Response},
};
use futures_util::{future::BoxFuture, stream::BoxStream};
use http::{StatusCode, header::CONTENT_TYPE};
use serde_json::{Map, Value, json};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use origin::is_allowed as origin_is_allowed;

/// The subprotocol's name in `Sec-WebSocket-Protocol`.
pub const SUBPROTOCOL: &str = "graphql-transport-ws";

/// What the refusal of one subscription too many says in `extensions.code`.
pub const TOO_MANY: &str = "TOO_MANY_SUBSCRIPTIONS";

/// How a connection is kept.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long a client may take to send `connection_init`. Default: 10 s.
    pub init_timeout: Duration,
    /// How often the client is pinged. Default: 15 s.
    pub ping_interval: Duration,
    /// How long nothing may be heard of a client, its pongs included, before its connection counts as lost. Default: 40 s.
    pub silence: Duration,
    /// How long a client may take to make room for a message. Default: 20 s.
    pub send_timeout: Duration,
    /// The most operations that run at once on a connection. Default: 50.
    pub operations: usize,
    /// The largest message of a client, in bytes. Default: 1 MiB.
    pub message_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            init_timeout: Duration::from_secs(10),
            ping_interval: Duration::from_secs(15),
            silence: Duration::from_secs(40),
            send_timeout: Duration::from_secs(20),
            operations: 50,
            message_bytes: 1 << 20,
        }
    }
}

/// What an operation answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// An answer: the JSON text of a GraphQL response.
    Next(Vec<u8>),
    /// The operation is not begun: the JSON text of the list of errors that say why. Nothing follows.
    Refused(Vec<u8>),
}

/// What runs the operations of one connection.
pub trait Operations: Send + 'static {
    /// Hears the payload of `connection_init`, before any operation.
    ///
    /// # Errors
    ///
    /// Why the client is not let in, which is the reason of the close with 4403.
    fn init(&mut self, payload: Map<String, Value>) -> BoxFuture<'_, Result<(), String>>;

    /// Begins the operation of a `subscribe`'s payload. It is over when the stream ends, and is broken off where the stream is dropped.
    fn start(&mut self, payload: Value) -> BoxStream<'static, Answer>;
}

/// Ends the connections when the process stops, and tells when all have ended. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Lifetime {
    /// Ends all connections, with 1012: clients come again.
    pub stop: CancellationToken,
    connections: TaskTracker,
}

impl Lifetime {
    /// Connections that end at `stop`.
    #[must_use]
    pub fn until(stop: CancellationToken) -> Self {
        Self {
            stop,
            connections: TaskTracker::new(),
        }
    }

    /// How many connections are open.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.connections.len()
    }

    /// Waits until all connections have ended. After `stop`.
    pub async fn ended(&self) {
        self.connections.close();
        self.connections.wait().await;
    }
}

/// Takes a connection on, and runs `operations` on it until it ends. A client that does not speak [`SUBPROTOCOL`] is refused with 400.
pub fn serve(
    upgrade: WebSocketUpgrade,
    options: Options,
    lifetime: &Lifetime,
    operations: impl Operations,
) -> Response {
    let upgrade = upgrade.protocols([SUBPROTOCOL]);
    if upgrade.selected_protocol().is_none() {
        let message = format!(
            "The websocket must speak `{SUBPROTOCOL}`: name it in `Sec-WebSocket-Protocol`. The older `graphql-ws` is not served."
        );
        return refuse(StatusCode::BAD_REQUEST, "BAD_REQUEST", &message);
    }
    let stop = lifetime.stop.clone();
    let connections = lifetime.connections.clone();
    upgrade
        .max_message_size(options.message_bytes)
        .max_frame_size(options.message_bytes)
        .on_upgrade(move |socket| {
            connections.track_future(session::run(socket, options, stop, operations))
        })
}

/// Refuses an upgrade, or another request that has nothing to be executed.
pub fn refuse(status: StatusCode, code: &str, message: &str) -> Response {
    let body = json!({"errors": [{"message": message, "extensions": {"code": code}}]}).to_string();
    (status, [(CONTENT_TYPE, "application/json")], body).into_response()
}
