//! The audit trail.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(security_events()).await?;
        // Read newest first and cleared away oldest first, as a whole or by the user.
        for (name, columns) in [
            ("security_events_occurred_at", &["occurred_at", "id"][..]),
            (
                "security_events_user_id",
                &["user_id", "occurred_at", "id"][..],
            ),
        ] {
            let mut index = Index::create().name(name).table("security_events").take();
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("security_events").to_owned())
            .await
    }
}

/// Points to no other table: what happened stays, whatever becomes of the account and the session.
fn security_events() -> TableCreateStatement {
    Table::create()
        .table("security_events")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(
            ColumnDef::new("occurred_at")
                .timestamp_with_time_zone()
                .not_null(),
        )
        .col(ColumnDef::new("kind").text().not_null())
        .col(ColumnDef::new("user_id").uuid())
        // A user's id or the name of a part of the system.
        .col(ColumnDef::new("actor").text())
        .col(ColumnDef::new("session_id").uuid())
        .col(ColumnDef::new("address").text())
        // A small JSON object.
        .col(ColumnDef::new("detail").text())
        .to_owned()
}
