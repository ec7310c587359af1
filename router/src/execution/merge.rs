//! Merges what subgraphs answer into one tree.

use serde_json::Value;

/// Merges `source` into `target`. Objects are merged key by key and lists of the same length item
/// by item; null never overwrites a value, for another subgraph may have given it.
pub(super) fn merge(target: &mut Value, source: Value) {
    match (target, source) {
        (_, Value::Null) => {}
        (Value::Object(target), Value::Object(source)) => {
            for (key, value) in source {
                match target.get_mut(&key) {
                    Some(known) => merge(known, value),
                    None => {
                        target.insert(key, value);
                    }
                }
            }
        }
        (Value::Array(target), Value::Array(source)) if target.len() == source.len() => {
            for (target, source) in target.iter_mut().zip(source) {
                merge(target, source);
            }
        }
        (target, source) => *target = source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn null_overwrites_nothing_but_is_kept_where_nothing_was() {
        let mut target = json!({"a": 1, "b": null, "c": [{"x": 1}, null]});
        merge(
            &mut target,
            json!({"a": null, "b": {"y": 2}, "c": [{"y": null}, {"z": 3}], "d": null}),
        );
        assert_eq!(
            target,
            json!({"a": 1, "b": {"y": 2}, "c": [{"x": 1, "y": null}, {"z": 3}], "d": null})
        );
    }
}
