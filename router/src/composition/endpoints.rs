//! Where a supergraph finds its subgraphs.

use async_graphql_parser::{
    parse_schema,
    types::{TypeKind, TypeSystemDefinition},
};
use async_graphql_value::ConstValue;

use super::ApiSchemaError;

/// The enum of the join specification that names the subgraphs.
const GRAPHS: &str = "join__Graph";

/// A subgraph, as a supergraph names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The subgraph's name.
    pub name: String,
    /// Where it is served; empty where the supergraph does not say.
    pub url: String,
}

/// The subgraphs of a supergraph, in its order.
///
/// # Errors
///
/// When the text does not parse.
pub fn endpoints(supergraph_sdl: &str) -> Result<Vec<Endpoint>, ApiSchemaError> {
    let document = parse_schema(supergraph_sdl).map_err(|error| ApiSchemaError::new(&error))?;
    let graphs = document.definitions.into_iter().find_map(|definition| {
        let TypeSystemDefinition::Type(definition) = definition else {
            return None;
        };
        match definition.node.kind {
            TypeKind::Enum(graphs) if definition.node.name.node == GRAPHS => Some(graphs.values),
            _ => None,
        }
    });
    let endpoints = graphs.into_iter().flatten().filter_map(|value| {
        let directives = value.node.directives.into_iter();
        let mut named = directives.filter(|it| it.node.name.node == "join__graph");
        let named = named.next()?.node;
        let text = |argument: &str| match named.get_argument(argument) {
            Some(value) => match &value.node {
                ConstValue::String(text) => Some(text.clone()),
                _ => None,
            },
            None => None,
        };
        Some(Endpoint {
            name: text("name")?,
            url: text("url").unwrap_or_default(),
        })
    });
    Ok(endpoints.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::composition::{SubgraphSdl, compose};

    #[test]
    fn a_supergraph_tells_where_its_subgraphs_are() {
        let sdl = "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.5\", import: [\"@shareable\"]) type Query { hello: String @shareable }";
        let subgraphs = ["b", "a-1"].map(|name| SubgraphSdl {
            name,
            url: "http://127.0.0.1:4001/graphql",
            sdl,
        });
        let supergraph = compose(&subgraphs).unwrap().sdl;
        let found = endpoints(&supergraph).unwrap();
        let names: Vec<_> = found
            .iter()
            .map(|endpoint| endpoint.name.as_str())
            .collect();
        assert_eq!(names, ["a-1", "b"]);
        assert_eq!(found[0].url, "http://127.0.0.1:4001/graphql");
    }

    #[test]
    fn what_is_no_supergraph_has_no_subgraphs() {
        assert_eq!(endpoints("type Query { a: Int }").unwrap(), []);
        assert!(endpoints("type Query {").is_err());
    }
}
