//! Representations: what a subgraph is told of the entities that it shall complete.

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use super::merge::merge;
use super::places::typename;
use super::rewrite;
use crate::planning::Schema;
use crate::planning::plan::{Rewrite, SelectionItem};

/// The representations of one fetch, each only once, whatever the number of places it belongs to.
#[derive(Default)]
pub(super) struct Representations {
    list: Vec<Value>,
    known: FxHashMap<String, usize>,
}

impl Representations {
    /// Adds an entity and gives the position of its representation; `None` if there is nothing to
    /// represent it by.
    pub fn add(
        &mut self,
        schema: &Schema,
        requires: &[SelectionItem],
        rewrites: Option<&Vec<Rewrite>>,
        entity: &Value,
    ) -> Option<usize> {
        let representation = match rewrites {
            Some(rewrites) if !rewrites.is_empty() && entity.is_object() => {
                let mut rewritten = entity.clone();
                rewrite::apply(schema, Some(rewrites), &mut rewritten);
                represent(schema, requires, &rewritten)?
            }
            _ if entity.is_object() => represent(schema, requires, entity)?,
            _ => return None,
        };
        // Nobody could tell what it represents. What would have told its type was left out on a condition, and so is
        // what would be asked for.
        representation.get("__typename")?;
        let next = self.list.len();
        let position = *self.known.entry(representation.to_string()).or_insert(next);
        if position == next {
            self.list.push(representation);
        }
        Some(position)
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn into_value(self) -> Value {
        Value::Array(self.list)
    }
}

/// Whether a field that `requires` names is not there at all, as when the fetch for it failed.
pub(super) fn lacks_a_field(schema: &Schema, requires: &[SelectionItem], entity: &Value) -> bool {
    requires.iter().any(|item| match item {
        SelectionItem::Field(field) => entity.get(&field.name).is_none(),
        SelectionItem::InlineFragment(fragment) => {
            let condition = fragment.type_condition.as_str();
            applies(schema, typename(entity), condition)
                && lacks_a_field(schema, &fragment.selections.items, entity)
        }
        SelectionItem::FragmentSpread(_) => false,
    })
}

/// A type condition of `requires` may name an interface where the object is known by its own type,
/// and the other way round where a subgraph knows the interface as an object.
fn applies(schema: &Schema, typename: Option<&str>, condition: &str) -> bool {
    typename
        .is_none_or(|name| schema.satisfies(name, condition) || schema.satisfies(condition, name))
}

/// What `items` select of a value; `None` if nothing but perhaps `__typename` is there.
fn represent(schema: &Schema, items: &[SelectionItem], value: &Value) -> Option<Value> {
    match value {
        Value::Array(values) => {
            let item = |value| represent(schema, items, value).unwrap_or_default();
            Some(values.iter().map(item).collect())
        }
        Value::Object(object) if !items.is_empty() => {
            let mut out = Map::new();
            fill(schema, items, object, &mut out);
            if out.is_empty() && !asks_only_for_typename(items) {
                return None;
            }
            if let Some(name) = object.get("__typename").filter(|name| !name.is_null()) {
                out.insert("__typename".to_owned(), name.clone());
            }
            (!out.is_empty()).then_some(Value::Object(out))
        }
        value => Some(value.clone()),
    }
}

fn asks_only_for_typename(items: &[SelectionItem]) -> bool {
    matches!(items, [SelectionItem::Field(field)] if field.name == "__typename")
}

fn fill(
    schema: &Schema,
    items: &[SelectionItem],
    object: &Map<String, Value>,
    out: &mut Map<String, Value>,
) {
    for item in items {
        match item {
            SelectionItem::Field(field) => {
                let key = field.selection_identifier();
                if key == "__typename" {
                    continue;
                }
                let Some(value) = object.get(&field.name) else {
                    continue;
                };
                if value.is_null() {
                    out.insert(key.to_owned(), Value::Null);
                } else if let Some(value) = represent(schema, &field.selections.items, value) {
                    match out.get_mut(key) {
                        // Both are parts of one thing that was merged before.
                        Some(known) => drop(merge(schema, known, value)),
                        None => {
                            out.insert(key.to_owned(), value);
                        }
                    }
                }
            }
            SelectionItem::InlineFragment(fragment) => {
                let name = object.get("__typename").and_then(Value::as_str);
                if applies(schema, name, &fragment.type_condition) {
                    fill(schema, &fragment.selections.items, object, out);
                }
            }
            SelectionItem::FragmentSpread(_) => {}
        }
    }
}
