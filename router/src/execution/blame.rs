//! Puts the errors of subgraphs where a client looks for them: at the response paths of the fields
//! that they cost.

use rustc_hash::FxHashMap;
use serde_json::Value;

use super::rewrite;
use crate::error::{GraphQLError, PathSegment, code};
use crate::planning::Schema;
use crate::planning::plan::{FetchOperation, Rewrite, SelectionItem};

/// Marks an error as the subgraph's, and removes what only made sense in the subgraph's operation.
pub(super) fn attribute(mut error: GraphQLError, service: &str) -> GraphQLError {
    error.locations.clear();
    let extensions = &mut error.extensions;
    extensions.insert("service".to_owned(), service.into());
    if !extensions.get("code").is_some_and(Value::is_string) {
        extensions.insert("code".to_owned(), code::SUBGRAPH_ERROR.into());
    }
    error
}

/// The fields that a fetch was to give, to know what its failure costs.
pub(super) struct FetchedFields<'a> {
    pub schema: &'a Schema,
    pub operation: &'a FetchOperation,
    pub rewrites: Option<&'a Vec<Rewrite>>,
}

impl<'a> FetchedFields<'a> {
    /// Response keys at the operation's root.
    pub fn at_root(&self) -> Vec<&'a str> {
        let mut keys = Vec::new();
        self.collect(
            &self.operation.document.operation.selection_set.items,
            None,
            &mut keys,
        );
        keys
    }

    /// Response keys on an entity that was fetched under `alias`.
    pub fn on_entity(&self, alias: &str, typename: Option<&str>) -> Vec<&'a str> {
        let mut keys = Vec::new();
        for item in &self.operation.document.operation.selection_set.items {
            if let SelectionItem::Field(field) = item
                && field.selection_identifier() == alias
            {
                self.collect(&field.selections.items, typename, &mut keys);
            }
        }
        keys
    }

    fn collect(&self, items: &'a [SelectionItem], typename: Option<&str>, keys: &mut Vec<&'a str>) {
        for item in items {
            match item {
                SelectionItem::Field(field) => {
                    let key = rewrite::renamed(self.rewrites, field.selection_identifier());
                    if field.name != "__typename" && !keys.contains(&key) {
                        keys.push(key);
                    }
                }
                SelectionItem::InlineFragment(fragment) => {
                    let condition = fragment.type_condition.as_str();
                    self.collect_if(condition, &fragment.selections.items, typename, keys);
                }
                // No plan names fragments.
                SelectionItem::FragmentSpread(_) => {}
            }
        }
    }

    fn collect_if(
        &self,
        condition: &str,
        items: &'a [SelectionItem],
        typename: Option<&str>,
        keys: &mut Vec<&'a str>,
    ) {
        let fits = |name: &str| {
            self.schema.satisfies(name, condition) || self.schema.satisfies(condition, name)
        };
        if typename.is_none_or(fits) {
            self.collect(items, typename, keys);
        }
    }
}

/// Which entities of a fetch an error concerns.
pub(super) enum Blamed {
    /// These, by their positions in the fetch, and where on them.
    Entities(Vec<usize>, Vec<PathSegment>),
    /// All, as whole.
    All,
    /// None under this alias.
    Elsewhere,
}

/// Tells for each error which of the entities under `alias` it concerns; `entities` is `None` if
/// the subgraph gave no list.
pub(super) fn entities_of(
    errors: &[GraphQLError],
    alias: &str,
    entities: Option<&[Value]>,
) -> Vec<Blamed> {
    let mut seen: FxHashMap<&[PathSegment], usize> = FxHashMap::default();
    let mut blamed = Vec::with_capacity(errors.len());
    for error in errors {
        blamed.push(match error.path.as_slice() {
            [] if entities.is_none() => Blamed::All,
            [PathSegment::Key(key), below @ ..] if key == alias => match (below, entities) {
                ([], None) => Blamed::All,
                ([], Some(_)) => Blamed::Elsewhere,
                ([PathSegment::Index(position), below @ ..], _) => {
                    Blamed::Entities(vec![*position], below.to_vec())
                }
                (_, None) => Blamed::All,
                // Some servers leave the position out.
                (below, Some(entities)) => {
                    let candidates = lacking(entities, below);
                    let same = errors.iter().filter(|it| it.path == error.path).count();
                    let turn = seen.entry(&error.path).or_default();
                    let ours = match candidates.get(*turn) {
                        Some(&one) if same == candidates.len() => vec![one],
                        _ => candidates,
                    };
                    *turn += 1;
                    match ours.is_empty() {
                        true => Blamed::Elsewhere,
                        false => Blamed::Entities(ours, below.to_vec()),
                    }
                }
            },
            _ => Blamed::Elsewhere,
        });
    }
    blamed
}

/// The entities that an error at `below` may have cost: those that are null, else those that are
/// null there.
fn lacking(entities: &[Value], below: &[PathSegment]) -> Vec<usize> {
    let positions = |is_lacking: &dyn Fn(&Value) -> bool| -> Vec<usize> {
        let entities = entities.iter().enumerate();
        entities
            .filter(|(_, entity)| is_lacking(entity))
            .map(|(position, _)| position)
            .collect()
    };
    let null = positions(&Value::is_null);
    if !null.is_empty() {
        return null;
    }
    positions(&|entity| {
        let mut value = entity;
        for segment in below {
            let inner = match segment {
                PathSegment::Key(key) => value.get(key),
                PathSegment::Index(index) => value.get(index),
            };
            match inner {
                Some(inner) => value = inner,
                None => return value.is_null(),
            }
        }
        value.is_null()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn blamed(paths: &[Value], entities: Option<Value>) -> Vec<String> {
        let errors: Vec<GraphQLError> = paths
            .iter()
            .map(|it| GraphQLError::from_foreign(json!({"path": it})))
            .collect();
        let entities = entities
            .as_ref()
            .and_then(Value::as_array)
            .map(Vec::as_slice);
        let tell = |blamed: Blamed| match blamed {
            Blamed::Entities(positions, below) => format!("{positions:?} {}", below.len()),
            Blamed::All => "all".to_owned(),
            Blamed::Elsewhere => "elsewhere".to_owned(),
        };
        entities_of(&errors, "e", entities)
            .into_iter()
            .map(tell)
            .collect()
    }

    #[test]
    fn a_position_in_the_path_is_believed() {
        let paths = [
            json!(["e", 1, "x"]),
            json!(["f", 1]),
            json!(["e"]),
            json!([]),
        ];
        assert_eq!(
            blamed(&paths, Some(json!([{}, {}]))),
            ["[1] 1", "elsewhere", "elsewhere", "elsewhere"]
        );
        assert_eq!(blamed(&paths, None), ["[1] 1", "elsewhere", "all", "all"]);
    }

    #[test]
    fn without_a_position_the_entities_that_lack_the_value_are_meant() {
        let paths = [json!(["e", "x"])];
        assert_eq!(
            blamed(&paths, Some(json!([{"x": 1}, {"x": null}]))),
            ["[1] 1"]
        );
        assert_eq!(blamed(&paths, Some(json!([{"x": null}, null]))), ["[1] 1"]);
        assert_eq!(
            blamed(&paths, Some(json!([null, {"x": 1}, null]))),
            ["[0, 2] 1"]
        );
        assert_eq!(blamed(&paths, Some(json!([{"x": 1}]))), ["elsewhere"]);
        let twice = [json!(["e", "x"]), json!(["e", "x"])];
        assert_eq!(
            blamed(&twice, Some(json!([null, {"x": 1}, null]))),
            ["[0] 1", "[2] 1"]
        );
        assert_eq!(blamed(&paths, None), ["all"]);
    }
}
