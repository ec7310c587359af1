//! What the load program and the criterion benches have in common: the router by itself, over answers that are there beforehand.

pub mod overhead;
