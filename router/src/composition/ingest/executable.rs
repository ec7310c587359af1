//! Directives that clients may write in operations, as a subgraph defines them.

use async_graphql_parser::types::{DirectiveDefinition, ServiceDocument, TypeSystemDefinition};

use super::composed::{is_repeatable, location_name};
use super::link::Links;
use crate::composition::model::{ExecutableDirective, Map};

/// What GraphQL itself defines, or may.
const BUILT_IN: [&str; 7] = [
    "defer",
    "deprecated",
    "include",
    "oneOf",
    "skip",
    "specifiedBy",
    "stream",
];

/// The locations in operations.
const EXECUTABLE: [&str; 8] = [
    "QUERY",
    "MUTATION",
    "SUBSCRIPTION",
    "FIELD",
    "FRAGMENT_DEFINITION",
    "FRAGMENT_SPREAD",
    "INLINE_FRAGMENT",
    "VARIABLE_DEFINITION",
];

/// Whether the location is one in operations.
pub(in crate::composition) fn is_executable(location: &str) -> bool {
    EXECUTABLE.contains(&location)
}

/// The subgraph's directives for operations, apart from those that are composed anyway.
pub(super) fn read(
    sdl: &str,
    document: &ServiceDocument,
    links: &Links,
    is_composed: impl Fn(&str) -> bool,
) -> Map<ExecutableDirective> {
    let mut directives = Map::new();
    for definition in &document.definitions {
        let TypeSystemDefinition::Directive(definition) = definition else {
            continue;
        };
        let definition = &definition.node;
        let name = definition.name.node.as_str();
        if BUILT_IN.contains(&name) || links.directive(name).is_some() || is_composed(name) {
            continue;
        }
        let directive = read_one(sdl, definition);
        if !directive.locations.is_empty() {
            directives.insert(name.to_owned(), directive);
        }
    }
    directives
}

fn read_one(sdl: &str, definition: &DirectiveDefinition) -> ExecutableDirective {
    let arguments = definition.arguments.iter().map(|argument| {
        let argument = &argument.node;
        let default = argument.default_value.as_ref();
        let default = default.map(|value| value.node.clone());
        (
            argument.name.node.to_string(),
            (argument.ty.node.to_string(), default),
        )
    });
    let locations = definition.locations.iter();
    let locations = locations.map(|it| location_name(it.node));
    ExecutableDirective {
        arguments: arguments.collect(),
        repeatable: is_repeatable(sdl, definition),
        locations: locations.filter(|it| is_executable(it)).collect(),
    }
}
