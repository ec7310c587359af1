//! The way of a request through the router, independent of HTTP: prepare, check variables,
//! execute, write.

mod debug;
mod documents;
mod generations;
mod live;
mod options;
mod prepared;
mod request;
mod run;
mod subscription;

pub use self::debug::{DEBUG_HEADER, DebugAccess, MayKnow};
pub use self::documents::{Manifest, ManifestError};
pub use self::live::LiveRouter;
pub use self::options::{CostOptions, DocumentOptions, Limits, OperationLimits, RouterOptions};
pub use self::prepared::PreparedOperation;
pub use self::request::{GraphQLRequest, GraphQLResponse};
pub use self::subscription::Responses;

use http::HeaderMap;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::Arc;
use stockgraph_guard::Limit;
use tokio::time::Instant;

use self::documents::Documents;
use self::generations::Generations;
use self::prepared::Preparation;
use crate::composition::{self, CompositionErrors, SubgraphSdl};
use crate::error::Refusal;
use crate::execution::{CallContext, Subgraphs, coerce};
use crate::headers::Outgoing;
use crate::observe;
use crate::planning::Planner;
use crate::planning::limits::{check_variables, exceeded};
use crate::transport::Subgraph;

/// A subgraph that a router is composed of.
#[derive(Clone)]
pub struct SubgraphDefinition {
    /// Its name, as errors and plans tell it.
    pub name: String,
    /// Where it is found; only told on in the supergraph, for calls go through `transport`.
    pub url: String,
    /// Its schema.
    pub sdl: String,
    /// How it is called.
    pub transport: Arc<dyn Subgraph>,
}

/// Why a router could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RouterError {
    /// The subgraphs do not fit together.
    #[error("the subgraphs cannot be composed:\n{0}")]
    Composition(CompositionErrors),
    /// The supergraph cannot be read.
    #[error("the supergraph cannot be used: {0}")]
    Supergraph(String),
    /// A subgraph of the supergraph was given no transport.
    #[error("the supergraph has the subgraph `{0}`, but there is no way to call it")]
    MissingTransport(String),
    /// Registered documents do not fit the schema, or exceed the limits.
    #[error("documents of the manifest cannot be served:\n{0}")]
    Documents(String),
}

/// A graph that answers operations. It never changes; a new schema is a new router.
pub struct Router {
    supergraph_sdl: String,
    subgraphs: Subgraphs,
    preparation: Preparation,
    documents: Documents,
    options: RouterOptions,
    generations: Generations,
}

impl Router {
    /// Composes subgraphs into one graph.
    ///
    /// # Errors
    /// [`RouterError::Composition`] with everything that does not fit.
    pub fn compose(
        subgraphs: Vec<SubgraphDefinition>,
        options: RouterOptions,
    ) -> Result<Self, RouterError> {
        let sdls: Vec<SubgraphSdl<'_>> = subgraphs
            .iter()
            .map(|subgraph| SubgraphSdl {
                name: &subgraph.name,
                url: &subgraph.url,
                sdl: &subgraph.sdl,
            })
            .collect();
        let supergraph = composition::compose(&sdls).map_err(RouterError::Composition)?;
        for hint in &supergraph.hints {
            tracing::debug!(%hint, "composition");
        }
        let transports = subgraphs
            .into_iter()
            .map(|it| (it.name, it.transport))
            .collect();
        Router::from_supergraph(&supergraph.sdl, transports, options)
    }

    /// Serves a supergraph that was composed before.
    ///
    /// # Errors
    /// [`RouterError::Supergraph`] if it cannot be read, [`RouterError::MissingTransport`] if one
    /// of its subgraphs is not among `transports`, [`RouterError::Documents`] if registered documents
    /// are wrong.
    pub fn from_supergraph(
        sdl: &str,
        transports: HashMap<String, Arc<dyn Subgraph>>,
        options: RouterOptions,
    ) -> Result<Self, RouterError> {
        let planner = Planner::new(sdl, options.planner()).map_err(RouterError::Supergraph)?;
        let mut missing = planner
            .subgraphs()
            .filter(|name| !transports.contains_key(*name));
        if let Some(name) = missing.next() {
            return Err(RouterError::MissingTransport(name.to_owned()));
        }
        drop(missing);
        let preparation = Preparation::new(Arc::new(planner), &options)
            .with(&options.documents.manifest)
            .map_err(RouterError::Documents)?;
        Ok(Router {
            supergraph_sdl: sdl.to_owned(),
            subgraphs: transports.into_iter().collect(),
            preparation,
            documents: Documents::new(&options.documents),
            options,
            generations: Generations::new(),
        })
    }

    /// The composed schema with its machinery, as other federation routers read it.
    pub fn supergraph_sdl(&self) -> &str {
        &self.supergraph_sdl
    }

    /// The schema that clients see.
    pub fn public_sdl(&self) -> &str {
        self.preparation.planner().schema().public_sdl()
    }

    /// What was set about this router.
    pub fn options(&self) -> &RouterOptions {
        &self.options
    }

    /// Parses, validates and plans the operation of a request, or finds it in the cache.
    ///
    /// # Errors
    /// Everything that is wrong with the operation, each with a code.
    pub async fn prepare(
        &self,
        request: &GraphQLRequest,
    ) -> Result<Arc<PreparedOperation>, Arc<Refusal>> {
        let begun = Instant::now();
        let prepared = self.prepared(request).await;
        if let Err(errors) = &prepared {
            self.report(None, observe::Outcome::Refused, errors, begun);
        }
        prepared
    }

    async fn prepared(
        &self,
        request: &GraphQLRequest,
    ) -> Result<Arc<PreparedOperation>, Arc<Refusal>> {
        let name = request.operation_name.as_deref();
        let variables = &request.variables;
        let Some(found) = self.documents.find(request)? else {
            let prepared = self.preparation.prepare(&request.query, name, variables);
            return prepared.await;
        };
        let prepared = self.preparation.prepare(&found.text, name, variables);
        let operation = prepared.await?;
        self.documents.keep(&found);
        Ok(operation)
    }

    /// Plans operations that `old` has planned, at most so many of them, so that requests find them here as well. Those that do
    /// not fit this graph are left out.
    pub async fn warm_up(&self, old: &Router, most: usize) {
        for (query, operation_name) in old.preparation.known(most) {
            let _ = self
                .preparation
                .prepare(&query, operation_name.as_deref(), &Map::new())
                .await;
        }
    }

    /// Answers a request. Must be called within a tokio runtime.
    pub async fn execute(&self, request: GraphQLRequest, headers: &HeaderMap) -> GraphQLResponse {
        match self.prepare(&request).await {
            Ok(operation) => self.run(&operation, request.variables, headers).await,
            Err(errors) => GraphQLResponse::rejected(&errors),
        }
    }

    /// What the fetches of a request that begins now have in common.
    fn context<'a>(&'a self, outgoing: &'a Outgoing) -> CallContext<'a> {
        CallContext {
            outgoing,
            rules: &self.options.headers,
            deadline: Instant::now() + self.options.request_timeout,
            observer: &*self.options.observer,
            generation: self.generations.current(),
            timed_from: None,
        }
    }
}

impl Router {
    /// What an operation costs with these variables; `None` if it is refused anyway. For those who answer several at once, which
    /// together may cost no more than one.
    pub(crate) fn cost(
        &self,
        operation: &PreparedOperation,
        variables: &Map<String, Value>,
    ) -> Option<u64> {
        let schema = self.preparation.planner().schema();
        let variables = coerce(schema, &operation.variables, variables.clone()).ok()?;
        Some(operation.cost(&variables))
    }

    /// The values of the operation's variables, when they fit and neither they nor what the operation
    /// costs with them is too much.
    fn checked_variables(
        &self,
        operation: &PreparedOperation,
        variables: Map<String, Value>,
    ) -> Result<Map<String, Value>, Refusal> {
        let limits = &self.options.limits;
        check_variables(&variables, &limits.operation)?;
        let schema = self.preparation.planner().schema();
        let variables = coerce(schema, &operation.variables, variables)?;
        self.check_cost(operation.cost(&variables))?;
        Ok(variables)
    }

    /// Refuses what costs more than one request may.
    pub(crate) fn check_cost(&self, cost: u64) -> Result<(), Refusal> {
        let count = |number| usize::try_from(number).unwrap_or(usize::MAX);
        let maximum = self.options.limits.cost.maximum;
        let allowed = Limit::Cost.allow(count(cost), count(maximum));
        allowed.map_err(|beyond| exceeded(&beyond).into())
    }
}
