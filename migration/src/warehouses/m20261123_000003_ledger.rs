//! The ledger, which the database itself keeps from being changed.

use sea_orm_migration::prelude::{async_trait::async_trait, *};

use super::drop_tables;

/// Makes `stock_movements` and the triggers that make it append-only.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(stock_movements()).await?;
        // Ids sort by time, so the primary key serves the whole ledger and these its parts, newest first.
        for (name, column) in [
            ("stock_movements_by_product", "product_id"),
            ("stock_movements_by_warehouse", "warehouse_id"),
        ] {
            let index = Index::create()
                .name(name)
                .table("stock_movements")
                .col(column)
                .col("id")
                .to_owned();
            manager.create_index(index).await?;
        }
        let connection = manager.get_connection();
        connection
            .execute_unprepared(
                "CREATE INDEX stock_movements_by_reference ON stock_movements (reference_id, id) \
                 WHERE reference_id IS NOT NULL",
            )
            .await?;
        let append_only = if manager.get_database_backend() == sea_orm::DbBackend::Postgres {
            POSTGRES_APPEND_ONLY
        } else {
            SQLITE_APPEND_ONLY
        };
        for statement in append_only {
            connection.execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["stock_movements"]).await?;
        if manager.get_database_backend() == sea_orm::DbBackend::Postgres {
            manager
                .get_connection()
                .execute_unprepared("DROP FUNCTION stock_movements_refuse_change()")
                .await?;
        }
        Ok(())
    }
}

const POSTGRES_APPEND_ONLY: &[&str] = &[
    "CREATE FUNCTION stock_movements_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ \
     BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$",
    "CREATE TRIGGER stock_movements_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON stock_movements \
     FOR EACH STATEMENT EXECUTE FUNCTION stock_movements_refuse_change()",
];

const SQLITE_APPEND_ONLY: &[&str] = &[
    "CREATE TRIGGER stock_movements_refuse_update BEFORE UPDATE ON stock_movements \
     BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END",
    "CREATE TRIGGER stock_movements_refuse_delete BEFORE DELETE ON stock_movements \
     BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END",
];

fn stock_movements() -> TableCreateStatement {
    let mut table = Table::create();
    table
        .table("stock_movements")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("level_id").uuid().not_null())
        // Counts the entries of one level from 1 without a gap.
        .col(ColumnDef::new("sequence").big_integer().not_null())
        .col(ColumnDef::new("product_id").uuid().not_null())
        .col(ColumnDef::new("warehouse_id").uuid().not_null())
        .col(ColumnDef::new("kind").string_len(16).not_null());
    for number in [
        "on_hand_delta",
        "reserved_delta",
        "on_hand_after",
        "reserved_after",
    ] {
        table.col(ColumnDef::new(number).integer().not_null());
    }
    table
        .col(ColumnDef::new("reason").string_len(500))
        // The reservation, transfer or return that caused it; the kind tells which.
        .col(ColumnDef::new("reference_id").uuid())
        .col(ColumnDef::new("actor_id").uuid())
        .col(
            ColumnDef::new("occurred_at")
                .timestamp_with_time_zone()
                .not_null(),
        )
        .index(
            Index::create()
                .name("stock_movements_level_sequence")
                .unique()
                .col("level_id")
                .col("sequence"),
        )
        .foreign_key(
            ForeignKey::create()
                .name("stock_movements_level")
                .from("stock_movements", "level_id")
                .to("stock_levels", "id"),
        )
        .check(Expr::cust(
            "kind IN ('RECEIPT', 'ADJUSTMENT', 'RESERVATION', 'RELEASE', 'EXPIRY', 'SALE', \
             'TRANSFER_OUT', 'TRANSFER_IN', 'RETURN')",
        ))
        .check(Expr::cust(
            "reserved_after >= 0 AND reserved_after <= on_hand_after",
        ))
        .check(Expr::cust("on_hand_delta <> 0 OR reserved_delta <> 0"))
        .to_owned()
}
