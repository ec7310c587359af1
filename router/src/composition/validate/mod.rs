//! What must be right before the subgraphs are merged, and after.

pub(super) mod cost;
pub(super) mod demands;
pub(super) mod inaccessible;
pub(super) mod interface_objects;
pub(super) mod names;
pub(super) mod subgraph;
pub(super) mod supergraph;
pub(super) mod uses;
