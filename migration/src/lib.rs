//! The schemas of the four databases: one migrator per domain; none touches another domain's tables.
//!
//! Each domain keeps its list of applied migrations in a table of its own, so that all four may live in one database.

pub mod orders;
pub mod products;
pub mod users;
pub mod warehouses;

pub use sea_orm_migration::MigratorTrait;
