//! What transfers move.

use sea_orm::entity::prelude::*;
use stockgraph_kit::id::ProductId;

use crate::domain::transfer::TransferId;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "transfer_lines")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub transfer_id: TransferId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub product_id: ProductId,
    pub position: i32,
    pub quantity: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
