//! Which fields are selected of an object, through all fragments: by a client, on its conditions, and by the field sets of
//! keys, requirements and provisions.

use graphql_tools::static_graphql::query::{
    Field, FragmentDefinition, Selection, SelectionSet, TypeCondition,
};
use rustc_hash::FxHashMap;

use super::model::Model;
use crate::planning::conditions::Decided;
use crate::planning::operation::is_left_out;

/// What it takes to look through fragments.
pub(super) struct Fragments<'a> {
    pub model: &'a Model,
    pub named: &'a FxHashMap<&'a str, &'a FragmentDefinition>,
    /// What `@skip` and `@include` leave out. Where that is open, nothing is.
    pub decided: &'a Decided,
}

/// What stands in a fragment.
struct Fragment<'a> {
    condition: Option<&'a str>,
    set: &'a SelectionSet,
}

impl<'a> Fragments<'a> {
    /// Hands out the fields that are selected of an object.
    pub fn each_field(
        &self,
        object: &str,
        sets: &[&'a SelectionSet],
        on_field: &mut impl FnMut(&'a Field),
    ) {
        let mut spread = Vec::new();
        for set in sets {
            self.fields(object, set, &mut spread, on_field);
        }
    }

    /// Named fragments are looked into once: they say the same each time.
    fn fields(
        &self,
        object: &str,
        set: &'a SelectionSet,
        spread: &mut Vec<&'a str>,
        on_field: &mut impl FnMut(&'a Field),
    ) {
        for item in &set.items {
            if let Selection::Field(field) = item {
                if !is_left_out(&field.directives, self.decided) {
                    on_field(field);
                }
                continue;
            }
            let Some(fragment) = self.fragment(item) else {
                continue;
            };
            if let Selection::FragmentSpread(named) = item {
                let name = named.fragment_name.as_str();
                if spread.contains(&name) {
                    continue;
                }
                spread.push(name);
            }
            let fits = |it| self.model.fits(object, it);
            if fragment.condition.is_none_or(fits) {
                self.fields(object, fragment.set, spread, on_field);
            }
        }
    }

    /// Whether it depends on an object's type what is selected of a field of the type `on`.
    pub fn depends_on_type(&self, on: &str, sets: &[&'a SelectionSet]) -> bool {
        let mut items = sets.iter().flat_map(|set| &set.items);
        items.any(|item| match item {
            Selection::Field(field) => {
                field.name == "__typename" && !is_left_out(&field.directives, self.decided)
            }
            _ => self.fragment(item).is_some_and(|fragment| {
                fragment.condition.is_some_and(|it| it != on)
                    || self.depends_on_type(on, &[fragment.set])
            }),
        })
    }

    /// What a fragment says; `None` if it is left out, or no fragment.
    fn fragment(&self, item: &'a Selection) -> Option<Fragment<'a>> {
        let (directives, condition, set) = match item {
            Selection::Field(_) => return None,
            Selection::InlineFragment(fragment) => {
                let condition = fragment.type_condition.as_ref();
                (&fragment.directives, condition, &fragment.selection_set)
            }
            Selection::FragmentSpread(spread) => {
                // Validation has seen to it that the fragment is there.
                let fragment = self.named.get(spread.fragment_name.as_str())?;
                let condition = Some(&fragment.type_condition);
                (&spread.directives, condition, &fragment.selection_set)
            }
        };
        (!is_left_out(directives, self.decided)).then_some(Fragment {
            condition: condition.map(|TypeCondition::On(it)| it.as_str()),
            set,
        })
    }
}
