//! A federation router: composes subgraphs, plans and executes operations across them. It knows no domain.

pub mod composition;
