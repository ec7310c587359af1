//! Definitions that a subgraph repeats of directives which a specification has.

use async_graphql_parser::Positioned;
use async_graphql_parser::types::{
    ConstDirective, DirectiveDefinition, ServiceDocument, TypeSystemDefinition,
};

use super::composed::location_name;
use super::executable::is_executable;
use super::known::Meaning;
use super::link::Links;
use crate::composition::diagnostic::{Code, Diagnostic, Report};
use crate::composition::model::is_builtin_scalar;

/// Looks at the definitions of known directives: they must take what the specification's do.
pub(super) fn check(
    document: &ServiceDocument,
    links: &Links,
    subgraph: &str,
    report: &mut Report,
) {
    for definition in &document.definitions {
        if let Some((at, message)) = hidden_for_nothing(definition, links) {
            report.error(
                Diagnostic::new(Code::DisallowedInaccessible, message)
                    .at(at)
                    .within([subgraph]),
            );
        }
        let TypeSystemDefinition::Directive(definition) = definition else {
            continue;
        };
        let definition = &definition.node;
        let name = &definition.name.node;
        let known = links.directive(name).and_then(arguments);
        let Some((required, optional)) = known else {
            continue;
        };
        for message in problems(definition, required, optional) {
            report.error(
                Diagnostic::new(Code::DirectiveDefinitionInvalid, message)
                    .at(format!("@{name}"))
                    .within([subgraph]),
            );
        }
    }
}

/// What is hidden although every schema has it, or subgraphs could not use it: a type of GraphQL or of a specification,
/// and an argument of a directive that stands in schemas.
fn hidden_for_nothing(
    definition: &TypeSystemDefinition,
    links: &Links,
) -> Option<(String, &'static str)> {
    let is_hidden = |directives: &[Positioned<ConstDirective>]| {
        let mut directives = directives.iter();
        directives.any(|it| links.directive(&it.node.name.node) == Some(Meaning::Inaccessible))
    };
    match definition {
        TypeSystemDefinition::Type(ty) => {
            let name = ty.node.name.node.as_str();
            let is_everywhere =
                is_builtin_scalar(name) || name.starts_with("__") || links.is_internal_type(name);
            (is_everywhere && is_hidden(&ty.node.directives))
                .then(|| (name.to_owned(), "A type that every schema has is hidden."))
        }
        TypeSystemDefinition::Directive(directive) => {
            let mut locations = directive.node.locations.iter();
            let stands_in_schemas = locations.any(|it| !is_executable(location_name(it.node)));
            let mut arguments = directive.node.arguments.iter();
            let hidden = arguments.find(|it| is_hidden(&it.node.directives))?;
            let at = format!("@{}({}:)", directive.node.name.node, hidden.node.name.node);
            let message = "The argument of a directive that stands in schemas is hidden.";
            stands_in_schemas.then_some((at, message))
        }
        TypeSystemDefinition::Schema(_) => None,
    }
}

fn problems(definition: &DirectiveDefinition, required: &[&str], optional: &[&str]) -> Vec<String> {
    let mut problems = Vec::new();
    for argument in required {
        let mut arguments = definition.arguments.iter();
        if !arguments.any(|it| it.node.name.node == *argument) {
            problems.push(format!("The definition lacks the argument `{argument}`."));
        }
    }
    for argument in &definition.arguments {
        let argument = &argument.node;
        let name = argument.name.node.as_str();
        let is_required = !argument.ty.node.nullable && argument.default_value.is_none();
        if is_required && !required.contains(&name) && !optional.contains(&name) {
            problems.push(format!(
                "The definition requires the unknown argument `{name}`."
            ));
        }
    }
    problems
}

/// The arguments of a directive that must be there, and those that may.
fn arguments(directive: Meaning) -> Option<(&'static [&'static str], &'static [&'static str])> {
    Some(match directive {
        Meaning::Key => (&["fields"], &["resolvable"]),
        Meaning::Requires | Meaning::Provides => (&["fields"], &[]),
        Meaning::Override => (&["from"], &["label"]),
        Meaning::Tag | Meaning::ComposeDirective => (&["name"], &[]),
        Meaning::RequiresScopes => (&["scopes"], &[]),
        Meaning::Policy => (&["policies"], &[]),
        Meaning::Cost => (&["weight"], &[]),
        Meaning::External => (&[], &["reason"]),
        Meaning::Authenticated
        | Meaning::Extends
        | Meaning::Inaccessible
        | Meaning::InterfaceObject
        | Meaning::Shareable => (&[], &[]),
        Meaning::ListSize => (
            &[],
            &[
                "assumedSize",
                "slicingArguments",
                "sizedFields",
                "requireOneSlicingArgument",
            ],
        ),
        // GraphQL's own, which every parser knows.
        Meaning::Deprecated | Meaning::OneOf | Meaning::SpecifiedBy => return None,
    })
}
