//! Payments with what is owed back of them, and returns.

use sea_orm_migration::prelude::*;

use super::{amount, id, instant, number, of_order, rule, text, uuid};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(payments()).await?;
        manager.create_table(returns()).await?;
        manager.create_table(return_lines()).await?;
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["return_lines", "returns", "payments"] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}

/// Amounts are in the order's currency. A payment's status follows from them: see the orders domain.
fn payments() -> TableCreateStatement {
    Table::create()
        .table("payments")
        .col(id())
        .col(uuid("order_id"))
        .col(text("reference").unique_key())
        .col(amount("amount"))
        // Whether it is the payment that made the order a paid one; all others came too late or twice.
        .col(ColumnDef::new("settles").boolean().not_null())
        .col(amount("refund_due"))
        .col(amount("refunded"))
        .col(instant("recorded_at").not_null())
        .foreign_key(&mut of_order("payments_order_id", "payments"))
        .check(rule(
            "payments_amounts",
            "amount >= 0 AND refund_due >= 0 AND refunded >= 0 AND refund_due + refunded <= amount",
        ))
        .to_owned()
}

fn returns() -> TableCreateStatement {
    Table::create()
        .table("returns")
        .col(id())
        .col(uuid("order_id"))
        // SHA-256 of what was asked for: tells a repeated call from another one with the same id.
        .col(ColumnDef::new("request_digest").blob().not_null())
        .col(ColumnDef::new("reason").text())
        .col(amount("refund"))
        .col(instant("returned_at").not_null())
        .foreign_key(&mut of_order("returns_order_id", "returns"))
        .check(rule("returns_digest", "length(request_digest) = 32"))
        .check(rule("returns_refund", "refund >= 0"))
        .to_owned()
}

fn return_lines() -> TableCreateStatement {
    Table::create()
        .table("return_lines")
        .col(uuid("return_id"))
        .col(uuid("order_line_id"))
        .col(number("quantity"))
        .primary_key(Index::create().col("return_id").col("order_line_id"))
        .foreign_key(
            ForeignKey::create()
                .name("return_lines_return_id")
                .from("return_lines", "return_id")
                .to("returns", "id")
                .on_delete(ForeignKeyAction::Restrict),
        )
        .foreign_key(
            ForeignKey::create()
                .name("return_lines_order_line_id")
                .from("return_lines", "order_line_id")
                .to("order_lines", "id")
                .on_delete(ForeignKeyAction::Restrict),
        )
        .check(rule("return_lines_quantity", "quantity > 0"))
        .to_owned()
}

fn indexes() -> [IndexCreateStatement; 4] {
    let on =
        |name: &'static str, table: &'static str| Index::create().name(name).table(table).take();
    [
        on("payments_order", "payments").col("order_id").take(),
        // An order is paid once.
        on("payments_settling", "payments")
            .col("order_id")
            .unique()
            .and_where(Expr::cust("settles"))
            .take(),
        on("returns_order", "returns").col("order_id").take(),
        on("return_lines_order_line", "return_lines")
            .col("order_line_id")
            .take(),
    ]
}
