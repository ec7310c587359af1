//! The schema of the users database.

mod m20261123_000001_accounts;
mod m20261123_000002_sessions;
mod m20261126_000003_revoked_sessions;
mod m20261126_000004_known_addresses;
mod m20261126_000005_security_events;

use sea_orm_migration::{
    MigrationTrait, MigratorTrait, async_trait,
    sea_orm::{DynIden, sea_query::IntoIden},
};

/// The migrations of the users domain.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_accounts::Migration),
            Box::new(m20261123_000002_sessions::Migration),
            Box::new(m20261126_000003_revoked_sessions::Migration),
            Box::new(m20261126_000004_known_addresses::Migration),
            Box::new(m20261126_000005_security_events::Migration),
        ]
    }

    fn migration_table_name() -> DynIden {
        "users_migrations".into_iden()
    }
}
