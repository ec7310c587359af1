//! Composition, rule by rule, and what the planner makes of its output.

mod support;

mod shop;
