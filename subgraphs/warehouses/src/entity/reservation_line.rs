//! What reservations hold.

use sea_orm::entity::prelude::*;
use stockgraph_kit::id::{ProductId, ReservationId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reservation_lines")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub reservation_id: ReservationId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub product_id: ProductId,
    pub position: i32,
    pub quantity: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
