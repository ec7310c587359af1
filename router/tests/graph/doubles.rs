//! Subgraphs made for tests: one whose answers are written down, and one that is down.

use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use stockgraph_router::transport::{Subgraph, SubgraphError, SubgraphRequest, SubgraphResponse};
use stockgraph_router::{GraphQLError, GraphQLRequest, Router, RouterOptions, SubgraphDefinition};

/// What a scripted subgraph was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    pub query: String,
    pub variables: Value,
    pub headers: http::HeaderMap,
}

type Script = dyn Fn(&Asked) -> Result<Value, SubgraphError> + Send + Sync;

/// A subgraph that answers by a function and remembers what it was asked.
pub struct Scripted {
    script: Box<Script>,
    asked: Mutex<Vec<Asked>>,
}

impl Scripted {
    pub fn new(
        script: impl Fn(&Asked) -> Result<Value, SubgraphError> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Scripted {
            script: Box::new(script),
            asked: Mutex::default(),
        })
    }

    /// Gives the same `{data, errors}` to every request.
    pub fn always(answer: Value) -> Arc<Self> {
        Scripted::new(move |_| Ok(answer.clone()))
    }

    /// Never answers.
    pub fn down() -> Arc<Self> {
        Scripted::new(|_| Err(SubgraphError::Unreachable("connection refused".to_owned())))
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

impl Subgraph for Scripted {
    fn execute<'a>(
        &'a self,
        request: SubgraphRequest<'a>,
    ) -> BoxFuture<'a, Result<SubgraphResponse, SubgraphError>> {
        Box::pin(async move {
            let asked = Asked {
                query: request.query.to_owned(),
                variables: Value::Object(request.variables),
                headers: request.headers.clone(),
            };
            let answer = (self.script)(&asked);
            self.asked.lock().unwrap().push(asked);
            let mut answer = answer?;
            let errors = match answer.get_mut("errors").map(Value::take) {
                Some(Value::Array(errors)) => errors,
                _ => Vec::new(),
            };
            Ok(SubgraphResponse {
                data: answer.get_mut("data").map(Value::take).unwrap_or_default(),
                errors: errors.into_iter().map(GraphQLError::from_foreign).collect(),
                ..SubgraphResponse::default()
            })
        })
    }
}

/// What stands before every subgraph's schema here.
const LINK: &str = r#"extend schema @link(url: "https://specs.apollo.dev/federation/v2.5",
    import: ["@key", "@shareable", "@external", "@requires", "@provides", "@inaccessible", "@interfaceObject"])
"#;

/// A router over subgraphs given by name, schema and double.
pub fn router(subgraphs: Vec<(&str, &str, Arc<dyn Subgraph>)>) -> Router {
    let subgraphs = subgraphs
        .into_iter()
        .map(|(name, sdl, transport)| SubgraphDefinition {
            name: name.to_owned(),
            url: format!("http://{name}.test/graphql"),
            sdl: format!("{LINK}{sdl}"),
            transport,
        });
    match Router::compose(subgraphs.collect(), RouterOptions::default()) {
        Ok(router) => router,
        Err(error) => panic!("{error}"),
    }
}

/// Asks without variables and headers.
pub async fn ask(router: &Router, query: &str) -> Value {
    ask_with(router, query, json!({})).await
}

/// Asks with variables.
pub async fn ask_with(router: &Router, query: &str, variables: Value) -> Value {
    let request = GraphQLRequest::new(query).variables(variables);
    router
        .execute(request, &http::HeaderMap::new())
        .await
        .to_json()
}
