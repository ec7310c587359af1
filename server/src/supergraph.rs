//! What a router serves: our own four subgraphs and those that others add to them, or a supergraph that was composed before.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use stockgraph_router::{
    Router, SubgraphDefinition,
    composition::{self, Endpoint},
    transport,
};
use tokio::time::{Instant, sleep};

use crate::{
    config::{Config, SubgraphName},
    foundation::Foundation,
    graph,
    metrics::Metrics,
};

/// Something of a subgraph, as the command line names it: `NAME=VALUE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfSubgraph {
    /// The subgraph.
    pub name: String,
    /// Its URL, or a file.
    pub value: String,
}

impl FromStr for OfSubgraph {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() && !value.is_empty() => Ok(Self {
                name: name.to_owned(),
                value: value.to_owned(),
            }),
            _ => Err("expected a subgraph's name, `=`, and what there is to say of it".into()),
        }
    }
}

/// The subgraphs of a router, and where their schemas come from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The file of a supergraph that was composed before; without it the subgraphs are composed here.
    supergraph: Option<PathBuf>,
    /// Subgraphs that are not where the supergraph says.
    moved: Vec<OfSubgraph>,
    /// Each subgraph and where it is served, as it was known at the start.
    endpoints: Vec<Endpoint>,
    /// The files with the schemas of those that are not asked for theirs.
    sdls: HashMap<String, PathBuf>,
}

/// The schemas of a graph at one moment, which a router can be made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schemas {
    /// The whole supergraph, where it was composed elsewhere.
    supergraph: Option<String>,
    /// Each subgraph: where it is, and its schema unless the supergraph has it.
    subgraphs: Vec<(Endpoint, String)>,
}

impl Sources {
    /// Those of a supergraph's file, at the URLs in it or at these instead.
    ///
    /// # Errors
    ///
    /// The file cannot be read or is no supergraph, or it has no subgraph of a name that is given.
    pub fn of_supergraph(file: &Path, urls: &[OfSubgraph]) -> anyhow::Result<Self> {
        let endpoints = endpoints(file, &read(file)?, urls)?;
        Ok(Self {
            supergraph: Some(file.to_owned()),
            moved: urls.to_vec(),
            endpoints,
            sdls: HashMap::new(),
        })
    }

    /// Our own four at the URLs of the configuration, unless `only` others are wanted, and these, which take their place where they
    /// have the same name. `sdls` are files with the schemas of those that are not to be asked for it.
    ///
    /// # Errors
    ///
    /// A file cannot be read, or belongs to no subgraph; or there is no subgraph at all.
    pub fn of_subgraphs(
        config: &Config,
        urls: &[OfSubgraph],
        sdls: &[OfSubgraph],
        only: bool,
    ) -> anyhow::Result<Self> {
        let own = SubgraphName::ALL.map(|name| Endpoint {
            name: name.to_string(),
            url: config.subgraphs.url(name).to_owned(),
        });
        let mut endpoints = if only { Vec::new() } else { own.to_vec() };
        for OfSubgraph { name, value: url } in urls {
            match endpoints.iter_mut().find(|it| it.name == *name) {
                Some(known) => known.url.clone_from(url),
                None => endpoints.push(Endpoint {
                    name: name.clone(),
                    url: url.clone(),
                }),
            }
        }
        anyhow::ensure!(
            !endpoints.is_empty(),
            "--only leaves no subgraph: say where one is with --subgraph NAME=URL"
        );
        let sdls = sdls.iter().map(|OfSubgraph { name, value }| {
            anyhow::ensure!(
                endpoints.iter().any(|it| it.name == *name),
                "--sdl: there is no subgraph `{name}`; say where it is with --subgraph {name}=URL"
            );
            let file = PathBuf::from(value);
            read(&file)?;
            Ok((name.clone(), file))
        });
        Ok(Self {
            supergraph: None,
            moved: Vec::new(),
            sdls: sdls.collect::<anyhow::Result<_>>()?,
            endpoints,
        })
    }

    /// Whether this graph may lack what our own shop has.
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        let lacks = |name: &SubgraphName| self.endpoint(*name).is_none();
        self.supergraph.is_some() || SubgraphName::ALL.iter().any(lacks)
    }

    /// One of our own four, if it is there.
    fn endpoint(&self, name: SubgraphName) -> Option<&Endpoint> {
        self.endpoints.iter().find(|it| it.name == name.as_str())
    }

    /// Lets the configuration say the same of our own four, for what goes around the router.
    ///
    /// Keys are fetched from `users` only if whoever runs the router says where it is. Another's supergraph may well have a subgraph of
    /// that name, which must not decide whose tokens are accepted.
    pub fn adjust(&self, config: &mut Config) {
        let is_told = self.endpoint(SubgraphName::Users).is_some_and(|it| {
            self.supergraph.is_none()
                || self.moved.iter().any(|moved| moved.name == it.name)
                || config.subgraphs.url(SubgraphName::Users) == it.url
        });
        if !is_told {
            config.auth.jwks_urls.get_or_insert_default();
        }
        for name in SubgraphName::ALL {
            if let Some(endpoint) = self.endpoint(name) {
                config.subgraphs.set_url(name, &endpoint.url);
            }
        }
    }

    /// Reads files and asks subgraphs for the schemas as they are now, until `give_up`. A subgraph that gives none has the one that
    /// it had in `known`.
    ///
    /// # Errors
    ///
    /// A file cannot be read or is no supergraph, a URL is none, or a subgraph without a known schema gives none.
    pub async fn schemas(
        &self,
        transports: &mut Transports,
        known: Option<&Schemas>,
        give_up: Instant,
    ) -> anyhow::Result<Schemas> {
        if let Some(file) = &self.supergraph {
            let sdl = read(file)?;
            let endpoints = endpoints(file, &sdl, &self.moved)?;
            let subgraphs = endpoints.into_iter().map(|it| (it, String::new()));
            return Ok(Schemas {
                supergraph: Some(sdl),
                subgraphs: subgraphs.collect(),
            });
        }
        let mut subgraphs = Vec::with_capacity(self.endpoints.len());
        for endpoint in &self.endpoints {
            let Endpoint { name, url } = endpoint;
            let sdl = match self.sdls.get(name) {
                Some(file) => read(file)?,
                None => {
                    let transport = transports.to(endpoint)?;
                    match (sdl_of(&*transport, name, give_up).await, known) {
                        (Ok(sdl), _) => sdl,
                        (Err(cause), Some(known)) if known.sdl(name).is_some() => {
                            tracing::debug!(name, %cause, "the subgraph does not give its schema; it keeps the one it had");
                            known.sdl(name).unwrap_or_default().to_owned()
                        }
                        (Err(cause), _) => {
                            return Err(cause).with_context(|| {
                                format!("the schema of {name} cannot be fetched from {url}")
                            });
                        }
                    }
                }
            };
            subgraphs.push((endpoint.clone(), sdl));
        }
        Ok(Schemas {
            supergraph: None,
            subgraphs,
        })
    }
}

impl Schemas {
    fn sdl(&self, subgraph: &str) -> Option<&str> {
        let mut all = self.subgraphs.iter();
        all.find(|(endpoint, _)| endpoint.name == subgraph)
            .map(|(_, sdl)| sdl.as_str())
    }

    /// A router over these schemas, all over HTTP.
    ///
    /// # Errors
    ///
    /// A URL is none, or they do not compose.
    pub fn router(&self, transports: &mut Transports) -> anyhow::Result<Router> {
        let mut definitions = Vec::with_capacity(self.subgraphs.len());
        for (endpoint, sdl) in &self.subgraphs {
            definitions.push(SubgraphDefinition {
                name: endpoint.name.clone(),
                url: endpoint.url.clone(),
                sdl: sdl.clone(),
                transport: transports.to(endpoint)?,
            });
        }
        let options = graph::router_options(&transports.config, &transports.foundation)?;
        Ok(match &self.supergraph {
            None => Router::compose(definitions, options)?,
            Some(sdl) => {
                let transports = definitions.into_iter().map(|it| (it.name, it.transport));
                Router::from_supergraph(sdl, transports.collect(), options)?
            }
        })
    }
}

/// The ways to subgraphs. A subgraph that stays where it was keeps its connections, and what is known of its failures, when the
/// graph is made anew.
pub struct Transports {
    config: Config,
    foundation: Foundation,
    known: HashMap<(String, String), Arc<dyn transport::Subgraph>>,
}

impl Transports {
    /// None yet.
    #[must_use]
    pub fn new(config: &Config, foundation: &Foundation) -> Self {
        Self {
            config: config.clone(),
            foundation: foundation.clone(),
            known: HashMap::new(),
        }
    }

    /// Where the process counts what it does.
    #[must_use]
    pub const fn metrics(&self) -> &Metrics {
        &self.foundation.metrics
    }

    fn to(&mut self, endpoint: &Endpoint) -> anyhow::Result<Arc<dyn transport::Subgraph>> {
        let Endpoint { name, url } = endpoint;
        anyhow::ensure!(
            !url.is_empty(),
            "the supergraph does not say where `{name}` is: --subgraph {name}=URL"
        );
        let place = (name.clone(), url.clone());
        if let Some(known) = self.known.get(&place) {
            return Ok(Arc::clone(known));
        }
        let transport = graph::router_transport(&self.config, &self.foundation, name, url)
            .with_context(|| format!("the subgraph {name}"))?;
        self.known.insert(place, Arc::clone(&transport));
        Ok(transport)
    }
}

/// Where the subgraphs of a supergraph are, by itself or by what is said of them besides.
fn endpoints(file: &Path, sdl: &str, urls: &[OfSubgraph]) -> anyhow::Result<Vec<Endpoint>> {
    let told = || format!("the supergraph in {}", file.display());
    let mut endpoints = composition::endpoints(sdl).with_context(told)?;
    anyhow::ensure!(!endpoints.is_empty(), "{} names no subgraphs", told());
    for url in urls {
        let known = endpoints.iter_mut().find(|it| it.name == url.name);
        let known = known.with_context(|| format!("{} has no subgraph `{}`", told(), url.name))?;
        known.url.clone_from(&url.value);
    }
    Ok(endpoints)
}

fn read(file: &Path) -> anyhow::Result<String> {
    fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
}

/// The subgraph's schema; processes that start at the same moment do not all answer at once.
async fn sdl_of(
    transport: &dyn transport::Subgraph,
    name: &str,
    give_up: Instant,
) -> Result<String, transport::SubgraphError> {
    loop {
        match transport::fetch_sdl(transport).await {
            Err(cause) if Instant::now() < give_up => {
                tracing::info!(name, %cause, "waiting for the subgraph");
                sleep(Duration::from_secs(1)).await;
            }
            answer => return answer,
        }
    }
}

#[cfg(test)]
mod tests;
