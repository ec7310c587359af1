//! Definitions that a subgraph repeats of directives which a specification has.

use async_graphql_parser::types::{DirectiveDefinition, ServiceDocument, TypeSystemDefinition};

use super::link::{Links, Meaning};
use crate::composition::diagnostic::{Code, Diagnostic, Report};

/// Looks at the definitions of known directives: they must take what the specification's do.
pub(super) fn check(
    document: &ServiceDocument,
    links: &Links,
    subgraph: &str,
    report: &mut Report,
) {
    for definition in &document.definitions {
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
