//! The graph as a whole, through its router.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed, and says where"
)]

mod bad_input;
mod debug;
mod fuzz;
mod http;
mod metrics;
mod open_streams;
mod outage;
mod overselling;
mod payment_webhook;
mod races;
mod rights;
mod schema_files;
mod stock_flow;
mod subgraph_gate;
mod subgraph_guard;
mod subgraph_websocket;
mod subscriptions;
mod test_graph;
mod visibility;
mod whole_graph;
