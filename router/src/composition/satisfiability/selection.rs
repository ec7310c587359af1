//! Field sets as trees.

use async_graphql_parser::{
    Positioned, parse_query,
    types::{DocumentOperations, Selection as Ast, SelectionSet},
};

/// What a field set names on one level.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Selection(pub Vec<Selected>);

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Selected {
    Field { name: String, below: Selection },
    On { type_name: String, below: Selection },
}

impl Selection {
    /// Reads a field set that was found valid before.
    pub fn read(fields: &str) -> Self {
        let Ok(document) = parse_query(format!("{{{fields}}}")) else {
            return Self::default();
        };
        match document.operations {
            DocumentOperations::Single(operation) => Self::of(&operation.node.selection_set),
            DocumentOperations::Multiple(_) => Self::default(),
        }
    }

    fn of(set: &Positioned<SelectionSet>) -> Self {
        let selected = set.node.items.iter().filter_map(|item| match &item.node {
            Ast::Field(field) => Some(Selected::Field {
                name: field.node.name.node.to_string(),
                below: Self::of(&field.node.selection_set),
            }),
            Ast::InlineFragment(fragment) => {
                let below = Self::of(&fragment.node.selection_set);
                Some(match &fragment.node.type_condition {
                    Some(condition) => Selected::On {
                        type_name: condition.node.on.node.to_string(),
                        below,
                    },
                    None => return None,
                })
            }
            Ast::FragmentSpread(_) => None,
        });
        Self(selected.collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is selected below the field on an object that fits the conditions; `None` if the field is not.
    pub fn below(&self, field: &str, fits: &dyn Fn(&str) -> bool) -> Option<Selection> {
        let mut found: Option<Selection> = None;
        for selected in &self.0 {
            let below = match selected {
                Selected::Field { name, below } if name == field => Some(below.clone()),
                Selected::On { type_name, below } if fits(type_name) => below.below(field, fits),
                _ => None,
            };
            if let Some(below) = below {
                found.get_or_insert_default().0.extend(below.0);
            }
        }
        found
    }
}
