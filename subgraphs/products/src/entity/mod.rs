//! The rows of the tables.

pub mod category;
pub mod product;
