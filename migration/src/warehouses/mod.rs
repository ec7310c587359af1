//! The tables of `warehouses`: where the stock is, who holds it, and the ledger.

use sea_orm_migration::prelude::{async_trait::async_trait, *};

mod m20261123_000001_places;
mod m20261123_000002_reservations;
mod m20261123_000003_ledger;
mod m20261123_000004_transfers;
mod m20261126_000005_no_replacing;

/// Migrates the database of `warehouses`.
pub struct Migrator;

#[async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_places::Migration),
            Box::new(m20261123_000002_reservations::Migration),
            Box::new(m20261123_000003_ledger::Migration),
            Box::new(m20261123_000004_transfers::Migration),
            Box::new(m20261126_000005_no_replacing::Migration),
        ]
    }

    fn migration_table_name() -> DynIden {
        "warehouses_migrations".into_iden()
    }
}

/// Drops these tables, in this order.
async fn drop_tables(manager: &SchemaManager<'_>, tables: &[&'static str]) -> Result<(), DbErr> {
    for table in tables {
        manager
            .drop_table(Table::drop().table(*table).to_owned())
            .await?;
    }
    Ok(())
}
