//! Whole graphs through the router: every directive of Federation and every way in which subgraphs may share a graph.
//! The answers are those of one server that knows everything; the plans are for a person to read.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod world;

mod abstract_types;
mod conditions;
mod differing_members;
mod every_path;
mod federation_1;
mod generated;
mod generated_abstract;
mod interface_objects;
mod keys;
mod merging;
mod nulls;
mod overrides;
mod provides;
mod random_queries;
mod requires;
mod roots;
mod shop;
mod typenames;
mod values;
