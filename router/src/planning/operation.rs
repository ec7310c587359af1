//! The operation that a request runs, taken out of its document, and what of it the router answers from its schema.

use graphql_tools::static_graphql::query::{
    Definition, Directive, Document, Field, FragmentDefinition, OperationDefinition, Selection,
    SelectionSet, Value, VariableDefinition,
};
use rustc_hash::FxHashMap;

use super::conditions::Decided;
use crate::error::{GraphQLError, Refusal, code};
use crate::operation::OperationKind;

/// Finds the operation that a request names, or the only one if it names none.
pub(super) fn select<'d>(
    document: &'d Document,
    name: Option<&str>,
) -> Result<&'d OperationDefinition, Refusal> {
    let mut operations = operations(document);
    let failure = |message: String| {
        Refusal::from(GraphQLError::new(
            code::OPERATION_RESOLUTION_FAILURE,
            message,
        ))
    };
    match name {
        Some(name) => operations
            .find(|operation| operation_name(operation) == Some(name))
            .ok_or_else(|| failure(format!("the document has no operation `{name}`"))),
        None => match (operations.next(), operations.next()) {
            (Some(only), None) => Ok(only),
            (None, _) => Err(failure("the document has no operation".to_owned())),
            (Some(_), Some(_)) => Err(failure(
                "the document has several operations: say which one by `operationName`".to_owned(),
            )),
        },
    }
}

/// The operations of a document.
pub(super) fn operations(document: &Document) -> impl Iterator<Item = &OperationDefinition> {
    document
        .definitions
        .iter()
        .filter_map(|definition| match definition {
            Definition::Operation(operation) => Some(operation),
            Definition::Fragment(_) => None,
        })
}

/// The fragments of a document by name.
pub(super) fn fragments(document: &Document) -> FxHashMap<&str, &FragmentDefinition> {
    let mut fragments = FxHashMap::default();
    for definition in &document.definitions {
        if let Definition::Fragment(fragment) = definition {
            fragments.insert(fragment.name.as_str(), fragment);
        }
    }
    fragments
}

/// The root's selections of an operation.
pub(super) fn selections(operation: &OperationDefinition) -> &SelectionSet {
    match operation {
        OperationDefinition::SelectionSet(selections) => selections,
        OperationDefinition::Query(query) => &query.selection_set,
        OperationDefinition::Mutation(mutation) => &mutation.selection_set,
        OperationDefinition::Subscription(subscription) => &subscription.selection_set,
    }
}

/// The name of an operation, if it has one.
pub(super) fn operation_name(operation: &OperationDefinition) -> Option<&str> {
    match operation {
        OperationDefinition::SelectionSet(_) => None,
        OperationDefinition::Query(query) => query.name.as_deref(),
        OperationDefinition::Mutation(mutation) => mutation.name.as_deref(),
        OperationDefinition::Subscription(subscription) => subscription.name.as_deref(),
    }
}

/// What kind of operation it is.
pub(super) fn kind(operation: &OperationDefinition) -> OperationKind {
    match operation {
        OperationDefinition::SelectionSet(_) | OperationDefinition::Query(_) => {
            OperationKind::Query
        }
        OperationDefinition::Mutation(_) => OperationKind::Mutation,
        OperationDefinition::Subscription(_) => OperationKind::Subscription,
    }
}

/// The variables that the operation declares.
pub(super) fn variable_definitions(operation: &OperationDefinition) -> &[VariableDefinition] {
    match operation {
        OperationDefinition::SelectionSet(_) => &[],
        OperationDefinition::Query(query) => &query.variable_definitions,
        OperationDefinition::Mutation(mutation) => &mutation.variable_definitions,
        OperationDefinition::Subscription(subscription) => &subscription.variable_definitions,
    }
}

/// The `__schema` and `__type` fields at an operation's root, which the router answers itself.
pub(super) fn introspection(
    operation: &OperationDefinition,
    mut fragments: FxHashMap<&str, &FragmentDefinition>,
    decided: &Decided,
) -> Vec<Field> {
    let mut found = Vec::new();
    collect_introspection(&mut fragments, decided, selections(operation), &mut found);
    found
}

/// Takes each fragment out once it was looked into: it says the same each time.
fn collect_introspection(
    fragments: &mut FxHashMap<&str, &FragmentDefinition>,
    decided: &Decided,
    set: &SelectionSet,
    found: &mut Vec<Field>,
) {
    for selection in &set.items {
        let directives = match selection {
            Selection::Field(field) => &field.directives,
            Selection::InlineFragment(fragment) => &fragment.directives,
            Selection::FragmentSpread(spread) => &spread.directives,
        };
        if is_left_out(directives, decided) {
            continue;
        }
        match selection {
            Selection::Field(field) => {
                if matches!(field.name.as_str(), "__schema" | "__type") {
                    found.push(field.clone());
                }
            }
            Selection::InlineFragment(fragment) => {
                collect_introspection(fragments, decided, &fragment.selection_set, found);
            }
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = fragments.remove(spread.fragment_name.as_str()) {
                    collect_introspection(fragments, decided, &fragment.selection_set, found);
                }
            }
        }
    }
}

/// Whether `@skip` or `@include` leaves the selection out, as far as the variables are known.
pub(super) fn is_left_out(directives: &[Directive], decided: &Decided) -> bool {
    directives.iter().any(|directive| {
        let ruling = match directive.name.as_str() {
            "skip" => true,
            "include" => false,
            _ => return false,
        };
        let mut arguments = directive.arguments.iter();
        arguments.any(|(name, value)| {
            name == "if"
                && match value {
                    Value::Boolean(value) => *value == ruling,
                    Value::Variable(name) => decided.get(name) == Some(&ruling),
                    _ => false,
                }
        })
    })
}
