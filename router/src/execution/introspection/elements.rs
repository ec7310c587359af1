//! What can be told of an element of the schema by itself.

use graphql_tools::static_graphql::schema::{Directive, TypeDefinition, Value as SchemaValue};
use serde_json::Value;

use crate::planning::public_schema::directive_argument;

/// The reason of a deprecation that gives none, see the specification of `@deprecated`.
const NO_REASON: &str = "No longer supported";

pub(super) fn kind(definition: &TypeDefinition) -> &'static str {
    match definition {
        TypeDefinition::Scalar(_) => "SCALAR",
        TypeDefinition::Object(_) => "OBJECT",
        TypeDefinition::Interface(_) => "INTERFACE",
        TypeDefinition::Union(_) => "UNION",
        TypeDefinition::Enum(_) => "ENUM",
        TypeDefinition::InputObject(_) => "INPUT_OBJECT",
    }
}

pub(super) fn description(definition: &TypeDefinition) -> Option<String> {
    match definition {
        TypeDefinition::Scalar(it) => it.description.clone(),
        TypeDefinition::Object(it) => it.description.clone(),
        TypeDefinition::Interface(it) => it.description.clone(),
        TypeDefinition::Union(it) => it.description.clone(),
        TypeDefinition::Enum(it) => it.description.clone(),
        TypeDefinition::InputObject(it) => it.description.clone(),
    }
}

pub(super) fn is_deprecated(directives: &[Directive]) -> bool {
    directives.iter().any(|it| it.name == "deprecated")
}

pub(super) fn deprecation(directives: &[Directive], field: &str) -> Value {
    match field {
        "isDeprecated" => is_deprecated(directives).into(),
        "deprecationReason" if is_deprecated(directives) => {
            match directive_argument(directives, "deprecated", "reason") {
                None => NO_REASON.into(),
                reason => text(reason),
            }
        }
        _ => Value::Null,
    }
}

pub(super) fn text(value: Option<&SchemaValue>) -> Value {
    match value {
        Some(SchemaValue::String(text)) => text.as_str().into(),
        _ => Value::Null,
    }
}
