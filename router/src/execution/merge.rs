//! Merges what subgraphs answer into one tree.

use serde_json::Value;

use crate::planning::Schema;

/// Merges `source` into `target`. Objects are merged key by key and lists of the same length item
/// by item; null never overwrites a value, for another subgraph may have given it. Nor does the
/// name of an interface overwrite that of an object: who knows the interface as an object cannot
/// tell which it is.
pub(super) fn merge(schema: &Schema, target: &mut Value, source: Value) {
    match (target, source) {
        (_, Value::Null) => {}
        (Value::Object(target), Value::Object(source)) => {
            for (key, value) in source {
                match target.get_mut(&key) {
                    Some(known) if key == "__typename" => {
                        if !is_less_telling(schema, &value, known) {
                            *known = value;
                        }
                    }
                    Some(known) => merge(schema, known, value),
                    None => {
                        target.insert(key, value);
                    }
                }
            }
        }
        (Value::Array(target), Value::Array(source)) if target.len() == source.len() => {
            for (target, source) in target.iter_mut().zip(source) {
                merge(schema, target, source);
            }
        }
        (target, source) => *target = source,
    }
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
    use crate::planning::{CostOptions, PlannedBy, Planner, PlannerOptions};
    use serde_json::json;
    use std::sync::Arc;
    use std::time::Duration;

    const SUPERGRAPH: &str = r#"
        schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.5") { query: Query }
        enum join__Graph { A @join__graph(name: "a", url: "") }
        type Query @join__type(graph: A) { media: Media }
        interface Media @join__type(graph: A) { id: ID }
        type Book implements Media @join__type(graph: A) @join__implements(graph: A, interface: "Media") { id: ID }
    "#;

    fn schema() -> Arc<Schema> {
        let options = PlannerOptions {
            limits: stockgraph_guard::Limits::default(),
            cost: CostOptions::default(),
            timeout: Duration::from_secs(5),
            introspection: true,
            by: PlannedBy::default(),
        };
        let planner = Planner::new(SUPERGRAPH, options).unwrap();
        Arc::clone(planner.schema())
    }

    #[test]
    fn null_overwrites_nothing_but_is_kept_where_nothing_was() {
        let mut target = json!({"a": 1, "b": null, "c": [{"x": 1}, null]});
        merge(
            &schema(),
            &mut target,
            json!({"a": null, "b": {"y": 2}, "c": [{"y": null}, {"z": 3}], "d": null}),
        );
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
            merge(&schema, &mut target, json!({"__typename": seen}));
            assert_eq!(target, json!({"__typename": known}));
        }
    }
}
