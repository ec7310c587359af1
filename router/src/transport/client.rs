//! Asking a single subgraph from outside the router.

use http::HeaderMap;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;

use super::{Subgraph, SubgraphError, SubgraphRequest};
use crate::operation::OperationKind;

/// A subgraph with its name, for callers that want one answer and not a graph.
#[derive(Clone)]
pub struct SubgraphClient {
    name: Arc<str>,
    subgraph: Arc<dyn Subgraph>,
}

impl SubgraphClient {
    /// A client of `subgraph`, which is called `name` in logs.
    pub fn new(name: impl Into<String>, subgraph: Arc<dyn Subgraph>) -> Self {
        SubgraphClient {
            name: name.into().into(),
            subgraph,
        }
    }

    /// The subgraph's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Executes `query` and gives its `data`. `variables` is an object, or null for none.
    ///
    /// # Errors
    /// Every failure, errors that the subgraph reports included: partial data is not given out.
    pub async fn call(
        &self,
        query: &str,
        variables: Value,
        headers: &HeaderMap,
    ) -> Result<Value, SubgraphError> {
        let variables = match variables {
            Value::Object(variables) => variables,
            Value::Null => serde_json::Map::new(),
            _ => {
                return Err(SubgraphError::Misconfigured(
                    "the variables are not an object".to_owned(),
                ));
            }
        };
        // It may be a mutation, and is not worth a parser to tell.
        let request = SubgraphRequest::new(query, headers)
            .variables(variables)
            .kind(OperationKind::Mutation);
        self.subgraph.execute(request).await?.into_data()
    }

    /// Executes `query` and reads its `data` as `T`.
    ///
    /// # Errors
    /// As [`SubgraphClient::call`], and [`SubgraphError::BadAnswer`] for data that is not a `T`.
    pub async fn call_as<T: DeserializeOwned>(
        &self,
        query: &str,
        variables: Value,
        headers: &HeaderMap,
    ) -> Result<T, SubgraphError> {
        let data = self.call(query, variables, headers).await?;
        serde_json::from_value(data).map_err(|error| SubgraphError::BadAnswer(error.to_string()))
    }
}

/// The subgraph's own schema, as it gives it by `{ _service { sdl } }`.
///
/// # Errors
/// Every failure, and [`SubgraphError::BadAnswer`] if the answer holds no schema.
pub async fn fetch_sdl(subgraph: &dyn Subgraph) -> Result<String, SubgraphError> {
    let headers = HeaderMap::new();
    let request = SubgraphRequest::new("{ _service { sdl } }", &headers);
    let data = subgraph.execute(request).await?.into_data()?;
    match data.pointer("/_service/sdl").and_then(Value::as_str) {
        Some(sdl) => Ok(sdl.to_owned()),
        None => Err(SubgraphError::BadAnswer(
            "`_service.sdl` is missing: it is not a Federation subgraph".to_owned(),
        )),
    }
}
