//! What a subscription must be: one event stream, so one field of a subgraph at its root, whatever the
//! variables are (<https://spec.graphql.org/draft/#sec-Single-Root-Field>).

use graphql_tools::parser::Pos;
use graphql_tools::static_graphql::query::{
    Directive, Document, Field, FragmentDefinition, OperationDefinition, Selection, SelectionSet,
};
use rustc_hash::FxHashMap;

use super::guard::{fragments, selections};
use crate::error::{GraphQLError, Refusal, code};

/// Refuses a subscription that has not exactly one field at its root; other operations pass.
pub(super) fn check(document: &Document, operation: &OperationDefinition) -> Result<(), Refusal> {
    if !matches!(operation, OperationDefinition::Subscription(_)) {
        return Ok(());
    }
    let fragments = fragments(document);
    let mut fields = Vec::new();
    collect(&fragments, selections(operation), &mut fields)?;
    let mut keys: Vec<&str> = fields.iter().map(|field| key(field)).collect();
    keys.sort_unstable();
    keys.dedup();
    for field in &fields {
        if field.name.starts_with("__") {
            let message = format!("a subscription cannot have `{}` at its root", field.name);
            return Err(refused(&message, field.position));
        }
    }
    match (fields.first(), keys.len()) {
        (Some(_), 1) => Ok(()),
        (Some(field), count) => {
            let message = format!("a subscription has one field at its root; this has {count}");
            Err(refused(&message, field.position))
        }
        (None, _) => Err(refused(
            "a subscription has one field at its root; this has none",
            Pos::default(),
        )),
    }
}

fn key(field: &Field) -> &str {
    field.alias.as_deref().unwrap_or(&field.name)
}

/// All fields at the root, those in fragments included. Validation has seen to it that fragments are
/// there and not in a circle.
fn collect<'d>(
    fragments: &FxHashMap<&str, &'d FragmentDefinition>,
    set: &'d SelectionSet,
    fields: &mut Vec<&'d Field>,
) -> Result<(), Refusal> {
    for selection in &set.items {
        match selection {
            Selection::Field(field) => {
                unconditional(&field.directives)?;
                fields.push(field);
            }
            Selection::InlineFragment(fragment) => {
                unconditional(&fragment.directives)?;
                collect(fragments, &fragment.selection_set, fields)?;
            }
            Selection::FragmentSpread(spread) => {
                unconditional(&spread.directives)?;
                if let Some(fragment) = fragments.get(spread.fragment_name.as_str()) {
                    collect(fragments, &fragment.selection_set, fields)?;
                }
            }
        }
    }
    Ok(())
}

fn unconditional(directives: &[Directive]) -> Result<(), Refusal> {
    let mut directives = directives.iter();
    match directives.find(|it| matches!(it.name.as_str(), "skip" | "include")) {
        Some(directive) => {
            let message = format!(
                "a subscription cannot have `@{}` at its root",
                directive.name
            );
            Err(refused(&message, directive.position))
        }
        None => Ok(()),
    }
}

fn refused(message: &str, position: Pos) -> Refusal {
    let error = GraphQLError::new(code::VALIDATION_FAILED, message);
    if position == Pos::default() {
        return error.into();
    }
    error.at(position.line, position.column).into()
}
