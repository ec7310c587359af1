//! The rows of the orders database. The columns are documented where they are made, in the migration.

pub mod goods_return;
pub mod order;
pub mod order_event;
pub mod order_line;
pub mod payment;
pub mod return_line;
pub mod shipment;
pub mod stock_effect;
