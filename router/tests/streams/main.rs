//! Subscriptions: through the router, from subgraphs in process and over HTTP, to clients over websockets and server-sent events.

mod events;
mod graph;
mod lost;
mod sse;
mod websocket;
