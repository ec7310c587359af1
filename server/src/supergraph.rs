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
use stockgraph_kit::rights::ServiceName;
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

/// The subgraphs of a router.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// A supergraph that was composed before; without it the subgraphs are composed here.
    supergraph: Option<String>,
    /// Each subgraph and where it is served.
    endpoints: Vec<Endpoint>,
    /// The schemas of those that are not asked for theirs.
    sdls: HashMap<String, String>,
}

impl Sources {
    /// Those of a supergraph's file, at the URLs in it or at these instead.
    ///
    /// # Errors
    ///
    /// The file cannot be read or is no supergraph, or it has no subgraph of a name that is given.
    pub fn of_supergraph(file: &Path, urls: &[OfSubgraph]) -> anyhow::Result<Self> {
        let sdl = read(file)?;
        let told = || format!("the supergraph in {}", file.display());
        let mut endpoints = composition::endpoints(&sdl).with_context(told)?;
        anyhow::ensure!(!endpoints.is_empty(), "{} names no subgraphs", told());
        for url in urls {
            let known = endpoints.iter_mut().find(|it| it.name == url.name);
            let known =
                known.with_context(|| format!("{} has no subgraph `{}`", told(), url.name))?;
            known.url.clone_from(&url.value);
        }
        Ok(Self {
            supergraph: Some(sdl),
            endpoints,
            sdls: HashMap::new(),
        })
    }

    /// Our own four at the URLs of the configuration, and these, which take their place where they have the same name. `sdls` are
    /// files with the schemas of those that are not to be asked for it.
    ///
    /// # Errors
    ///
    /// A file cannot be read, or belongs to no subgraph.
    pub fn of_subgraphs(
        config: &Config,
        urls: &[OfSubgraph],
        sdls: &[OfSubgraph],
    ) -> anyhow::Result<Self> {
        let own = SubgraphName::ALL.map(|name| Endpoint {
            name: name.to_string(),
            url: config.subgraphs.url(name).to_owned(),
        });
        let mut endpoints = own.to_vec();
        for OfSubgraph { name, value: url } in urls {
            match endpoints.iter_mut().find(|it| it.name == *name) {
                Some(known) => known.url.clone_from(url),
                None => endpoints.push(Endpoint {
                    name: name.clone(),
                    url: url.clone(),
                }),
            }
        }
        let sdls = sdls.iter().map(|OfSubgraph { name, value }| {
            anyhow::ensure!(
                endpoints.iter().any(|it| it.name == *name),
                "--sdl: there is no subgraph `{name}`; say where it is with --subgraph {name}=URL"
            );
            Ok((name.clone(), read(&PathBuf::from(value))?))
        });
        Ok(Self {
            supergraph: None,
            sdls: sdls.collect::<anyhow::Result<_>>()?,
            endpoints,
        })
    }

    /// Whether the graph was composed elsewhere.
    #[must_use]
    pub const fn is_composed(&self) -> bool {
        self.supergraph.is_some()
    }

    /// Lets the configuration say the same of our own four, for what goes around the router. Where `users` is not among the
    /// subgraphs, there are no keys to fetch from it.
    pub fn adjust(&self, config: &mut Config) {
        for name in SubgraphName::ALL {
            let endpoint = self.endpoints.iter().find(|it| it.name == name.as_str());
            match endpoint {
                Some(endpoint) => config.subgraphs.set_url(name, &endpoint.url),
                None if name == SubgraphName::Users => {
                    config.auth.jwks_urls.get_or_insert_default();
                }
                None => {}
            }
        }
    }

    /// The router over them, all over HTTP.
    ///
    /// # Errors
    ///
    /// A subgraph's URL is none, its schema cannot be fetched for as long as the configuration waits, or they do not compose.
    pub async fn router(
        &self,
        config: &Config,
        foundation: &Foundation,
    ) -> anyhow::Result<Arc<Router>> {
        let give_up = Instant::now() + Duration::from_secs(config.router.startup_timeout_seconds);
        let mut definitions = Vec::new();
        for Endpoint { name, url } in &self.endpoints {
            anyhow::ensure!(
                !url.is_empty(),
                "the supergraph does not say where `{name}` is: --subgraph {name}=URL"
            );
            let transport = graph::http_transport(config, foundation, ServiceName::Router, url)
                .with_context(|| format!("the subgraph {name}"))?;
            let sdl = match self.sdls.get(name) {
                Some(sdl) => sdl.clone(),
                None if self.is_composed() => String::new(),
                None => sdl_of(&*transport, name, give_up).await.with_context(|| {
                    format!("the schema of {name} cannot be fetched from {url}")
                })?,
            };
            definitions.push(SubgraphDefinition {
                name: name.clone(),
                url: url.clone(),
                sdl,
                transport,
            });
        }
        let options = graph::router_options(&config.router)?;
        let router = match &self.supergraph {
            None => Router::compose(definitions, options)?,
            Some(sdl) => {
                let transports = definitions.into_iter().map(|it| (it.name, it.transport));
                Router::from_supergraph(sdl, transports.collect(), options)?
            }
        };
        Ok(Arc::new(router))
    }
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
mod tests {
    use super::*;

    fn of(text: &str) -> OfSubgraph {
        text.parse().unwrap()
    }

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        file
    }

    const SUPERGRAPH: &str = r#"
        enum join__Graph {
            REVIEWS @join__graph(name: "reviews", url: "http://127.0.0.1:5001")
            USERS @join__graph(name: "users", url: "http://127.0.0.1:5002/graphql")
        }"#;

    #[test]
    fn what_is_said_of_a_subgraph_has_two_halves() {
        let reviews = of("reviews=http://127.0.0.1:5001/?a=b");
        assert_eq!(reviews.name, "reviews");
        assert_eq!(reviews.value, "http://127.0.0.1:5001/?a=b");
        for text in ["", "reviews", "=http://a", "reviews="] {
            assert!(text.parse::<OfSubgraph>().is_err(), "{text}");
        }
    }

    #[test]
    fn one_more_subgraph_stands_beside_our_own() {
        let config = Config::default();
        let urls = [
            of("reviews=http://127.0.0.1:5001"),
            of("orders=http://o/graphql"),
        ];
        let sources = Sources::of_subgraphs(&config, &urls, &[]).unwrap();
        let told: Vec<_> = sources.endpoints.iter().map(|it| it.url.as_str()).collect();
        assert_eq!(told.len(), 5);
        assert_eq!(told[3], "http://o/graphql");
        assert_eq!(told[4], "http://127.0.0.1:5001");
        let mut config = config;
        sources.adjust(&mut config);
        assert_eq!(config.subgraphs.orders, "http://o/graphql");
        assert_eq!(config.auth.jwks_urls, None);
    }

    #[test]
    fn a_schema_of_nobody_is_told() {
        let sdl = file("type Query { a: Int }");
        let sdl = of(&format!("reviews={}", sdl.path().display()));
        let error = Sources::of_subgraphs(&Config::default(), &[], &[sdl]).unwrap_err();
        assert!(
            error.to_string().contains("--subgraph reviews=URL"),
            "{error}"
        );
    }

    #[test]
    fn a_supergraph_says_where_its_subgraphs_are_and_can_be_told_otherwise() {
        let supergraph = file(SUPERGRAPH);
        let urls = [of("reviews=http://r/graphql")];
        let sources = Sources::of_supergraph(supergraph.path(), &urls).unwrap();
        assert_eq!(sources.endpoints[0].url, "http://r/graphql");
        let mut config = Config::default();
        sources.adjust(&mut config);
        assert_eq!(config.subgraphs.users, "http://127.0.0.1:5002/graphql");
        let unknown = Sources::of_supergraph(supergraph.path(), &[of("shop=http://s")]);
        assert!(
            unknown
                .unwrap_err()
                .to_string()
                .contains("no subgraph `shop`")
        );
    }

    #[test]
    fn a_graph_without_users_has_no_keys_to_fetch() {
        let supergraph =
            file("enum join__Graph { A @join__graph(name: \"a\", url: \"http://a\") }");
        let mut config = Config::default();
        Sources::of_supergraph(supergraph.path(), &[])
            .unwrap()
            .adjust(&mut config);
        assert_eq!(config.auth.jwks_urls, Some(Vec::new()));
        let plain = file("type Query { a: Int }");
        let error = Sources::of_supergraph(plain.path(), &[]).unwrap_err();
        assert!(error.to_string().contains("names no subgraphs"), "{error}");
    }
}
