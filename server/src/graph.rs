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
    headers::RequestRule,
    pipeline::DebugAccess,
    transport::{self, Execute, Http, HttpOptions, InProcess, SubgraphClient, Subscribe},
};
use stockgraph_users::UsersSubgraph;
use stockgraph_warehouses::WarehousesSubgraph;

use crate::{
    config::{Config, DebugConfig, SubgraphName},
    databases::Databases,
    foundation::Foundation,
    parts,
    service_token::ServiceToken,
    telemetry,
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
                router_options(config, foundation)?,
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
/// A rule for headers is none, or the manifest of documents cannot be read.
pub fn router_options(config: &Config, foundation: &Foundation) -> anyhow::Result<RouterOptions> {
    let mut headers = config.router.headers.rules()?;
    // Our own server has put it in; what a client says there is gone by now.
    let address = RequestRule::propagate(ClientAddress::HEADER);
    headers.request.push(address);
    Ok(RouterOptions {
        request_timeout: Duration::from_millis(config.router.request_timeout_milliseconds),
        headers,
        debug: debug_access(config.router.debug, foundation),
        observer: Arc::new(foundation.metrics.graph.clone()),
        ..config.router.options()?
    })
}

/// Who is told how their requests are executed.
fn debug_access(config: DebugConfig, foundation: &Foundation) -> DebugAccess {
    match config {
        DebugConfig::Nobody => DebugAccess::Nobody,
        DebugConfig::Everybody => DebugAccess::Everybody,
        DebugConfig::Scope => {
            let authenticator = foundation.authenticator.clone();
            DebugAccess::Those(Arc::new(move |headers| {
                let authenticator = authenticator.clone();
                Box::pin(async move {
                    let caller = authenticator.caller(headers).await;
                    caller.is_ok_and(|caller| caller.may(Scope::GraphInspect))
                })
            }))
        }
    }
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
    let options = config.router.traffic.http(name.as_str());
    let transport = http_transport(foundation, asker, &options, url)
        .with_context(|| format!("subgraphs.{name}"))?;
    Ok(client(name, Arc::new(transport)))
}

/// A client of the subgraph in this process.
pub fn local<S: Subgraph>(name: SubgraphName, service: &Service<S>) -> SubgraphClient {
    client(name, in_process(service))
}

/// The router's way to the subgraph of this name at this URL, with the care that the configuration asks for.
///
/// # Errors
///
/// The URL is none.
pub fn router_transport(
    config: &Config,
    foundation: &Foundation,
    name: &str,
    url: &str,
) -> anyhow::Result<Arc<dyn transport::Subgraph>> {
    let traffic = &config.router.traffic;
    let http = http_transport(foundation, ServiceName::Router, &traffic.http(name), url)?
        .with_traffic(&traffic.of(name))
        .observed(name, Arc::new(foundation.metrics.graph.clone()));
    Ok(Arc::new(http))
}

/// The way to the subgraph at this URL, for this part of the system.
fn http_transport(
    foundation: &Foundation,
    asker: ServiceName,
    options: &HttpOptions,
    url: &str,
) -> anyhow::Result<Http> {
    let client = transport::client(options)?;
    let token = ServiceToken::with_scopes(
        asker,
        Scopes::from([Scope::FederationRead]),
        foundation.issuer.clone(),
        foundation.clock.clone(),
    )
    .beside_the_callers();
    let http = Http::new(client, url)?.with_headers(Arc::new(move || {
        let mut headers = token
            .headers()
            .map_err(|error| error.message().to_owned())?;
        telemetry::inject(&mut headers);
        Ok(headers)
    }));
    Ok(http)
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
    let (service, subscribed) = (service.clone(), service.clone());
    let execute: Execute = Arc::new(move |headers, request| {
        let service = service.clone();
        Box::pin(async move { service.execute(headers, request).await })
    });
    let subscribe: Subscribe =
        Arc::new(move |headers, request| subscribed.subscribe(headers, request));
    Arc::new(InProcess::executed_by(execute).subscribed_by(subscribe))
}
