//! Goods that came back.

use sea_orm::entity::prelude::*;
use stockgraph_kit::id::ReservationId;

use crate::domain::restock::RestockId;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "restocks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RestockId,
    pub reservation_id: ReservationId,
    pub digest: Vec<u8>,
    pub created_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
