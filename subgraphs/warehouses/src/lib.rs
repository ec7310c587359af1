//! Where the stock is, who holds it, and every movement that made it so.

pub mod domain;
mod entity;
mod repo;
pub mod service;
