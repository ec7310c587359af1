//! Reservations.

use sea_orm::entity::prelude::*;
use stockgraph_kit::id::{ReservationId, UserId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reservations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReservationId,
    pub status: String,
    pub digest: Vec<u8>,
    pub owner_id: Option<UserId>,
    pub expires_at: DateTimeUtc,
    pub created_at: DateTimeUtc,
    pub closed_at: Option<DateTimeUtc>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
