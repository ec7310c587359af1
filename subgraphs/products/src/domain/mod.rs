//! The rules of the catalogue, and its values: no database and no GraphQL.

pub mod category;
pub mod listing;
pub mod product;
pub mod rule;
pub mod search;
pub mod text;

pub use category::{Category, CategoryId, NewCategory};
pub use product::{
    Change, NewProduct, Product, ProductChanges, ProductDetails, ProductOption, ProductStatus,
};
pub use rule::BrokenRule;
