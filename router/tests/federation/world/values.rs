//! Values of variables and arguments.

use graphql_tools::static_graphql::query::OperationDefinition;
use graphql_tools::static_graphql::schema::Type;
use serde_json::{Map, Value};

use super::written::constant;

/// The values of the variables, those that are not given by their defaults.
pub fn with_defaults(operation: &OperationDefinition, given: &Value) -> Map<String, Value> {
    let definitions = match operation {
        OperationDefinition::Query(it) => it.variable_definitions.as_slice(),
        OperationDefinition::Mutation(it) => it.variable_definitions.as_slice(),
        _ => &[],
    };
    let mut values = given.as_object().cloned().unwrap_or_default();
    for definition in definitions {
        if let (Some(default), false) = (
            &definition.default_value,
            values.contains_key(&definition.name),
        ) {
            values.insert(definition.name.clone(), constant(default));
        }
    }
    values
}

/// The value with the keys of its objects in order.
pub fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields
                .iter()
                .map(|(key, it)| (key.clone(), sorted(it)))
                .collect();
            fields.sort_by(|(a, _), (b, _)| a.cmp(b));
            fields.into_iter().collect()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

pub fn is_text(ty: &Type) -> bool {
    match ty {
        Type::NamedType(name) => name == "String" || name == "JSON",
        Type::ListType(_) => false,
        Type::NonNullType(inner) => is_text(inner),
    }
}
