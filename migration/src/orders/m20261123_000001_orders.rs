//! Orders with their lines, shipments and timelines.

use sea_orm_migration::prelude::*;

use super::{amount, id, instant, number, of_order, rule, text, uuid};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(orders()).await?;
        manager.create_table(order_lines()).await?;
        manager.create_table(shipments()).await?;
        manager.create_table(order_events()).await?;
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["order_events", "shipments", "order_lines", "orders"] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}

fn orders() -> TableCreateStatement {
    Table::create()
        .table("orders")
        .col(id())
        .col(text("number").unique_key())
        .col(uuid("customer_id"))
        .col(text("status"))
        .col(text("idempotency_key"))
        // SHA-256 of what was asked for: tells a repeated call from another one with the same key.
        .col(ColumnDef::new("request_digest").blob().not_null())
        // The hold on the stock; another one once the first was lost and the stock was held anew.
        .col(uuid("reservation_id").unique_key())
        .col(text("currency"))
        .col(amount("total"))
        .col(instant("placed_at").not_null())
        .col(instant("payment_due_at").not_null())
        // How many events and effects the order has: the next one's place is known when the order's row is.
        .col(number("event_count"))
        .col(number("effect_count"))
        .check(rule(
            "orders_status",
            "status IN ('PENDING_PAYMENT', 'PAID', 'SHIPPED', 'DELIVERED', 'CANCELLED', 'EXPIRED')",
        ))
        .check(rule("orders_currency", "length(currency) = 3"))
        .check(rule("orders_total", "total >= 0"))
        .check(rule("orders_digest", "length(request_digest) = 32"))
        .check(rule(
            "orders_counts",
            "event_count >= 0 AND effect_count >= 0",
        ))
        .to_owned()
}

fn order_lines() -> TableCreateStatement {
    Table::create()
        .table("order_lines")
        .col(id())
        .col(uuid("order_id"))
        .col(number("position"))
        .col(uuid("product_id"))
        .col(text("sku"))
        .col(text("name"))
        .col(number("quantity"))
        .col(amount("unit_price"))
        .col(number("returned_quantity").default(0))
        .foreign_key(&mut of_order("order_lines_order_id", "order_lines"))
        .check(rule("order_lines_quantity", "quantity > 0"))
        .check(rule("order_lines_unit_price", "unit_price >= 0"))
        .check(rule(
            "order_lines_returned_quantity",
            "returned_quantity >= 0 AND returned_quantity <= quantity",
        ))
        .to_owned()
}

fn shipments() -> TableCreateStatement {
    Table::create()
        .table("shipments")
        .col(uuid("order_id").primary_key())
        .col(ColumnDef::new("carrier").text())
        .col(ColumnDef::new("tracking_number").text())
        .col(instant("shipped_at").not_null())
        .col(instant("delivered_at"))
        .foreign_key(&mut of_order("shipments_order_id", "shipments"))
        .to_owned()
}

fn order_events() -> TableCreateStatement {
    Table::create()
        .table("order_events")
        .col(uuid("order_id"))
        .col(number("sequence"))
        .col(text("kind"))
        .col(ColumnDef::new("note").text())
        .col(ColumnDef::new("actor_id").uuid())
        .col(instant("occurred_at").not_null())
        .primary_key(Index::create().col("order_id").col("sequence"))
        .foreign_key(&mut of_order("order_events_order_id", "order_events"))
        .check(rule(
            "order_events_kind",
            "kind IN ('PLACED', 'PAYMENT_CONFIRMED', 'SHIPPED', 'DELIVERED', 'CANCELLED', 'EXPIRED', 'RETURNED', 'REFUND_DUE', \
             'REFUNDED')",
        ))
        .to_owned()
}

fn indexes() -> [IndexCreateStatement; 6] {
    let on =
        |name: &'static str, table: &'static str| Index::create().name(name).table(table).take();
    [
        // A customer's checkout attempt makes one order.
        on("orders_customer_key", "orders")
            .col("customer_id")
            .col("idempotency_key")
            .unique()
            .take(),
        on("orders_customer_placed", "orders")
            .col("customer_id")
            .col("placed_at")
            .col("id")
            .take(),
        on("orders_placed", "orders")
            .col("placed_at")
            .col("id")
            .take(),
        // For the expiry: only what can still expire.
        on("orders_payment_due", "orders")
            .col("payment_due_at")
            .and_where(Expr::col("status").eq(Expr::cust("'PENDING_PAYMENT'")))
            .take(),
        on("order_lines_position", "order_lines")
            .col("order_id")
            .col("position")
            .unique()
            .take(),
        on("order_lines_product", "order_lines")
            .col("order_id")
            .col("product_id")
            .unique()
            .take(),
    ]
}
