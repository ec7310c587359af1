//! Warehouses, and the level of each product in each of them.

use sea_orm_migration::prelude::{async_trait::async_trait, *};

use super::drop_tables;

/// Makes `warehouses` and `stock_levels`.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(warehouses()).await?;
        manager.create_table(stock_levels()).await?;
        // A warehouse's levels, page by page. Its columns never change, so that a change of stock touches no index.
        manager
            .create_index(
                Index::create()
                    .name("stock_levels_by_warehouse")
                    .table("stock_levels")
                    .col("warehouse_id")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        let connection = manager.get_connection();
        // Changes only when a level crosses its threshold, not with every change of the level.
        connection
            .execute_unprepared(
                "CREATE INDEX stock_levels_low ON stock_levels (warehouse_id, id) WHERE low",
            )
            .await?;
        if manager.get_database_backend() == sea_orm::DbBackend::Postgres {
            // Room on each page for the next version of a row, so that a hot level is updated in place.
            connection
                .execute_unprepared("ALTER TABLE stock_levels SET (fillfactor = 70)")
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["stock_levels", "warehouses"]).await
    }
}

fn warehouses() -> TableCreateStatement {
    Table::create()
        .table("warehouses")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(
            ColumnDef::new("code")
                .string_len(32)
                .not_null()
                .unique_key(),
        )
        .col(ColumnDef::new("name").string_len(200).not_null())
        .col(ColumnDef::new("location").string_len(500))
        .col(ColumnDef::new("status").string_len(16).not_null())
        .col(ColumnDef::new("priority").integer().not_null())
        .col(
            ColumnDef::new("created_at")
                .timestamp_with_time_zone()
                .not_null(),
        )
        .col(
            ColumnDef::new("updated_at")
                .timestamp_with_time_zone()
                .not_null(),
        )
        .check(Expr::cust("status IN ('ACTIVE', 'INACTIVE')"))
        .to_owned()
}

fn stock_levels() -> TableCreateStatement {
    Table::create()
        .table("stock_levels")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("product_id").uuid().not_null())
        .col(ColumnDef::new("warehouse_id").uuid().not_null())
        .col(ColumnDef::new("on_hand").integer().not_null())
        .col(ColumnDef::new("reserved").integer().not_null())
        .col(ColumnDef::new("safety_stock").integer().not_null())
        .col(ColumnDef::new("low_stock_threshold").integer().not_null())
        // How many entries of the ledger made the level.
        .col(ColumnDef::new("sequence").big_integer().not_null())
        .col(ColumnDef::new("low").boolean().not_null().generated(
            Expr::cust("on_hand - reserved - safety_stock <= low_stock_threshold"),
            true,
        ))
        .col(
            ColumnDef::new("updated_at")
                .timestamp_with_time_zone()
                .not_null(),
        )
        .index(
            Index::create()
                .name("stock_levels_product_warehouse")
                .unique()
                .col("product_id")
                .col("warehouse_id"),
        )
        .foreign_key(
            ForeignKey::create()
                .name("stock_levels_warehouse")
                .from("stock_levels", "warehouse_id")
                .to("warehouses", "id"),
        )
        .check(Expr::cust("reserved >= 0 AND reserved <= on_hand"))
        .check(Expr::cust(
            "safety_stock >= 0 AND low_stock_threshold >= 0 AND sequence >= 0",
        ))
        .to_owned()
}
