//! The rows of the tables.

pub mod idempotency_key;
pub mod reservation;
pub mod reservation_allocation;
pub mod reservation_line;
pub mod restock;
pub mod stock_level;
pub mod stock_movement;
pub mod transfer;
pub mod transfer_line;
pub mod warehouse;
