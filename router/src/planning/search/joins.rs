//! Reading what a supergraph says of its subgraphs (<https://specs.apollo.dev/join/v0.5>).

use graphql_tools::static_graphql::query::{
    Definition as QueryDefinition, OperationDefinition, SelectionSet,
};
use graphql_tools::static_graphql::schema::{Directive, Document, TypeDefinition, Value};
use rustc_hash::FxHashMap;

use crate::planning::Definition;

/// The subgraphs' names by their values in the enum of subgraphs.
pub(super) fn graph_names(document: &Document) -> FxHashMap<String, String> {
    let mut names = FxHashMap::default();
    for definition in &document.definitions {
        let Definition::TypeDefinition(TypeDefinition::Enum(graphs)) = definition else {
            continue;
        };
        for value in &graphs.values {
            let mut named = value
                .directives
                .iter()
                .filter(|it| it.name == "join__graph");
            if let Some(name) = named.find_map(|it| text_argument(it, "name")) {
                names.insert(value.name.clone(), name.to_owned());
            }
        }
    }
    names
}

/// An argument of a directive.
pub(super) fn argument<'d>(directive: &'d Directive, name: &str) -> Option<&'d Value> {
    let mut arguments = directive.arguments.iter();
    arguments.find_map(|(argument, value)| (argument == name).then_some(value))
}

/// An argument that is a string.
pub(super) fn text_argument<'d>(directive: &'d Directive, name: &str) -> Option<&'d str> {
    match argument(directive, name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// The subgraph, by its value in their enum, of which a directive says something.
pub(super) fn graph_argument(directive: &Directive) -> Option<&str> {
    match argument(directive, "graph") {
        Some(Value::Enum(graph)) => Some(graph),
        _ => None,
    }
}

/// Reads a field set, as keys, requirements and provisions are written.
pub(super) fn field_set(fields: &str) -> Option<SelectionSet> {
    let text = format!("{{{fields}}}");
    let document = graphql_tools::parser::parse_query::<String>(&text).ok()?;
    match document.into_static().definitions.into_iter().next()? {
        QueryDefinition::Operation(OperationDefinition::SelectionSet(set)) => Some(set),
        _ => None,
    }
}
