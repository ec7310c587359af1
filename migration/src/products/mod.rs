//! The schema of the products database: categories, products, and the index for searching them.

mod m20261123_000001_catalogue;
mod m20261123_000002_search;

use sea_orm_migration::{
    MigrationTrait, MigratorTrait, async_trait,
    sea_orm::{DynIden, sea_query::IntoIden},
};

/// The migrations of the products domain.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_catalogue::Migration),
            Box::new(m20261123_000002_search::Migration),
        ]
    }

    fn migration_table_name() -> DynIden {
        "products_migrations".into_iden()
    }
}
