//! Rows of `categories`.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::domain::CategoryId;

/// A row of `categories`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "categories")]
pub struct Model {
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CategoryId,
    /// The category above.
    pub parent_id: Option<CategoryId>,
    /// The name.
    pub name: String,
    /// Unique.
    #[sea_orm(unique)]
    pub slug: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// Relations are followed by data loaders.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
