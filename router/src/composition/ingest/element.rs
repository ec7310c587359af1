//! Reads the directives that any element may carry.

use std::collections::HashSet;

use async_graphql_parser::{Positioned, types::ConstDirective};
use async_graphql_value::ConstValue;

use super::{arguments, known::Meaning, link::Links};
use crate::composition::{
    diagnostic::Code,
    model::{Deprecated, Metadata},
};

/// An element's metadata, and in sentences what is wrong with its directives, each with its code.
pub(super) fn metadata(
    description: Option<&Positioned<String>>,
    directives: &[Positioned<ConstDirective>],
    links: &Links,
    composed: &HashSet<String>,
    declared: &HashSet<String>,
) -> (Metadata, Vec<(Code, String)>) {
    let mut metadata = Metadata {
        description: description.map(description_text),
        ..Metadata::default()
    };
    let mut wrong = Vec::new();
    for directive in directives.iter().map(|directive| &directive.node) {
        let name = directive.name.node.as_str();
        if composed.contains(name) {
            metadata.composed.insert(application(directive));
        } else if let Some(known) = links.directive(name) {
            let problem = read(&mut metadata, known, directive);
            wrong.extend(problem.map(|message| (Code::InvalidGraphql, message)));
            if known == Meaning::ListSize
                && let Some(size) = arguments::argument(directive, "assumedSize")
                && *size != ConstValue::Null
                && arguments::natural(directive, "assumedSize").is_none()
            {
                let message = format!("The assumed size `{size}` is no number that may be a size.");
                wrong.push((Code::ListSizeInvalidAssumedSize, message));
            }
        } else if links.is_not_imported(name) && !declared.contains(name) {
            let message =
                format!("`@{name}` is used, but the `@link` to federation does not import it.");
            wrong.push((Code::InvalidGraphql, message));
        }
    }
    (metadata, wrong)
}

/// Reads one directive; answers what is wrong with it.
fn read(metadata: &mut Metadata, known: Meaning, directive: &ConstDirective) -> Option<String> {
    match known {
        Meaning::Inaccessible => metadata.inaccessible = true,
        Meaning::Authenticated => metadata.authenticated = true,
        Meaning::OneOf => metadata.one_of = true,
        Meaning::Deprecated => {
            metadata.deprecated = Some(Deprecated {
                reason: arguments::string(directive, "reason"),
            });
        }
        Meaning::SpecifiedBy => metadata.specified_by = arguments::string(directive, "url"),
        Meaning::Tag => match arguments::string(directive, "name") {
            Some(tag) => _ = metadata.tags.insert(tag),
            None => return Some("`@tag` needs `name` as a string.".to_owned()),
        },
        Meaning::RequiresScopes => match arguments::requirement(directive, "scopes") {
            Some(scopes) => metadata.scopes.push(scopes),
            None => {
                return Some(
                    "`@requiresScopes` needs `scopes` as a list of lists of strings.".to_owned(),
                );
            }
        },
        Meaning::Policy => match arguments::requirement(directive, "policies") {
            Some(policies) => metadata.policies.push(policies),
            None => {
                return Some(
                    "`@policy` needs `policies` as a list of lists of strings.".to_owned(),
                );
            }
        },
        Meaning::Cost => match arguments::natural(directive, "weight") {
            Some(weight) => metadata.cost = Some(weight),
            None => {
                return Some(
                    "`@cost` needs `weight` as an integer that is not negative.".to_owned(),
                );
            }
        },
        Meaning::ListSize => metadata.list_size = Some(arguments::list_size(directive)),
        // About ownership, not about the element: read with the type or field.
        Meaning::ComposeDirective
        | Meaning::Extends
        | Meaning::External
        | Meaning::InterfaceObject
        | Meaning::Key
        | Meaning::Override
        | Meaning::Provides
        | Meaning::Requires
        | Meaning::Shareable => {}
    }
    None
}

/// A description's text. The parser leaves the one escape that block strings have as it is.
pub(in crate::composition) fn description_text(description: &Positioned<String>) -> String {
    description.node.replace("\\\"\"\"", "\"\"\"")
}

/// The directive as it is written in SDL.
pub(in crate::composition) fn application(directive: &ConstDirective) -> String {
    let arguments: Vec<String> = directive
        .arguments
        .iter()
        .map(|(name, value)| format!("{}: {}", name.node, value.node))
        .collect();
    if arguments.is_empty() {
        format!("@{}", directive.name.node)
    } else {
        format!("@{}({})", directive.name.node, arguments.join(", "))
    }
}

impl Metadata {
    /// Adds what another block of the same subgraph says of the same element.
    pub(super) fn absorb(&mut self, other: Self) {
        self.description = self.description.take().or(other.description);
        self.deprecated = self.deprecated.take().or(other.deprecated);
        self.inaccessible |= other.inaccessible;
        self.tags.extend(other.tags);
        self.authenticated |= other.authenticated;
        self.scopes.extend(other.scopes);
        self.policies.extend(other.policies);
        self.cost = self.cost.max(other.cost);
        self.list_size = self.list_size.take().or(other.list_size);
        self.specified_by = self.specified_by.take().or(other.specified_by);
        self.one_of |= other.one_of;
        self.composed.extend(other.composed);
    }
}
