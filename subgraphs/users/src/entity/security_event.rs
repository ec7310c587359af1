//! `security_events`: a row for each thing that happened to an account. Rows are added, and cleared away with age; none is changed.

use sea_orm::entity::prelude::*;
use stockgraph_kit::id::{SessionId, UserId};

use crate::domain::audit::SecurityEventId;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "security_events")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: SecurityEventId,
    pub(crate) occurred_at: ChronoDateTimeUtc,
    pub(crate) kind: String,
    pub(crate) user_id: Option<UserId>,
    /// A user's id or the name of a part of the system.
    pub(crate) actor: Option<String>,
    pub(crate) session_id: Option<SessionId>,
    pub(crate) address: Option<String>,
    /// A JSON object.
    pub(crate) detail: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
