//! `stockgraph migrate`: the databases' schemas.

use std::process::ExitCode;

use anyhow::Context;
use sea_orm::{ConnectionTrait, DbErr};
use stockgraph_kit::database::{Database, Engine};
use stockgraph_migration::{MigratorTrait, orders, products, users, warehouses};

use crate::{
    cli::MigrateCommand,
    config::{Config, SubgraphName},
    databases,
};

/// The advisory lock that those who migrate a PostgreSQL database take: an arbitrary number, the same in every version.
const MIGRATION_LOCK: i64 = 0x0053_746f_636b_6772;

/// Applies, undoes or shows migrations.
///
/// # Errors
///
/// A database cannot be opened, or a migration fails.
pub async fn run(config: &Config, command: MigrateCommand) -> anyhow::Result<ExitCode> {
    for subgraph in SubgraphName::ALL {
        if matches!(command, MigrateCommand::Down { subgraph: Some(only), .. } if only != subgraph)
        {
            continue;
        }
        let options = config.database.options(subgraph, &config.data_dir);
        let database = databases::connect(&options, subgraph).await?;
        match subgraph {
            SubgraphName::Users => migrate::<users::Migrator>(subgraph, &database, command).await,
            SubgraphName::Products => {
                migrate::<products::Migrator>(subgraph, &database, command).await
            }
            SubgraphName::Warehouses => {
                migrate::<warehouses::Migrator>(subgraph, &database, command).await
            }
            SubgraphName::Orders => migrate::<orders::Migrator>(subgraph, &database, command).await,
        }
        .with_context(|| format!("the database of {subgraph} cannot be migrated"))?;
        database.close().await?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn migrate<M: MigratorTrait>(
    subgraph: SubgraphName,
    database: &Database,
    command: MigrateCommand,
) -> anyhow::Result<()> {
    let connection = database.writer();
    match command {
        MigrateCommand::Up => {
            let applied = up::<M>(database).await?;
            for name in &applied {
                println!("{subgraph}: applied {name}");
            }
            if applied.is_empty() {
                println!("{subgraph}: nothing to do");
            }
        }
        MigrateCommand::Down { steps, .. } => {
            let applied = M::get_applied_migrations(connection).await?;
            M::down(connection, Some(steps)).await?;
            for migration in applied.iter().rev().take(steps as usize) {
                println!("{subgraph}: undid {}", migration.name());
            }
            if applied.is_empty() {
                println!("{subgraph}: nothing to undo");
            }
        }
        MigrateCommand::Status => {
            for migration in M::get_migration_with_status_read_only(connection).await? {
                println!(
                    "{subgraph}: {:8} {}",
                    migration.status().to_string(),
                    migration.name()
                );
            }
        }
    }
    Ok(())
}

/// Applies what is pending and tells what it was, all or nothing. Of several processes that start at once, one applies it and the
/// others wait for it.
///
/// # Errors
///
/// A migration fails; the database is as it was.
pub async fn up<M: MigratorTrait>(database: &Database) -> Result<Vec<String>, DbErr> {
    let transaction = database.begin().await?;
    if database.engine() == Engine::Postgres {
        // A migration takes the time that it takes.
        transaction
            .execute_unprepared(&format!(
                "SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"
            ))
            .await?;
    }
    let pending = M::get_pending_migrations(&transaction).await?;
    M::up(&transaction, None).await?;
    transaction.commit().await?;
    Ok(pending
        .iter()
        .map(|migration| migration.name().to_owned())
        .collect())
}

/// How many migrations the database of a subgraph lacks.
///
/// # Errors
///
/// The database fails.
pub async fn pending(database: &Database, subgraph: SubgraphName) -> Result<usize, DbErr> {
    let reader = database.reader();
    let pending = match subgraph {
        SubgraphName::Users => users::Migrator::get_pending_migrations_read_only(reader).await,
        SubgraphName::Products => {
            products::Migrator::get_pending_migrations_read_only(reader).await
        }
        SubgraphName::Warehouses => {
            warehouses::Migrator::get_pending_migrations_read_only(reader).await
        }
        SubgraphName::Orders => orders::Migrator::get_pending_migrations_read_only(reader).await,
    };
    Ok(pending?.len())
}
