//! The networks that accounts were signed in to from, so that guessing from elsewhere does not lock the owner out.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(known_addresses()).await?;
        // For clearing away what is too old.
        manager
            .create_index(
                Index::create()
                    .name("known_addresses_seen_at")
                    .table("known_addresses")
                    .col("seen_at")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("known_addresses").to_owned())
            .await
    }
}

fn known_addresses() -> TableCreateStatement {
    Table::create()
        .table("known_addresses")
        .col(ColumnDef::new("user_id").uuid().not_null())
        // An IPv4 address, or the /64 of an IPv6 address.
        .col(ColumnDef::new("network").text().not_null())
        .col(
            ColumnDef::new("seen_at")
                .timestamp_with_time_zone()
                .not_null(),
        )
        .primary_key(
            Index::create()
                .name("known_addresses_pkey")
                .col("user_id")
                .col("network"),
        )
        .foreign_key(
            ForeignKey::create()
                .name("known_addresses_user_id")
                .from("known_addresses", "user_id")
                .to("users", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}
