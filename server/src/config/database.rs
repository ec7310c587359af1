//! Where the databases are.

use std::{path::Path, time::Duration};

use serde::{Deserialize, Serialize};
use stockgraph_kit::database::DatabaseOptions;

use super::SubgraphName;

/// A database for each subgraph, on SQLite or PostgreSQL.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DatabaseConfig {
    /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`, in which `{subgraph}` stands for the subgraph's name and `{data_dir}` for
    /// the data directory. Default: `sqlite:{data_dir}/{subgraph}.db`. The tables of all four may share a PostgreSQL database.
    pub url: String,
    /// The URL for `users` alone, when it is elsewhere. Likewise the next three.
    pub users_url: Option<String>,
    /// The URL for `products` alone.
    pub products_url: Option<String>,
    /// The URL for `warehouses` alone.
    pub warehouses_url: Option<String>,
    /// The URL for `orders` alone.
    pub orders_url: Option<String>,
    /// Most connections to each database. Default: 16.
    pub max_connections: u32,
    /// How long a request waits for a free connection, in milliseconds. Default: 5000.
    pub acquire_timeout_milliseconds: u64,
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self {
            url: "sqlite:{data_dir}/{subgraph}.db".into(),
            users_url: None,
            products_url: None,
            warehouses_url: None,
            orders_url: None,
            max_connections: 16,
            acquire_timeout_milliseconds: 5_000,
        }
    }
}

impl DatabaseConfig {
    /// How the database of this subgraph is reached.
    #[must_use]
    pub fn options(&self, subgraph: SubgraphName, data_dir: &Path) -> DatabaseOptions {
        let url = self
            .template(subgraph)
            .replace("{subgraph}", subgraph.as_str())
            .replace("{data_dir}", &data_dir.display().to_string());
        let mut options = DatabaseOptions::new(url);
        options.max_connections = self.max_connections;
        options.acquire_timeout = Duration::from_millis(self.acquire_timeout_milliseconds);
        options
    }

    /// Whether all databases are embedded.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        SubgraphName::ALL
            .into_iter()
            .all(|subgraph| self.template(subgraph).starts_with("sqlite:"))
    }

    fn template(&self, subgraph: SubgraphName) -> &str {
        let own = match subgraph {
            SubgraphName::Users => &self.users_url,
            SubgraphName::Products => &self.products_url,
            SubgraphName::Warehouses => &self.warehouses_url,
            SubgraphName::Orders => &self.orders_url,
        };
        own.as_deref().unwrap_or(&self.url)
    }

    pub(super) fn check(&self) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.max_connections > 0,
            "database.max_connections must be at least 1"
        );
        anyhow::ensure!(
            self.acquire_timeout_milliseconds > 0,
            "database.acquire_timeout_milliseconds must be at least 1"
        );
        let shared_file = SubgraphName::ALL.into_iter().any(|subgraph| {
            let template = self.template(subgraph);
            template == self.url
                && template.starts_with("sqlite:")
                && !template.contains("{subgraph}")
        });
        anyhow::ensure!(
            !shared_file,
            "database.url names one SQLite file for all subgraphs; put {{subgraph}} into it"
        );
        Ok(())
    }
}
