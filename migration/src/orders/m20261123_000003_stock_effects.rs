//! What orders owe the warehouses: decided with the order's status, told until it is heard.

use sea_orm_migration::prelude::*;

use super::{id, instant, number, of_order, rule, text, uuid};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(stock_effects()).await?;
        manager
            .create_index(
                Index::create()
                    .name("stock_effects_order")
                    .table("stock_effects")
                    .col("order_id")
                    .col("sequence")
                    .unique()
                    .take(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("stock_effects_due")
                    .table("stock_effects")
                    .col("next_attempt_at")
                    .and_where(Expr::col("done_at").is_null())
                    .take(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("stock_effects").to_owned())
            .await
    }
}

fn stock_effects() -> TableCreateStatement {
    Table::create()
        .table("stock_effects")
        .col(id())
        .col(uuid("order_id"))
        // The effects of an order are carried out in this order.
        .col(number("sequence"))
        .col(text("kind"))
        // JSON: what is put back, for RESTOCK.
        .col(ColumnDef::new("payload").text())
        .col(instant("created_at").not_null())
        // Also the end of the lease of whoever is carrying it out just now.
        .col(instant("next_attempt_at").not_null())
        .col(number("attempts"))
        .col(instant("done_at"))
        // How it ended: DONE, or VOID when there was nothing left to do.
        .col(ColumnDef::new("outcome").text())
        .col(ColumnDef::new("last_error").text())
        .foreign_key(&mut of_order("stock_effects_order_id", "stock_effects"))
        .check(rule(
            "stock_effects_kind",
            "kind IN ('COMMIT', 'RELEASE', 'RESTOCK')",
        ))
        .check(rule(
            "stock_effects_payload",
            "(kind = 'RESTOCK') = (payload IS NOT NULL)",
        ))
        .check(rule(
            "stock_effects_outcome",
            "(done_at IS NULL) = (outcome IS NULL) AND (outcome IS NULL OR outcome IN ('DONE', 'VOID'))",
        ))
        .to_owned()
}
