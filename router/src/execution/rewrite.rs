//! Rewrites that a plan asks for: renamed keys, where two subgraphs' fields could not stand under
//! one key, and set values, where a subgraph knows an object by another type.

use serde_json::Value;

use super::places::fits;
use crate::error::PathSegment;
use crate::planning::Schema;
use crate::planning::plan::{Rewrite, RewriteSegment};

/// Applies all rewrites to a value.
pub(super) fn apply(schema: &Schema, rewrites: Option<&Vec<Rewrite>>, value: &mut Value) {
    for rewrite in rewrites.into_iter().flatten() {
        match rewrite {
            Rewrite::ValueSetter(setter) => {
                walk(schema, &setter.path, value, &mut |value, key| {
                    let target = match key {
                        Some(key) => value.get_mut(key),
                        None => Some(value),
                    };
                    if let Some(target) = target {
                        *target = Value::String(setter.set_value_to.clone());
                    }
                });
            }
            Rewrite::KeyRenamer(renamer) => {
                let to = &renamer.rename_key_to;
                walk(schema, &renamer.path, value, &mut |value, key| {
                    let (Some(key), Value::Object(object)) = (key, value) else {
                        return;
                    };
                    if key != to
                        && let Some(renamed) = object.shift_remove(key)
                    {
                        object.insert(to.clone(), renamed);
                    }
                });
            }
        }
    }
}

/// Renames the keys of an error's path as the data's keys are renamed. The planner's own aliases
/// are unique, so the key alone tells which it is.
pub(super) fn apply_to_path(rewrites: Option<&Vec<Rewrite>>, path: &mut [PathSegment]) {
    for rewrite in rewrites.into_iter().flatten() {
        let Rewrite::KeyRenamer(renamer) = rewrite else {
            continue;
        };
        let Some(RewriteSegment::Key(from)) = renamer.path.last() else {
            continue;
        };
        for segment in path.iter_mut() {
            if matches!(segment, PathSegment::Key(key) if key == from) {
                *segment = PathSegment::Key(renamer.rename_key_to.clone());
            }
        }
    }
}

/// The key under which a fetched key stands in the merged data.
pub(super) fn renamed<'r>(rewrites: Option<&'r Vec<Rewrite>>, key: &'r str) -> &'r str {
    let renames = rewrites
        .into_iter()
        .flatten()
        .filter_map(|rewrite| match rewrite {
            Rewrite::KeyRenamer(renamer) => Some(renamer),
            Rewrite::ValueSetter(_) => None,
        });
    let mut renames = renames
        .filter(|it| matches!(it.path.last(), Some(RewriteSegment::Key(from)) if from == key));
    renames
        .next()
        .map_or(key, |renamer| renamer.rename_key_to.as_str())
}

fn walk(
    schema: &Schema,
    path: &[RewriteSegment],
    value: &mut Value,
    on_end: &mut dyn FnMut(&mut Value, Option<&str>),
) {
    if let Value::Array(items) = value {
        for item in items {
            walk(schema, path, item, on_end);
        }
        return;
    }
    match path.split_first() {
        None => on_end(value, None),
        Some((RewriteSegment::TypenameEquals(conditions), rest)) => {
            if value.is_object() && fits(schema, value, conditions) {
                walk(schema, rest, value, on_end);
            }
        }
        Some((RewriteSegment::Key(key), [])) => on_end(value, Some(key)),
        Some((RewriteSegment::Key(key), rest)) => {
            if let Some(inner) = value.get_mut(key) {
                walk(schema, rest, inner, on_end);
            }
        }
    }
}
