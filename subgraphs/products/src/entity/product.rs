//! Rows of `products`. The columns that the database computes itself (`sort_name`, what is searched) are not among them.

use chrono::{DateTime, Utc};
use sea_orm::{FromJsonQueryResult, entity::prelude::*};
use serde::{Deserialize, Serialize};
use stockgraph_kit::id::ProductId;

use crate::domain::CategoryId;

/// A row of `products`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "products")]
pub struct Model {
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ProductId,
    /// Unique.
    #[sea_orm(unique)]
    pub sku: String,
    /// The name.
    pub name: String,
    /// The description.
    pub description: Option<String>,
    /// A whole number of 10⁻⁴ of the currency.
    pub price_amount: i64,
    /// ISO 4217.
    pub price_currency: String,
    /// The status.
    pub status: Status,
    /// The category.
    pub category_id: Option<CategoryId>,
    /// What variants share.
    pub family: Option<String>,
    /// In the order in which they are shown.
    #[sea_orm(column_type = "JsonBinary")]
    pub options: Options,
    /// The picture's URL.
    pub image_url: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it changed last.
    pub updated_at: DateTime<Utc>,
}

/// Relations are followed by data loaders.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The column `status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Status {
    /// Not yet on sale.
    #[sea_orm(string_value = "DRAFT")]
    Draft,
    /// On sale.
    #[sea_orm(string_value = "ACTIVE")]
    Active,
    /// No longer on sale.
    #[sea_orm(string_value = "ARCHIVED")]
    Archived,
}

/// The column `options`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Options(pub Vec<ProductOption>);

/// An element of the column `options`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductOption {
    /// E.g. `Size`.
    pub name: String,
    /// E.g. `M`.
    pub value: String,
}
