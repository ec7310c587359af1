//! Every query of the domain.

pub mod category;
pub mod listing;
pub mod product;
mod search;
