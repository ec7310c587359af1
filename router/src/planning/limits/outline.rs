//! What the guard sees of a document of the planner's parser.

use graphql_tools::static_graphql::query::{
    Definition, Directive, Document, OperationDefinition, Selection, SelectionSet, Value,
};
use stockgraph_guard::{Field, Fragment, Operation, Outline, Selection as Outlined, Values};

use crate::planning::operation::{selections, variable_definitions};

pub(super) fn of(document: &Document) -> Outline<'_> {
    let mut outline = Outline::default();
    for definition in &document.definitions {
        match definition {
            Definition::Operation(it) => outline.operations.push(operation(it)),
            Definition::Fragment(fragment) => outline.fragments.push(Fragment {
                name: &fragment.name,
                line: fragment.position.line,
                column: fragment.position.column,
                directives: fragment.directives.len(),
                values: given(&fragment.directives),
                selections: set(&fragment.selection_set),
            }),
        }
    }
    outline
}

fn operation(operation: &OperationDefinition) -> Operation<'_> {
    let directives: &[Directive] = match operation {
        OperationDefinition::SelectionSet(_) => &[],
        OperationDefinition::Query(it) => &it.directives,
        OperationDefinition::Mutation(it) => &it.directives,
        OperationDefinition::Subscription(it) => &it.directives,
    };
    let variables = variable_definitions(operation);
    let defaults = variables.iter().filter_map(|it| it.default_value.as_ref());
    Operation {
        variables: variables.len(),
        directives: directives.len(),
        values: defaults.map(measured).fold(given(directives), Values::and),
        selections: set(selections(operation)),
    }
}

fn set(set: &SelectionSet) -> Vec<Outlined<'_>> {
    set.items.iter().map(selection).collect()
}

fn selection(selection: &Selection) -> Outlined<'_> {
    match selection {
        Selection::Field(field) => {
            let arguments = field.arguments.iter().map(|(_, value)| measured(value));
            Outlined::Field(Field {
                name: &field.name,
                alias: field.alias.as_deref(),
                directives: field.directives.len(),
                values: arguments.fold(given(&field.directives), Values::and),
                selections: set(&field.selection_set),
            })
        }
        Selection::InlineFragment(fragment) => Outlined::Inline {
            directives: fragment.directives.len(),
            values: given(&fragment.directives),
            selections: set(&fragment.selection_set),
        },
        Selection::FragmentSpread(spread) => Outlined::Spread {
            name: &spread.fragment_name,
            directives: spread.directives.len(),
            values: given(&spread.directives),
        },
    }
}

fn given(directives: &[Directive]) -> Values {
    let arguments = directives.iter().flat_map(|it| &it.arguments);
    arguments
        .map(|(_, value)| measured(value))
        .fold(Values::default(), Values::and)
}

fn measured(value: &Value) -> Values {
    match value {
        Value::String(text) | Value::Enum(text) => Values::string(text.len()),
        Value::List(items) => Values::list(items.iter().map(measured)),
        Value::Object(fields) => Values::object(fields.iter().map(|(_, value)| measured(value))),
        Value::Variable(_) | Value::Int(_) | Value::Float(_) | Value::Boolean(_) | Value::Null => {
            Values::scalar()
        }
    }
}
