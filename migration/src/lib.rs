//! One migrator per domain; none touches another domain's tables.

pub mod orders;
pub mod products;
pub mod users;
pub mod warehouses;
