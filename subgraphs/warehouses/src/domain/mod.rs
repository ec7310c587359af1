//! The rules of the stock, over plain values: no database, no GraphQL, no clock of its own.

pub mod allocation;
pub mod book;
pub mod goods;
pub mod import;
pub mod level;
pub mod line;
pub mod movement;
pub mod product_stock;
pub mod reservation;
pub mod restock;
pub mod settlement;
mod text_enum;
pub mod transfer;
pub mod violation;
pub mod warehouse;
