//! Composition, rule by rule, and what the planner makes of its output.

mod support;

mod access;
mod arguments;
mod compose_directive;
mod enums;
mod errors;
mod federation_1;
mod hints;
mod inputs;
mod interface_objects;
mod keys;
mod links;
mod metadata;
mod overrides;
mod ownership;
mod satisfiability;
mod shop;
mod types;
