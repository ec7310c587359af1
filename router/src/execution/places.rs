//! Places in the merged data that a plan's flatten path points at.

use serde_json::Value;
use std::collections::BTreeSet;

use crate::error::PathSegment;
use crate::planning::Schema;
use crate::planning::plan::FlattenSegment;

/// One step towards a place, borrowed from the plan so that walking allocates nothing.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'p> {
    Key(&'p str),
    Index(usize),
}

/// The response path of a place.
pub(super) fn owned(steps: &[Step<'_>]) -> Vec<PathSegment> {
    let own = |step: &Step<'_>| match *step {
        Step::Key(key) => PathSegment::from(key),
        Step::Index(index) => PathSegment::from(index),
    };
    steps.iter().map(own).collect()
}

/// `__typename` of an object.
pub(super) fn typename(value: &Value) -> Option<&str> {
    value.get("__typename").and_then(Value::as_str)
}

/// Whether the value fits one of the type conditions. A value that does not tell its type does.
pub(super) fn fits(schema: &Schema, value: &Value, conditions: &BTreeSet<String>) -> bool {
    typename(value).is_none_or(|name| conditions.iter().any(|c| schema.satisfies(name, c)))
}

/// Visits every place that `path` points at, in document order. Lists are entered even where the
/// path does not say so.
pub(super) fn visit<'v, 'p>(
    schema: &Schema,
    value: &'v Value,
    path: &'p [FlattenSegment],
    steps: &mut Vec<Step<'p>>,
    on_place: &mut impl FnMut(&'v Value, &[Step<'p>]),
) {
    if let Value::Array(items) = value {
        let path = match path.split_first() {
            Some((FlattenSegment::List, rest)) => rest,
            _ => path,
        };
        for (index, item) in items.iter().enumerate() {
            steps.push(Step::Index(index));
            visit(schema, item, path, steps, on_place);
            steps.pop();
        }
        return;
    }
    match path.split_first() {
        None => on_place(value, steps),
        Some((FlattenSegment::Field(key), rest)) => {
            if let Some(inner) = value.get(key) {
                steps.push(Step::Key(key));
                visit(schema, inner, rest, steps, on_place);
                steps.pop();
            }
        }
        Some((FlattenSegment::TypeCondition(conditions), rest)) => {
            if value.is_object() && fits(schema, value, conditions) {
                visit(schema, value, rest, steps, on_place);
            }
        }
        Some((FlattenSegment::List, _)) => {}
    }
}

/// As [`visit`], and in the same order, with each place to be changed.
pub(super) fn visit_mut<'p>(
    schema: &Schema,
    value: &mut Value,
    path: &'p [FlattenSegment],
    steps: &mut Vec<Step<'p>>,
    on_place: &mut impl FnMut(&mut Value, &[Step<'p>]),
) {
    if let Value::Array(items) = value {
        let path = match path.split_first() {
            Some((FlattenSegment::List, rest)) => rest,
            _ => path,
        };
        for (index, item) in items.iter_mut().enumerate() {
            steps.push(Step::Index(index));
            visit_mut(schema, item, path, steps, on_place);
            steps.pop();
        }
        return;
    }
    match path.split_first() {
        None => on_place(value, steps),
        Some((FlattenSegment::Field(key), rest)) => {
            if let Some(inner) = value.get_mut(key) {
                steps.push(Step::Key(key));
                visit_mut(schema, inner, rest, steps, on_place);
                steps.pop();
            }
        }
        Some((FlattenSegment::TypeCondition(conditions), rest)) => {
            if value.is_object() && fits(schema, value, conditions) {
                visit_mut(schema, value, rest, steps, on_place);
            }
        }
        Some((FlattenSegment::List, _)) => {}
    }
}
