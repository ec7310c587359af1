//! Lets the sessions that were revoked lately be found among all that there are.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Other processes ask every few seconds; most sessions are never revoked.
        manager
            .create_index(
                Index::create()
                    .name("sessions_revoked_at")
                    .table("sessions")
                    .col("revoked_at")
                    .and_where(Expr::col("revoked_at").is_not_null())
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(
                Index::drop()
                    .name("sessions_revoked_at")
                    .table("sessions")
                    .to_owned(),
            )
            .await
    }
}
