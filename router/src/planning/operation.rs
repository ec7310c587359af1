//! The operation that a request runs, taken out of its document, and split into what the router
//! answers from its schema and what subgraphs answer.

use graphql_tools::static_graphql::query::{
    Definition, Directive, Document, Field, FragmentDefinition, InlineFragment,
    OperationDefinition, Selection, SelectionSet, TypeCondition, Value, VariableDefinition,
};
use rustc_hash::FxHashMap;
use std::borrow::Cow;

use super::Schema;
use super::arrangement::arrange;
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

/// The two parts of an operation.
pub(super) struct Split {
    /// The document to plan: the operation without `__schema`, `__type` and `__typename` at its
    /// root, its fragments written out. `None` if nothing is left for subgraphs.
    pub planned: Option<Document>,
    /// The `__schema` and `__type` fields at the root.
    pub introspection: Vec<Field>,
}

/// Splits the operation. Fragments at its root are expanded, for they may hold either part.
///
/// What is planned has its fields under their data keys, see [`Schema::data_key`].
pub(super) fn split(
    schema: &Schema,
    document: &Document,
    operation: &OperationDefinition,
    root_type: &str,
    decided: &Decided,
) -> Split {
    let mut introspection = Vec::new();
    let root = selections(operation);
    let fragments = fragments(document);
    let remaining = without_meta(&fragments, decided, root, &mut introspection);
    let mut arranged = arrange(schema, &fragments, decided, root_type, &remaining);
    if arranged.items.is_empty() {
        return Split {
            planned: None,
            introspection,
        };
    }
    use_data_keys(schema, &mut arranged);
    let mut operation = operation.clone();
    *selections_mut(&mut operation) = arranged;
    Split {
        planned: Some(Document {
            definitions: vec![Definition::Operation(operation)],
        }),
        introspection,
    }
}

fn selections_mut(operation: &mut OperationDefinition) -> &mut SelectionSet {
    match operation {
        OperationDefinition::SelectionSet(selections) => selections,
        OperationDefinition::Query(query) => &mut query.selection_set,
        OperationDefinition::Mutation(mutation) => &mut mutation.selection_set,
        OperationDefinition::Subscription(subscription) => &mut subscription.selection_set,
    }
}

fn use_data_keys(schema: &Schema, set: &mut SelectionSet) {
    for selection in &mut set.items {
        match selection {
            Selection::Field(field) => {
                if let Some(alias) = &mut field.alias
                    && let Cow::Owned(key) = schema.data_key(Some(alias), &field.name)
                {
                    *alias = key;
                }
                use_data_keys(schema, &mut field.selection_set);
            }
            Selection::InlineFragment(fragment) => {
                use_data_keys(schema, &mut fragment.selection_set);
            }
            Selection::FragmentSpread(_) => {}
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

fn without_meta(
    fragments: &FxHashMap<&str, &FragmentDefinition>,
    decided: &Decided,
    set: &SelectionSet,
    introspection: &mut Vec<Field>,
) -> SelectionSet {
    let mut items = Vec::with_capacity(set.items.len());
    for selection in &set.items {
        let directives = match selection {
            Selection::Field(field) => &field.directives,
            Selection::InlineFragment(fragment) => &fragment.directives,
            Selection::FragmentSpread(spread) => &spread.directives,
        };
        // The planner finds no plan for an operation that asks for nothing.
        if is_left_out(directives, decided) {
            continue;
        }
        match selection {
            Selection::Field(field) => match field.name.as_str() {
                "__typename" => {}
                "__schema" | "__type" => introspection.push(field.clone()),
                _ => items.push(Selection::Field(field.clone())),
            },
            Selection::InlineFragment(fragment) => {
                let selection_set =
                    without_meta(fragments, decided, &fragment.selection_set, introspection);
                if !selection_set.items.is_empty() {
                    items.push(Selection::InlineFragment(InlineFragment {
                        selection_set,
                        ..fragment.clone()
                    }));
                }
            }
            Selection::FragmentSpread(spread) => {
                // Validation has seen to it that the fragment is there.
                let Some(fragment) = fragments.get(spread.fragment_name.as_str()) else {
                    continue;
                };
                let selection_set =
                    without_meta(fragments, decided, &fragment.selection_set, introspection);
                if !selection_set.items.is_empty() {
                    let TypeCondition::On(condition) = &fragment.type_condition;
                    items.push(Selection::InlineFragment(InlineFragment {
                        position: spread.position,
                        type_condition: Some(TypeCondition::On(condition.clone())),
                        directives: spread.directives.clone(),
                        selection_set,
                    }));
                }
            }
        }
    }
    SelectionSet {
        span: set.span,
        items,
    }
}
