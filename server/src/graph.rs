//! The whole graph in one process: four subgraphs, the checkout's way to the other two, and the router before them.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use stockgraph_kit::{
    caller::{ClientAddress, Scope, Scopes},
    rights::ServiceName,
    subgraph::{Service, Subgraph},
};
use stockgraph_orders::OrdersSubgraph;
use stockgraph_products::ProductsSubgraph;
use stockgraph_router::{
    Router, RouterOptions, SubgraphDefinition,
    transport::{self, Http, HttpOptions, InProcess, SubgraphClient},
};
use stockgraph_users::UsersSubgraph;
use stockgraph_warehouses::WarehousesSubgraph;

use crate::{
    config::{Config, RouterConfig, SubgraphName},
    databases::Databases,
    foundation::Foundation,
    parts,
    service_token::ServiceToken,
};

/// The graph and its parts.
pub struct Graph {
    /// What clients talk to.
    pub router: Arc<Router>,
    /// Accounts.
    pub users: Service<UsersSubgraph>,
    /// The catalogue.
    pub products: Service<ProductsSubgraph>,
    /// Warehouses and their stock.
    pub warehouses: Service<WarehousesSubgraph>,
    /// Orders.
    pub orders: Service<OrdersSubgraph>,
}

impl Graph {
    /// Puts all parts together on these databases.
    ///
    /// # Errors
    ///
    /// A setting is wrong, or the subgraphs do not compose.
    pub fn assemble(
        config: &Config,
        foundation: &Foundation,
        databases: &Databases,
    ) -> anyhow::Result<Self> {
        let users = parts::users(config, foundation, &databases.users)?;
        let products = parts::products(foundation, &databases.products);
        let warehouses = parts::warehouses(foundation, &databases.warehouses);
        let orders = parts::orders(
            config,
            foundation,
            &databases.orders,
            local(SubgraphName::Products, &products),
            local(SubgraphName::Warehouses, &warehouses),
        );
        let definitions = vec![
            definition(config, SubgraphName::Users, &users),
            definition(config, SubgraphName::Products, &products),
            definition(config, SubgraphName::Warehouses, &warehouses),
            definition(config, SubgraphName::Orders, &orders),
        ];
        Ok(Self {
            router: Arc::new(Router::compose(
                definitions,
                router_options(&config.router)?,
            )?),
            users,
            products,
            warehouses,
            orders,
        })
    }

    /// A client of the orders, for what goes around the router.
    #[must_use]
    pub fn orders_client(&self) -> SubgraphClient {
        local(SubgraphName::Orders, &self.orders)
    }
}

/// How our own routers work.
///
/// # Errors
///
/// The manifest of documents cannot be read.
pub fn router_options(config: &RouterConfig) -> anyhow::Result<RouterOptions> {
    let mut options = config.options()?;
    // Our own server has put it in; what a client says there is gone by now.
    options.propagated_headers.push(ClientAddress::HEADER);
    Ok(options)
}

/// A client of the subgraph at the URL of the configuration, for this part of the system.
///
/// # Errors
///
/// The URL is none.
pub fn http(
    config: &Config,
    foundation: &Foundation,
    asker: ServiceName,
    name: SubgraphName,
) -> anyhow::Result<SubgraphClient> {
    let url = config.subgraphs.url(name);
    let transport = http_transport(config, foundation, asker, url)
        .with_context(|| format!("subgraphs.{name}"))?;
    Ok(client(name, transport))
}

/// A client of the subgraph in this process.
pub fn local<S: Subgraph>(name: SubgraphName, service: &Service<S>) -> SubgraphClient {
    client(name, in_process(service))
}

/// The way to the subgraph at this URL, for this part of the system.
///
/// # Errors
///
/// The URL is none.
pub fn http_transport(
    config: &Config,
    foundation: &Foundation,
    asker: ServiceName,
    url: &str,
) -> anyhow::Result<Arc<dyn transport::Subgraph>> {
    let options = HttpOptions {
        timeout: Duration::from_millis(config.router.subgraph_timeout_milliseconds),
        ..HttpOptions::default()
    };
    let client = transport::client(&options)?;
    let token = ServiceToken::with_scopes(
        asker,
        Scopes::from([Scope::FederationRead]),
        foundation.issuer.clone(),
        foundation.clock.clone(),
    )
    .beside_the_callers();
    let http = Http::new(client, url)?.with_headers(Arc::new(move || {
        token.headers().map_err(|error| error.message().to_owned())
    }));
    Ok(Arc::new(http))
}

fn client(name: SubgraphName, subgraph: Arc<dyn transport::Subgraph>) -> SubgraphClient {
    SubgraphClient::new(name.as_str(), subgraph)
}

/// The URL is not used in process; it is where the supergraph that is shown to others would find the subgraph.
fn definition<S: Subgraph>(
    config: &Config,
    name: SubgraphName,
    service: &Service<S>,
) -> SubgraphDefinition {
    SubgraphDefinition {
        name: S::NAME.to_owned(),
        url: config.subgraphs.url(name).to_owned(),
        sdl: service.sdl(),
        transport: in_process(service),
    }
}

/// The subgraph called directly: no HTTP, no bytes.
fn in_process<S: Subgraph>(service: &Service<S>) -> Arc<dyn transport::Subgraph> {
    let service = service.clone();
    Arc::new(InProcess::executed_by(Arc::new(move |headers, request| {
        let service = service.clone();
        Box::pin(async move { service.execute(headers, request).await })
    })))
}
