//! Which level holds how much of a reservation.

use sea_orm::entity::prelude::*;
use stockgraph_kit::id::ReservationId;

use crate::domain::level::LevelId;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reservation_allocations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub reservation_id: ReservationId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub level_id: LevelId,
    pub quantity: i32,
    pub returned: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
