//! The four subgraphs, and where they are for processes that reach them over HTTP.

use std::{fmt, net::SocketAddr};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// One of the four subgraphs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum)]
pub enum SubgraphName {
    /// Who may sign in, how, and with which rights.
    Users,
    /// What is sold, at what price.
    Products,
    /// Where the stock is and who holds it.
    Warehouses,
    /// Checkout, payment, fulfilment, expiry.
    Orders,
}

impl SubgraphName {
    /// All four, in the order in which they start.
    pub const ALL: [Self; 4] = [Self::Users, Self::Products, Self::Warehouses, Self::Orders];

    /// The name in the graph.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Products => "products",
            Self::Warehouses => "warehouses",
            Self::Orders => "orders",
        }
    }

    /// Where `subgraph NAME` listens unless it is told otherwise.
    #[must_use]
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Users => 4001,
            Self::Products => 4002,
            Self::Warehouses => 4003,
            Self::Orders => 4004,
        }
    }

    /// The address of [`default_port`](Self::default_port) on this machine.
    #[must_use]
    pub fn default_listen(self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.default_port()))
    }
}

impl fmt::Display for SubgraphName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The URLs of the subgraphs, for `router` and for `subgraph orders`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SubgraphsConfig {
    /// Default: `http://127.0.0.1:4001/graphql`.
    pub users: String,
    /// Default: `http://127.0.0.1:4002/graphql`.
    pub products: String,
    /// Default: `http://127.0.0.1:4003/graphql`.
    pub warehouses: String,
    /// Default: `http://127.0.0.1:4004/graphql`.
    pub orders: String,
    /// Whether a subgraph over HTTP tells its schema by introspection to others than routers. Default: false.
    pub introspection: bool,
}

impl Default for SubgraphsConfig {
    fn default() -> Self {
        let url = |subgraph: SubgraphName| format!("http://{}/graphql", subgraph.default_listen());
        Self {
            users: url(SubgraphName::Users),
            products: url(SubgraphName::Products),
            warehouses: url(SubgraphName::Warehouses),
            orders: url(SubgraphName::Orders),
            introspection: false,
        }
    }
}

impl SubgraphsConfig {
    /// Says that this subgraph is there.
    pub fn set_url(&mut self, subgraph: SubgraphName, url: &str) {
        let place = match subgraph {
            SubgraphName::Users => &mut self.users,
            SubgraphName::Products => &mut self.products,
            SubgraphName::Warehouses => &mut self.warehouses,
            SubgraphName::Orders => &mut self.orders,
        };
        url.clone_into(place);
    }

    /// The URL of this subgraph.
    #[must_use]
    pub fn url(&self, subgraph: SubgraphName) -> &str {
        match subgraph {
            SubgraphName::Users => &self.users,
            SubgraphName::Products => &self.products,
            SubgraphName::Warehouses => &self.warehouses,
            SubgraphName::Orders => &self.orders,
        }
    }
}
