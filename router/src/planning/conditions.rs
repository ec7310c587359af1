//! The variables on which parts of an operation depend by `@skip` and `@include`.
//!
//! Their values are known when a request comes, so that a plan can be made for just these: nothing is fetched in vain,
//! and the planner has no conditions to reckon with, at which it is not good when they stand inside each other.

use graphql_tools::static_graphql::query::{
    Definition, Directive, Document, Selection, SelectionSet, Value, VariableDefinition,
};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};

use super::operation::{select, selections, variable_definitions};

/// Values of variables that are known before planning.
pub type Decided = BTreeMap<String, bool>;

/// A variable that decides what is fetched, and its default value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionVariable {
    name: String,
    default: Option<bool>,
}

impl ConditionVariable {
    /// The variable's name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// What the variables of a request decide. Those that have no value, or a wrong one, decide nothing.
pub fn decide(conditions: &[ConditionVariable], variables: &Map<String, Json>) -> Decided {
    let decided = conditions.iter().filter_map(|condition| {
        let value = match variables.get(&condition.name) {
            Some(given) => given.as_bool()?,
            None => condition.default?,
        };
        Some((condition.name.clone(), value))
    });
    decided.collect()
}

/// The variables that decide what an operation of the document fetches.
pub(super) fn find(document: &Document, name: Option<&str>) -> Vec<ConditionVariable> {
    let Ok(operation) = select(document, name) else {
        return Vec::new();
    };
    let mut names = BTreeSet::new();
    collect(selections(operation), &mut names);
    for definition in &document.definitions {
        if let Definition::Fragment(fragment) = definition {
            collect(&fragment.selection_set, &mut names);
        }
    }
    let declared = variable_definitions(operation).iter();
    let deciding: Vec<&VariableDefinition> = declared
        .filter(|it| names.contains(it.name.as_str()))
        .collect();
    let read = |definition: &&VariableDefinition| ConditionVariable {
        name: definition.name.clone(),
        default: match definition.default_value {
            Some(Value::Boolean(default)) => Some(default),
            _ => None,
        },
    };
    deciding.iter().map(read).collect()
}

fn collect<'d>(set: &'d SelectionSet, names: &mut BTreeSet<&'d str>) {
    for selection in &set.items {
        let (directives, below): (&[Directive], _) = match selection {
            Selection::Field(field) => (&field.directives, Some(&field.selection_set)),
            Selection::InlineFragment(it) => (&it.directives, Some(&it.selection_set)),
            Selection::FragmentSpread(spread) => (&spread.directives, None),
        };
        for directive in directives {
            if matches!(directive.name.as_str(), "skip" | "include") {
                let variables = directive.arguments.iter().filter_map(|(_, it)| match it {
                    Value::Variable(name) => Some(name.as_str()),
                    _ => None,
                });
                names.extend(variables);
            }
        }
        if let Some(below) = below {
            collect(below, names);
        }
    }
}
