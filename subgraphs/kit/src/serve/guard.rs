//! How large a request may be, checked before async-graphql sees it: its own checks walk each spread of a fragment anew, so that a
//! document of a thousand bytes can hold them for a minute.

use async_graphql::{
    ErrorExtensionValues, Positioned, Request, ServerError,
    parser::types::{Directive, ExecutableDocument, OperationDefinition, Selection, SelectionSet},
};
use async_graphql_value::{ConstValue, Value};
use stockgraph_guard::{
    Exceeded, Field, Fragment, Limit, Limits, Operation, Outline, Selection as Outlined, Values,
    Violation, check, check_text,
};

/// What a request of whoever it is may have.
pub(super) fn limits() -> Limits {
    Limits::default()
}

/// What a router's request may have: its documents are made by a planner, which expands what clients write, and the
/// representations of its entities are one long list. The largest body bounds them.
pub(super) fn limits_of_routers() -> Limits {
    Limits {
        document_bytes: 1 << 20,
        tokens: 100_000,
        depth: 60,
        aliases: 20_000,
        root_fields: 5_000,
        directives: 20_000,
        fields: 50_000,
        fragments: 5_000,
        comparisons: 1_000_000,
        variables: 10_000,
        list_items: usize::MAX,
        input_values: usize::MAX,
        input_depth: 60,
        string_bytes: usize::MAX,
    }
}

/// Refuses a request that is too large, or whose text is no GraphQL.
///
/// # Errors
///
/// What is wrong, with a code.
pub(super) fn check_request(request: &mut Request, limits: &Limits) -> Result<(), ServerError> {
    check_text(&request.query, limits).map_err(|it| exceeded(&it))?;
    let document = request.parsed_query().map_err(|error| {
        let mut coded = coded("GRAPHQL_PARSE_FAILED", error.message);
        coded.locations = error.locations;
        coded
    })?;
    check(&outline(document), limits).map_err(|violation| match &violation {
        Violation::Exceeded(it) => exceeded(it),
        Violation::Circle { .. } => coded("GRAPHQL_VALIDATION_FAILED", violation.to_string()),
    })?;
    let variables = &request.variables;
    let given = || {
        Limit::Variables.allow(variables.len(), limits.variables)?;
        let all = variables.values().map(measured_constant);
        all.fold(Values::default(), Values::and).check(limits)
    };
    given().map_err(|it| exceeded(&it))
}

fn coded(code: &str, message: String) -> ServerError {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code);
    let mut error = ServerError::new(message, None);
    error.extensions = Some(extensions);
    error
}

fn exceeded(exceeded: &Exceeded) -> ServerError {
    let mut error = coded(exceeded.limit.code(), exceeded.to_string());
    if let Some(extensions) = &mut error.extensions {
        extensions.set("limit", exceeded.limit.name());
        extensions.set("maximum", exceeded.maximum);
        if let Some(actual) = exceeded.actual {
            extensions.set("actual", actual);
        }
    }
    error
}

fn outline(document: &ExecutableDocument) -> Outline<'_> {
    let operations = document.operations.iter();
    let fragments = document.fragments.iter();
    Outline {
        operations: operations.map(|(_, it)| operation(&it.node)).collect(),
        fragments: fragments
            .map(|(name, fragment)| Fragment {
                name,
                line: fragment.pos.line,
                column: fragment.pos.column,
                directives: fragment.node.directives.len(),
                values: given(&fragment.node.directives),
                selections: set(&fragment.node.selection_set.node),
            })
            .collect(),
    }
}

fn operation(operation: &OperationDefinition) -> Operation<'_> {
    let variables = &operation.variable_definitions;
    let on_variables = variables.iter().map(|it| it.node.directives.len());
    let defaults = variables
        .iter()
        .filter_map(|it| it.node.default_value.as_ref());
    Operation {
        variables: variables.len(),
        directives: operation.directives.len() + on_variables.sum::<usize>(),
        values: defaults
            .map(|it| measured_constant(&it.node))
            .fold(given(&operation.directives), Values::and),
        selections: set(&operation.selection_set.node),
    }
}

fn set(set: &SelectionSet) -> Vec<Outlined<'_>> {
    set.items.iter().map(|it| selection(&it.node)).collect()
}

fn selection(selection: &Selection) -> Outlined<'_> {
    match selection {
        Selection::Field(field) => {
            let field = &field.node;
            let arguments = field.arguments.iter().map(|(_, it)| measured(&it.node));
            Outlined::Field(Field {
                name: &field.name.node,
                alias: field.alias.as_ref().map(|it| it.node.as_str()),
                directives: field.directives.len(),
                values: arguments.fold(given(&field.directives), Values::and),
                selections: set(&field.selection_set.node),
            })
        }
        Selection::InlineFragment(fragment) => Outlined::Inline {
            directives: fragment.node.directives.len(),
            values: given(&fragment.node.directives),
            selections: set(&fragment.node.selection_set.node),
        },
        Selection::FragmentSpread(spread) => Outlined::Spread {
            name: &spread.node.fragment_name.node,
            directives: spread.node.directives.len(),
            values: given(&spread.node.directives),
        },
    }
}

fn given(directives: &[Positioned<Directive>]) -> Values {
    let arguments = directives.iter().flat_map(|it| &it.node.arguments);
    arguments
        .map(|(_, value)| measured(&value.node))
        .fold(Values::default(), Values::and)
}

fn measured(value: &Value) -> Values {
    match value {
        Value::Variable(_) | Value::Null | Value::Number(_) | Value::Boolean(_) => Values::scalar(),
        Value::String(text) => Values::string(text.len()),
        Value::Enum(name) => Values::string(name.len()),
        Value::Binary(bytes) => Values::string(bytes.len()),
        Value::List(items) => Values::list(items.iter().map(measured)),
        Value::Object(fields) => Values::object(fields.values().map(measured)),
    }
}

fn measured_constant(value: &ConstValue) -> Values {
    match value {
        ConstValue::Null | ConstValue::Number(_) | ConstValue::Boolean(_) => Values::scalar(),
        ConstValue::String(text) => Values::string(text.len()),
        ConstValue::Enum(name) => Values::string(name.len()),
        ConstValue::Binary(bytes) => Values::string(bytes.len()),
        ConstValue::List(items) => Values::list(items.iter().map(measured_constant)),
        ConstValue::Object(fields) => Values::object(fields.values().map(measured_constant)),
    }
}
