//! Reads the arguments of a directive.

use async_graphql_parser::types::ConstDirective;
use async_graphql_value::ConstValue;

use crate::composition::model::{ListSize, Requirement};

pub(super) fn argument<'a>(directive: &'a ConstDirective, name: &str) -> Option<&'a ConstValue> {
    directive.get_argument(name).map(|value| &value.node)
}

pub(super) fn string(directive: &ConstDirective, name: &str) -> Option<String> {
    match argument(directive, name) {
        Some(ConstValue::String(text)) => Some(text.clone()),
        _ => None,
    }
}

/// A field set on one line. Federation 1 also took a list of strings.
pub(super) fn field_set(directive: &ConstDirective) -> Option<String> {
    let text = match argument(directive, "fields")? {
        ConstValue::String(text) => text.clone(),
        ConstValue::List(_) => strings(argument(directive, "fields"))?.join(" "),
        _ => return None,
    };
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A list of strings, or one string for a list of one.
fn strings(value: Option<&ConstValue>) -> Option<Vec<String>> {
    match value? {
        ConstValue::String(text) => Some(vec![text.clone()]),
        ConstValue::List(list) => list
            .iter()
            .map(|value| match value {
                ConstValue::String(text) => Some(text.clone()),
                _ => None,
            })
            .collect(),
        _ => None,
    }
}

/// `[["a", "b"], ["c"]]`: a and b, or c.
pub(super) fn requirement(directive: &ConstDirective, name: &str) -> Option<Requirement> {
    match argument(directive, name)? {
        ConstValue::List(list) => list.iter().map(|all| strings(Some(all))).collect(),
        _ => None,
    }
}

/// A number that cannot be negative.
pub(super) fn natural(directive: &ConstDirective, name: &str) -> Option<u64> {
    match argument(directive, name)? {
        ConstValue::Number(number) => number.as_u64(),
        _ => None,
    }
}

pub(super) fn list_size(directive: &ConstDirective) -> ListSize {
    let set = |name| {
        strings(argument(directive, name))
            .unwrap_or_default()
            .into_iter()
            .collect()
    };
    ListSize {
        assumed_size: natural(directive, "assumedSize"),
        slicing_arguments: set("slicingArguments"),
        sized_fields: set("sizedFields"),
        require_one_slicing_argument: match argument(directive, "requireOneSlicingArgument") {
            Some(ConstValue::Boolean(value)) => Some(*value),
            _ => None,
        },
    }
}
