//! The rules of accounts: values and decisions, without a database, GraphQL or a clock.

pub mod audit;
pub mod identifier;
pub mod origin;
pub mod password;
pub mod role;
pub mod session;
pub mod throttle;
pub mod user;
