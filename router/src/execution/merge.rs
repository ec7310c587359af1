//! Merges what subgraphs answer into one tree.

use serde_json::{Map, Value};

use crate::error::PathSegment;
use crate::planning::Schema;

/// Two answers that cannot be of one thing, for instance because subgraphs resolve a shared field differently.
#[derive(Debug, PartialEq)]
pub(super) struct Disagreement {
    /// Where they are, from the place where they were merged.
    pub path: Vec<PathSegment>,
    /// What they say.
    pub message: String,
}

/// Merges `source` into `target`. Objects are merged key by key and lists item by item; null never overwrites a value, for
/// another subgraph may have given it. Nor does the name of an interface overwrite that of an object: who knows the
/// interface as an object cannot tell which it is.
///
/// Objects of different types and lists of different lengths are not merged: `target` stays, and what differs is told.
pub(super) fn merge(schema: &Schema, target: &mut Value, source: Value) -> Vec<Disagreement> {
    let mut found = Vec::new();
    merge_into(schema, target, source, &mut found);
    for disagreement in &mut found {
        disagreement.path.reverse();
    }
    found
}

/// As [`merge`], with the paths of what differs written backwards.
fn merge_into(schema: &Schema, target: &mut Value, source: Value, found: &mut Vec<Disagreement>) {
    match (target, source) {
        (_, Value::Null) => {}
        (Value::Object(target), Value::Object(source)) => {
            if let Some((known, other)) = different_types(schema, target, &source) {
                // Clients may not know that there are such types.
                let message = match schema.has_fields(known) && schema.has_fields(other) {
                    true => format!("one subgraph says that this is a {known}, another a {other}"),
                    false => "subgraphs say that this is of different types".to_owned(),
                };
                found.push(disagreement(message));
                return;
            }
            for (key, value) in source {
                match target.get_mut(&key) {
                    Some(known) if key == "__typename" => {
                        if !is_less_telling(schema, &value, known) {
                            *known = value;
                        }
                    }
                    Some(known) => {
                        let before = found.len();
                        merge_into(schema, known, value, found);
                        lead_to(&mut found[before..], || key.as_str().into());
                    }
                    None => {
                        target.insert(key, value);
                    }
                }
            }
        }
        (Value::Array(target), Value::Array(source)) if target.len() == source.len() => {
            for (index, (target, source)) in target.iter_mut().zip(source).enumerate() {
                let before = found.len();
                merge_into(schema, target, source, found);
                lead_to(&mut found[before..], || index.into());
            }
        }
        (Value::Array(target), Value::Array(source)) => {
            let (known, other) = (target.len(), source.len());
            let message = format!("one subgraph gives a list of {known} here, another of {other}");
            found.push(disagreement(message));
        }
        (target, source) => *target = source,
    }
}

fn disagreement(message: String) -> Disagreement {
    Disagreement {
        path: Vec::new(),
        message,
    }
}

fn lead_to(found: &mut [Disagreement], segment: impl Fn() -> PathSegment) {
    for disagreement in found {
        disagreement.path.push(segment());
    }
}

/// The names of the objects' types, if they are known and no object is both.
fn different_types<'v>(
    schema: &Schema,
    target: &'v Map<String, Value>,
    source: &'v Map<String, Value>,
) -> Option<(&'v str, &'v str)> {
    let known = target.get("__typename")?.as_str()?;
    let other = source.get("__typename")?.as_str()?;
    let is_object = |name: &str| schema.possible_types(name).next().is_none();
    (known != other && is_object(known) && is_object(other)).then_some((known, other))
}

/// Whether the name is that of an interface of which the known name is an implementation.
fn is_less_telling(schema: &Schema, name: &Value, known: &Value) -> bool {
    match (name.as_str(), known.as_str()) {
        (Some(name), Some(known)) => name != known && schema.satisfies(known, name),
        (None, Some(_)) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planning::{CostOptions, Planner, PlannerOptions};
    use serde_json::json;
    use std::sync::Arc;
    use std::time::Duration;

    const SUPERGRAPH: &str = r#"
        schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.5") { query: Query }
        enum join__Graph { A @join__graph(name: "a", url: "") }
        type Query @join__type(graph: A) { media: Media }
        interface Media @join__type(graph: A) { id: ID }
        type Film @join__type(graph: A) { id: ID }
        type Draft @join__type(graph: A) @inaccessible { id: ID }
        type Book implements Media @join__type(graph: A) @join__implements(graph: A, interface: "Media") { id: ID }
    "#;

    fn schema() -> Arc<Schema> {
        let options = PlannerOptions {
            limits: stockgraph_guard::Limits::default(),
            cost: CostOptions::default(),
            timeout: Duration::from_secs(5),
            introspection: true,
        };
        let planner = Planner::new(SUPERGRAPH, options).unwrap();
        Arc::clone(planner.schema())
    }

    #[test]
    fn null_overwrites_nothing_but_is_kept_where_nothing_was() {
        let mut target = json!({"a": 1, "b": null, "c": [{"x": 1}, null]});
        let source = json!({"a": null, "b": {"y": 2}, "c": [{"y": null}, {"z": 3}], "d": null});
        assert_eq!(merge(&schema(), &mut target, source), []);
        assert_eq!(
            target,
            json!({"a": 1, "b": {"y": 2}, "c": [{"x": 1, "y": null}, {"z": 3}], "d": null})
        );
    }

    #[test]
    fn an_object_that_is_known_stays_known_when_another_subgraph_sees_the_interface() {
        let schema = schema();
        let mut target = json!({"__typename": "Media"});
        for (seen, known) in [("Book", "Book"), ("Media", "Book")] {
            assert_eq!(merge(&schema, &mut target, json!({"__typename": seen})), []);
            assert_eq!(target, json!({"__typename": known}));
        }
    }

    #[test]
    fn what_cannot_be_one_thing_is_told_and_stays_as_it_was() {
        let known =
            json!({"a": [{"__typename": "Book", "x": 1}, {"__typename": "Book"}], "b": [1]});
        let mut target = known.clone();
        let source =
            json!({"a": [{"__typename": "Film", "y": 2}, {"__typename": "Media"}], "b": []});
        let found = merge(&schema(), &mut target, source);
        assert_eq!(target, known);
        let told: Vec<_> = found
            .iter()
            .map(|it| (json!(it.path), it.message.as_str()))
            .collect();
        let types = "one subgraph says that this is a Book, another a Film";
        let lengths = "one subgraph gives a list of 1 here, another of 0";
        assert_eq!(told, [(json!(["a", 0]), types), (json!(["b"]), lengths)]);
        let source = json!({"a": [{"__typename": "Draft"}, null]});
        let hidden = merge(&schema(), &mut target, source);
        assert_eq!(
            hidden[0].message,
            "subgraphs say that this is of different types"
        );
    }
}
