//! The `fields` of `@key`, `@requires` and `@provides`: a selection such as `id organisation { id }`.

use std::collections::{HashMap, HashSet};

use async_graphql_parser::{
    Positioned, parse_query,
    types::{DocumentOperations, Selection, SelectionSet},
};

use super::model::{Kind, Subgraph, is_builtin_scalar};

/// Field names by type name.
#[derive(Debug, Default)]
pub(super) struct FieldNames(HashMap<String, HashSet<String>>);

impl FieldNames {
    pub fn insert(&mut self, type_name: &str, field: &str) {
        self.0
            .entry(type_name.to_owned())
            .or_default()
            .insert(field.to_owned());
    }

    pub fn contains(&self, type_name: &str, field: &str) -> bool {
        self.0
            .get(type_name)
            .is_some_and(|fields| fields.contains(field))
    }
}

/// A field that a field set names.
#[derive(Debug)]
pub(super) struct SelectedField {
    pub parent: String,
    pub name: String,
    /// Nothing is selected below it.
    pub leaf: bool,
    /// It, or a field above it in the set, is `@external`.
    pub external: bool,
    pub has_directives: bool,
}

/// Resolves the set on the type within the subgraph, depth first; or tells in a sentence why it cannot.
pub(super) fn resolve(
    subgraph: &Subgraph,
    type_name: &str,
    fields: &str,
) -> Result<Vec<SelectedField>, String> {
    let document = parse_query(format!("{{{fields}}}"))
        .map_err(|_| format!("`{fields}` is not a field set."))?;
    let DocumentOperations::Single(operation) = document.operations else {
        return Err(format!("`{fields}` is not a field set."));
    };
    let mut resolver = Resolver {
        subgraph,
        selected: Vec::new(),
    };
    resolver.selection_set(type_name, &operation.node.selection_set, false)?;
    Ok(resolver.selected)
}

struct Resolver<'a> {
    subgraph: &'a Subgraph,
    selected: Vec<SelectedField>,
}

impl Resolver<'_> {
    fn selection_set(
        &mut self,
        parent: &str,
        set: &Positioned<SelectionSet>,
        external: bool,
    ) -> Result<(), String> {
        for selection in &set.node.items {
            match &selection.node {
                Selection::Field(field) if field.node.name.node == "__typename" => {}
                Selection::Field(field) => self.field(parent, &field.node, external)?,
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let on = condition.map_or(parent, |condition| condition.node.on.node.as_str());
                    if !self
                        .subgraph
                        .types
                        .get(on)
                        .is_some_and(|ty| ty.kind.is_composite())
                    {
                        return Err(format!("`{on}` is no type with fields in this subgraph."));
                    }
                    self.selection_set(on, &fragment.node.selection_set, external)?;
                }
                Selection::FragmentSpread(spread) => {
                    return Err(format!(
                        "A field set has no named fragments such as `{}`.",
                        spread.node.fragment_name
                    ));
                }
            }
        }
        Ok(())
    }

    fn field(
        &mut self,
        parent: &str,
        field: &async_graphql_parser::types::Field,
        external: bool,
    ) -> Result<(), String> {
        let name = field.name.node.as_str();
        if let Some(alias) = &field.alias {
            return Err(format!(
                "A field set has no aliases such as `{}`.",
                alias.node
            ));
        }
        let Some(definition) = self.subgraph.field(parent, name) else {
            return Err(format!("This subgraph has no field `{parent}.{name}`."));
        };
        let inner = definition.ty.inner();
        let leaf = field.selection_set.node.items.is_empty();
        let composite =
            !is_builtin_scalar(inner)
                && self.subgraph.types.get(inner).is_some_and(|ty| {
                    matches!(ty.kind, Kind::Object | Kind::Interface | Kind::Union)
                });
        if composite && leaf {
            return Err(format!(
                "`{parent}.{name}` is of type `{}` and needs a selection.",
                definition.ty
            ));
        }
        if !composite && !leaf {
            return Err(format!(
                "`{parent}.{name}` is of type `{}`, which has no fields.",
                definition.ty
            ));
        }
        let external = external || definition.external;
        self.selected.push(SelectedField {
            parent: parent.to_owned(),
            name: name.to_owned(),
            leaf,
            external,
            has_directives: !field.directives.is_empty(),
        });
        self.selection_set(inner, &field.selection_set, external)
    }
}
