//! Reservations: what is held, and which level holds how much of it.

use sea_orm_migration::prelude::{async_trait::async_trait, *};

use super::drop_tables;

/// Makes `reservations`, `reservation_lines` and `reservation_allocations`.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(reservations()).await?;
        manager.create_table(lines()).await?;
        manager.create_table(allocations()).await?;
        // Serves the expiry job: as large as what is held, however many reservations there have been.
        manager
            .get_connection()
            .execute_unprepared(
                "CREATE INDEX reservations_due ON reservations (expires_at, id) WHERE status = 'HELD'",
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(
            manager,
            &[
                "reservation_allocations",
                "reservation_lines",
                "reservations",
            ],
        )
        .await
    }
}

fn reservations() -> TableCreateStatement {
    Table::create()
        .table("reservations")
        // Chosen by the caller.
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("status").string_len(16).not_null())
        // SHA-256 of the lines: tells the same id with other lines.
        .col(ColumnDef::new("digest").binary().not_null())
        // The user who may see it.
        .col(ColumnDef::new("owner_id").uuid())
        .col(
            ColumnDef::new("expires_at")
                .timestamp_with_time_zone()
                .not_null(),
        )
        .col(
            ColumnDef::new("created_at")
                .timestamp_with_time_zone()
                .not_null(),
        )
        .col(ColumnDef::new("closed_at").timestamp_with_time_zone())
        .check(Expr::cust(
            "status IN ('HELD', 'COMMITTED', 'RELEASED', 'EXPIRED')",
        ))
        .check(Expr::cust("(status = 'HELD') = (closed_at IS NULL)"))
        .to_owned()
}

fn lines() -> TableCreateStatement {
    Table::create()
        .table("reservation_lines")
        .col(ColumnDef::new("reservation_id").uuid().not_null())
        .col(ColumnDef::new("product_id").uuid().not_null())
        // As the caller ordered them, from 0.
        .col(ColumnDef::new("position").integer().not_null())
        .col(ColumnDef::new("quantity").integer().not_null())
        .primary_key(Index::create().col("reservation_id").col("product_id"))
        .foreign_key(
            ForeignKey::create()
                .name("reservation_lines_reservation")
                .from("reservation_lines", "reservation_id")
                .to("reservations", "id"),
        )
        .check(Expr::cust("quantity > 0"))
        .to_owned()
}

fn allocations() -> TableCreateStatement {
    Table::create()
        .table("reservation_allocations")
        .col(ColumnDef::new("reservation_id").uuid().not_null())
        .col(ColumnDef::new("level_id").uuid().not_null())
        .col(ColumnDef::new("quantity").integer().not_null())
        // How much of it has come back after it was sold.
        .col(ColumnDef::new("returned").integer().not_null())
        .primary_key(Index::create().col("reservation_id").col("level_id"))
        .foreign_key(
            ForeignKey::create()
                .name("reservation_allocations_reservation")
                .from("reservation_allocations", "reservation_id")
                .to("reservations", "id"),
        )
        .foreign_key(
            ForeignKey::create()
                .name("reservation_allocations_level")
                .from("reservation_allocations", "level_id")
                .to("stock_levels", "id"),
        )
        .check(Expr::cust("quantity > 0"))
        .check(Expr::cust("returned >= 0 AND returned <= quantity"))
        .to_owned()
}
