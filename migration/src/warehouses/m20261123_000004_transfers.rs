//! Transfers, restocks, and the keys under which callers repeat what they asked for.

use sea_orm_migration::prelude::{async_trait::async_trait, *};

use super::drop_tables;

/// Makes `transfers`, `transfer_lines`, `restocks` and `idempotency_keys`.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(transfers()).await?;
        manager.create_table(transfer_lines()).await?;
        manager.create_table(restocks()).await?;
        manager.create_table(idempotency_keys()).await?;
        // What is on its way is small beside what ever was.
        manager
            .get_connection()
            .execute_unprepared(
                "CREATE INDEX transfers_in_transit ON transfers (id) WHERE status = 'IN_TRANSIT'",
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("transfer_lines_by_product")
                    .table("transfer_lines")
                    .col("product_id")
                    .col("transfer_id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("restocks_by_reservation")
                    .table("restocks")
                    .col("reservation_id")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(
            manager,
            &[
                "idempotency_keys",
                "restocks",
                "transfer_lines",
                "transfers",
            ],
        )
        .await
    }
}

fn transfers() -> TableCreateStatement {
    Table::create()
        .table("transfers")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("source_id").uuid().not_null())
        .col(ColumnDef::new("destination_id").uuid().not_null())
        .col(ColumnDef::new("status").string_len(16).not_null())
        .col(
            ColumnDef::new("created_at")
                .timestamp_with_time_zone()
                .not_null(),
        )
        .col(ColumnDef::new("closed_at").timestamp_with_time_zone())
        .foreign_key(
            ForeignKey::create()
                .name("transfers_source")
                .from("transfers", "source_id")
                .to("warehouses", "id"),
        )
        .foreign_key(
            ForeignKey::create()
                .name("transfers_destination")
                .from("transfers", "destination_id")
                .to("warehouses", "id"),
        )
        .check(Expr::cust(
            "status IN ('IN_TRANSIT', 'RECEIVED', 'CANCELLED')",
        ))
        .check(Expr::cust("(status = 'IN_TRANSIT') = (closed_at IS NULL)"))
        .check(Expr::cust("source_id <> destination_id"))
        .to_owned()
}

fn transfer_lines() -> TableCreateStatement {
    Table::create()
        .table("transfer_lines")
        .col(ColumnDef::new("transfer_id").uuid().not_null())
        .col(ColumnDef::new("product_id").uuid().not_null())
        // As the caller ordered them, from 0.
        .col(ColumnDef::new("position").integer().not_null())
        .col(ColumnDef::new("quantity").integer().not_null())
        .primary_key(Index::create().col("transfer_id").col("product_id"))
        .foreign_key(
            ForeignKey::create()
                .name("transfer_lines_transfer")
                .from("transfer_lines", "transfer_id")
                .to("transfers", "id"),
        )
        .check(Expr::cust("quantity > 0"))
        .to_owned()
}

fn restocks() -> TableCreateStatement {
    Table::create()
        .table("restocks")
        // Chosen by the caller.
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("reservation_id").uuid().not_null())
        .col(ColumnDef::new("digest").binary().not_null())
        .col(
            ColumnDef::new("created_at")
                .timestamp_with_time_zone()
                .not_null(),
        )
        .foreign_key(
            ForeignKey::create()
                .name("restocks_reservation")
                .from("restocks", "reservation_id")
                .to("reservations", "id"),
        )
        .to_owned()
}

fn idempotency_keys() -> TableCreateStatement {
    Table::create()
        .table("idempotency_keys")
        // What was asked for, e.g. `receive`.
        .col(ColumnDef::new("scope").string_len(16).not_null())
        .col(ColumnDef::new("key").string_len(200).not_null())
        .col(ColumnDef::new("digest").binary().not_null())
        // What came of it, where that is an object of its own.
        .col(ColumnDef::new("answer_id").uuid())
        .col(
            ColumnDef::new("created_at")
                .timestamp_with_time_zone()
                .not_null(),
        )
        .primary_key(Index::create().col("scope").col("key"))
        .to_owned()
}
