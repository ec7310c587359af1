//! The ledger.

use sea_orm::entity::prelude::*;
use stockgraph_kit::id::{ProductId, UserId};

use crate::domain::{level::LevelId, movement::MovementId, warehouse::WarehouseId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stock_movements")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MovementId,
    pub level_id: LevelId,
    pub sequence: i64,
    pub product_id: ProductId,
    pub warehouse_id: WarehouseId,
    pub kind: String,
    pub on_hand_delta: i32,
    pub reserved_delta: i32,
    pub on_hand_after: i32,
    pub reserved_after: i32,
    pub reason: Option<String>,
    pub reference_id: Option<Uuid>,
    pub actor_id: Option<UserId>,
    pub occurred_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
