//! Puts the errors of subgraphs where a client looks for them: at the response paths of the fields
//! that they cost.

use serde_json::{Map, Value};

use super::rewrite;
use crate::error::{GraphQLError, PathSegment, code};
use crate::planning::Schema;
use crate::planning::plan::{FetchOperation, FragmentDefinition, Rewrite, SelectionItem};

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
    pub variables: &'a Map<String, Value>,
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
                    if field.name != "__typename"
                        && !keys.contains(&key)
                        && self.is_on(field.skip_if.as_deref(), field.include_if.as_deref())
                    {
                        keys.push(key);
                    }
                }
                SelectionItem::InlineFragment(fragment) => {
                    if self.is_on(fragment.skip_if.as_deref(), fragment.include_if.as_deref()) {
                        let condition = fragment.type_condition.as_str();
                        self.collect_if(condition, &fragment.selections.items, typename, keys);
                    }
                }
                SelectionItem::FragmentSpread(name) => {
                    if let Some(fragment) = self.fragment(name) {
                        let condition = fragment.type_condition.as_str();
                        self.collect_if(condition, &fragment.selection_set.items, typename, keys);
                    }
                }
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

    fn fragment(&self, name: &str) -> Option<&'a FragmentDefinition> {
        self.operation
            .document
            .fragments
            .iter()
            .find(|fragment| fragment.name == name)
    }

    fn is_on(&self, skip: Option<&str>, include: Option<&str>) -> bool {
        let holds = |name| self.variables.get(name).and_then(Value::as_bool) == Some(true);
        !skip.is_some_and(holds) && include.is_none_or(holds)
    }
}

/// Splits the path of an error of an entity fetch: which entity, and where on it. `None` if it
/// names no entity.
pub(super) fn entity_of<'e>(
    path: &'e [PathSegment],
    alias: &str,
) -> Option<(usize, &'e [PathSegment])> {
    match path {
        [PathSegment::Key(key), PathSegment::Index(index), rest @ ..] if key == alias => {
            Some((*index, rest))
        }
        _ => None,
    }
}
