//! Fields whose names begin with two underscores: there are three, and two of them stand on the query type alone
//! (<https://spec.graphql.org/draft/#sec-Schema-Introspection>). The rules of validation leave them out.

use graphql_tools::static_graphql::query::{
    Definition, Document, Field, Selection, SelectionSet, TypeCondition,
};

use super::Schema;
use super::operation::{kind, selections};
use crate::error::{GraphQLError, code};

/// Each field of such a name that is not there.
pub(super) fn check(document: &Document, schema: &Schema) -> Vec<GraphQLError> {
    let mut check = Check {
        schema,
        errors: Vec::new(),
    };
    for definition in &document.definitions {
        match definition {
            Definition::Operation(operation) => {
                let root = schema.root_type(kind(operation));
                check.set(selections(operation), root.map(|it| &**it));
            }
            Definition::Fragment(fragment) => {
                let TypeCondition::On(name) = &fragment.type_condition;
                check.set(&fragment.selection_set, Some(name));
            }
        }
    }
    check.errors
}

struct Check<'a> {
    schema: &'a Schema,
    errors: Vec<GraphQLError>,
}

impl Check<'_> {
    /// `parent` is unknown below what is not there, which is reported already.
    fn set(&mut self, set: &SelectionSet, parent: Option<&str>) {
        for selection in &set.items {
            match selection {
                Selection::Field(field) => self.field(field, parent),
                Selection::InlineFragment(fragment) => {
                    let narrowed = match &fragment.type_condition {
                        Some(TypeCondition::On(name)) => Some(name.as_str()),
                        None => parent,
                    };
                    self.set(&fragment.selection_set, narrowed);
                }
                Selection::FragmentSpread(_) => {}
            }
        }
    }

    fn field(&mut self, field: &Field, parent: Option<&str>) {
        let name = field.name.as_str();
        let is_there = match name {
            "__typename" => true,
            "__schema" | "__type" => parent.is_none_or(|it| it == &**self.schema.query_type()),
            _ => !name.starts_with("__"),
        };
        if !is_there {
            let of = parent
                .map(|it| format!(" on type \"{it}\""))
                .unwrap_or_default();
            let message = format!("Cannot query field \"{name}\"{of}.");
            let error = GraphQLError::new(code::VALIDATION_FAILED, message);
            let position = field.position;
            self.errors.push(error.at(position.line, position.column));
        }
        let schema = self.schema;
        let below = parent.and_then(|it| schema.field_type(it, name));
        let below = below.map(|it| &**it.inner_name());
        self.set(&field.selection_set, below);
    }
}
