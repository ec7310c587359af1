//! The databases of the four subgraphs, open and migrated.

use anyhow::Context;
use stockgraph_kit::database::{Database, DatabaseOptions};
use stockgraph_migration::{orders, products, users, warehouses};

use crate::{
    commands::migrate,
    config::{Config, SubgraphName},
};

/// All four databases. Clones share their connections.
#[derive(Clone, Debug)]
pub struct Databases {
    /// Accounts.
    pub users: Database,
    /// The catalogue.
    pub products: Database,
    /// Warehouses and their stock.
    pub warehouses: Database,
    /// Orders.
    pub orders: Database,
}

impl Databases {
    /// Opens and migrates all four.
    ///
    /// # Errors
    ///
    /// Names the database that cannot be opened or migrated.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        let open = |subgraph| async move {
            let options = config.database.options(subgraph, &config.data_dir);
            open(&options, subgraph).await
        };
        Ok(Self {
            users: open(SubgraphName::Users).await?,
            products: open(SubgraphName::Products).await?,
            warehouses: open(SubgraphName::Warehouses).await?,
            orders: open(SubgraphName::Orders).await?,
        })
    }

    /// Opens all four as they are.
    ///
    /// # Errors
    ///
    /// Names the database that cannot be opened or is not migrated.
    pub async fn connect(config: &Config) -> anyhow::Result<Self> {
        Ok(Self {
            users: connect_migrated(config, SubgraphName::Users).await?,
            products: connect_migrated(config, SubgraphName::Products).await?,
            warehouses: connect_migrated(config, SubgraphName::Warehouses).await?,
            orders: connect_migrated(config, SubgraphName::Orders).await?,
        })
    }

    /// Databases that are nowhere, for who needs the schemas alone.
    #[must_use]
    pub fn none() -> Self {
        let none = Database::disconnected();
        Self {
            users: none.clone(),
            products: none.clone(),
            warehouses: none.clone(),
            orders: none,
        }
    }

    /// Closes all connections, after what is under way.
    ///
    /// # Errors
    ///
    /// The engine's.
    pub async fn close(self) -> anyhow::Result<()> {
        for database in [self.users, self.products, self.warehouses, self.orders] {
            database.close().await?;
        }
        Ok(())
    }
}

/// Opens and migrates the database of one subgraph.
///
/// # Errors
///
/// It cannot be opened or migrated.
pub async fn open(options: &DatabaseOptions, subgraph: SubgraphName) -> anyhow::Result<Database> {
    let database = connect(options, subgraph).await?;
    let applied = match subgraph {
        SubgraphName::Users => migrate::up::<users::Migrator>(&database).await,
        SubgraphName::Products => migrate::up::<products::Migrator>(&database).await,
        SubgraphName::Warehouses => migrate::up::<warehouses::Migrator>(&database).await,
        SubgraphName::Orders => migrate::up::<orders::Migrator>(&database).await,
    }
    .with_context(|| format!("the database of {subgraph} cannot be migrated"))?;
    if !applied.is_empty() {
        tracing::info!(%subgraph, migrations = applied.len(), "migrated");
    }
    Ok(database)
}

/// Opens the database of one subgraph as it is.
///
/// # Errors
///
/// It cannot be opened.
pub async fn connect(
    options: &DatabaseOptions,
    subgraph: SubgraphName,
) -> anyhow::Result<Database> {
    Database::connect(options)
        .await
        .with_context(|| format!("the database of {subgraph}"))
}

/// Opens the database of one subgraph, which must be migrated already.
///
/// # Errors
///
/// It cannot be opened or is not migrated.
pub async fn connect_migrated(config: &Config, subgraph: SubgraphName) -> anyhow::Result<Database> {
    let options = config.database.options(subgraph, &config.data_dir);
    let database = connect(&options, subgraph).await?;
    let pending = migrate::pending(&database, subgraph).await?;
    anyhow::ensure!(
        pending == 0,
        "the database of {subgraph} is not migrated: run `stockgraph migrate up` first"
    );
    Ok(database)
}
