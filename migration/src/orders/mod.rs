//! The schema of the orders database.

mod m20261123_000001_orders;
mod m20261123_000002_payments;
mod m20261123_000003_stock_effects;

use sea_orm_migration::{
    MigrationTrait, MigratorTrait, async_trait,
    prelude::{ColumnDef, Expr, ForeignKey, ForeignKeyAction, ForeignKeyCreateStatement},
    sea_orm::{DynIden, sea_query::IntoIden},
};

/// The migrations of the orders domain.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_orders::Migration),
            Box::new(m20261123_000002_payments::Migration),
            Box::new(m20261123_000003_stock_effects::Migration),
        ]
    }

    fn migration_table_name() -> DynIden {
        "orders_migrations".into_iden()
    }
}

fn id() -> ColumnDef {
    uuid("id").primary_key().take()
}

fn uuid(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().not_null().take()
}

fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().take()
}

fn number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).integer().not_null().take()
}

/// An amount in 10⁻⁴ of the order's currency.
fn amount(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}

fn instant(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).timestamp_with_time_zone().take()
}

/// A reference to the order that the row is part of.
fn of_order(name: &'static str, table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(name)
        .from(table, "order_id")
        .to("orders", "id")
        .on_delete(ForeignKeyAction::Restrict)
        .take()
}

/// A rule that the database itself keeps.
fn rule(name: &'static str, condition: &'static str) -> (&'static str, Expr) {
    (name, Expr::cust(condition))
}
