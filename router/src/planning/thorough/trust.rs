//! Which operations the planner's crate is trusted with: those that take only keys to plan.
//!
//! Where requirements, provisions or interface objects come in, it has been seen to find no plan where there is one, and
//! to plan wrongly without saying so.

use graphql_tools::static_graphql::query::{
    Document, Field, Selection, SelectionSet, TypeCondition,
};

use super::model::Model;
use crate::planning::Schema;
use crate::planning::operation::{kind, operations, selections};

/// Whether only keys are needed to plan the document's operation.
pub(in crate::planning) fn needs_only_keys(
    model: &Model,
    schema: &Schema,
    document: &Document,
) -> bool {
    let walk = Walk { model, schema };
    operations(document).all(|operation| {
        let root = schema.root_type(kind(operation));
        root.is_none_or(|root| walk.set(selections(operation), root))
    })
}

struct Walk<'a> {
    model: &'a Model,
    schema: &'a Schema,
}

impl Walk<'_> {
    fn set(&self, set: &SelectionSet, on: &str) -> bool {
        set.items.iter().all(|item| match item {
            Selection::Field(field) => self.field(field, on),
            Selection::InlineFragment(fragment) => match &fragment.type_condition {
                Some(TypeCondition::On(condition)) => self.set(&fragment.selection_set, condition),
                None => self.set(&fragment.selection_set, on),
            },
            Selection::FragmentSpread(_) => true,
        })
    }

    fn field(&self, field: &Field, on: &str) -> bool {
        let has_more = |it: &str| self.model.takes_more_than_keys(it, &field.name);
        if has_more(on) || self.schema.possible_types(on).any(has_more) {
            return false;
        }
        let Some(ty) = self.schema.field_type(on, &field.name) else {
            return true;
        };
        let inner = ty.inner_name();
        let is_interface_object = |it: &str| self.model.has_interface_object(it);
        !is_interface_object(inner)
            && !self.schema.possible_types(inner).any(is_interface_object)
            && self.set(&field.selection_set, inner)
    }
}
