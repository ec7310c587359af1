//! `@composeDirective`: the subgraph's own directives that it asks to keep in the supergraph.

use async_graphql_parser::types::{
    ConstDirective, DirectiveDefinition, DirectiveLocation, ServiceDocument, TypeSystemDefinition,
};

use super::{
    arguments,
    known::Meaning,
    link::{Link, Links, schema_directives},
};
use crate::composition::{
    SubgraphSdl,
    diagnostic::{Code, Diagnostic, Report},
    model::ComposedDirective,
};

pub(super) fn read(
    source: &SubgraphSdl<'_>,
    document: &ServiceDocument,
    links: &Links,
    report: &mut Report,
) -> Vec<ComposedDirective> {
    let mut kept = Vec::new();
    for directive in schema_directives(document) {
        if links.directive(&directive.name.node) != Some(Meaning::ComposeDirective) {
            continue;
        }
        let found = |code, message: String| {
            let found = Diagnostic::new(code, message);
            found.within([source.name]).at("schema")
        };
        if let Some(name) = composed_anyway(directive, links) {
            let message = format!("`{name}` is composed without being named.");
            report.hint(found(Code::DirectiveCompositionInfo, message));
            continue;
        }
        match composed(directive, source.sdl, document, links) {
            Ok(composed) => kept.push(composed),
            Err(message) => report.error(found(Code::DirectiveCompositionError, message)),
        }
    }
    kept
}

/// The directive that is named, if every composition keeps it.
fn composed_anyway(directive: &ConstDirective, links: &Links) -> Option<String> {
    let name = arguments::string(directive, "name")?;
    let meaning = links.directive(name.strip_prefix('@')?)?;
    let is_kept = matches!(
        meaning,
        Meaning::Authenticated
            | Meaning::Inaccessible
            | Meaning::Policy
            | Meaning::RequiresScopes
            | Meaning::Tag
    );
    is_kept.then_some(name)
}

fn composed(
    directive: &ConstDirective,
    sdl: &str,
    document: &ServiceDocument,
    links: &Links,
) -> Result<ComposedDirective, String> {
    let argument = arguments::string(directive, "name")
        .ok_or("`@composeDirective` needs `name` as a string.")?;
    let name = argument
        .strip_prefix('@')
        .ok_or_else(|| format!("`{argument}` in `@composeDirective` must start with `@`."))?;
    if links.directive(name).is_some() {
        return Err(format!(
            "`{argument}` is federation's: `@composeDirective` is for directives of your own."
        ));
    }
    let (link, canonical_name) = imported_from(&argument, links).ok_or_else(|| {
        format!("`{argument}` is not imported by any `@link`, so that it has no specification.")
    })?;
    let definition = document
        .definitions
        .iter()
        .find_map(|definition| match definition {
            TypeSystemDefinition::Directive(definition) if definition.node.name.node == name => {
                Some(&definition.node)
            }
            _ => None,
        })
        .ok_or_else(|| format!("`{argument}` has no definition in the SDL."))?;
    Ok(ComposedDirective {
        name: name.to_owned(),
        canonical_name: canonical_name.trim_start_matches('@').to_owned(),
        identity: link.identity.clone(),
        version: link.version,
        arguments: print_arguments(definition),
        repeatable: is_repeatable(sdl, definition),
        locations: definition
            .locations
            .iter()
            .map(|location| location_name(location.node))
            .collect(),
        required_arguments: definition
            .arguments
            .iter()
            .filter(|it| !it.node.ty.node.nullable && it.node.default_value.is_none())
            .count(),
    })
}

fn imported_from<'a>(name: &str, links: &'a Links) -> Option<(&'a Link, &'a str)> {
    links.links.iter().find_map(|link| {
        let (canonical, _) = link.imports.iter().find(|(_, alias)| alias == name)?;
        Some((link, canonical.as_str()))
    })
}

/// The parser takes every directive for repeatable, so the text before the locations is asked.
pub(in crate::composition) fn is_repeatable(sdl: &str, definition: &DirectiveDefinition) -> bool {
    let Some(first) = definition.locations.first() else {
        return false;
    };
    let line = sdl
        .lines()
        .nth(first.pos.line.saturating_sub(1))
        .unwrap_or_default();
    let before: String = sdl
        .lines()
        .take(first.pos.line.saturating_sub(1))
        .flat_map(|line| line.chars().chain(['\n']))
        .chain(line.chars().take(first.pos.column.saturating_sub(1)))
        .collect();
    let before = before.trim_end().trim_end_matches('|').trim_end();
    before
        .strip_suffix("on")
        .is_some_and(|before| before.trim_end().ends_with("repeatable"))
}

fn print_arguments(definition: &DirectiveDefinition) -> String {
    let arguments: Vec<String> = definition
        .arguments
        .iter()
        .map(|argument| {
            let argument = &argument.node;
            let default = argument
                .default_value
                .as_ref()
                .map(|value| format!(" = {}", value.node))
                .unwrap_or_default();
            format!("{}: {}{default}", argument.name.node, argument.ty.node)
        })
        .collect();
    if arguments.is_empty() {
        String::new()
    } else {
        format!("({})", arguments.join(", "))
    }
}

pub(in crate::composition) fn location_name(location: DirectiveLocation) -> &'static str {
    match location {
        DirectiveLocation::Query => "QUERY",
        DirectiveLocation::Mutation => "MUTATION",
        DirectiveLocation::Subscription => "SUBSCRIPTION",
        DirectiveLocation::Field => "FIELD",
        DirectiveLocation::FragmentDefinition => "FRAGMENT_DEFINITION",
        DirectiveLocation::FragmentSpread => "FRAGMENT_SPREAD",
        DirectiveLocation::InlineFragment => "INLINE_FRAGMENT",
        DirectiveLocation::Schema => "SCHEMA",
        DirectiveLocation::Scalar => "SCALAR",
        DirectiveLocation::Object => "OBJECT",
        DirectiveLocation::FieldDefinition => "FIELD_DEFINITION",
        DirectiveLocation::ArgumentDefinition => "ARGUMENT_DEFINITION",
        DirectiveLocation::Interface => "INTERFACE",
        DirectiveLocation::Union => "UNION",
        DirectiveLocation::Enum => "ENUM",
        DirectiveLocation::EnumValue => "ENUM_VALUE",
        DirectiveLocation::InputObject => "INPUT_OBJECT",
        DirectiveLocation::InputFieldDefinition => "INPUT_FIELD_DEFINITION",
        DirectiveLocation::VariableDefinition => "VARIABLE_DEFINITION",
    }
}
