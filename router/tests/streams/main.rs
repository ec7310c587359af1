//! Subscriptions: through the router, from subgraphs in process and over HTTP, to clients over websockets and server-sent events.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed, and says where"
)]

mod bounds;
mod entities;
mod events;
mod graph;
mod lost;
mod sse;
mod websocket;
