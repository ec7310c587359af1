//! Where a query may stand: in which subgraphs, at which of their types.

use std::collections::{BTreeMap, BTreeSet};

use super::selection::Selection;
use crate::composition::{
    model::{Field, GraphIndex, Kind, Subgraph, TypeDef},
    overrides::Overrides,
    supergraph::MergedGraph,
};

/// A place in a subgraph.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Position {
    pub graph: GraphIndex,
    /// The object's type as the subgraph knows it: its own, or that of an interface object.
    pub type_name: String,
    /// What the way to this place provides of it.
    pub provided: Selection,
}

pub(super) type Positions = BTreeSet<Position>;

/// What the search looks at.
#[derive(Clone, Copy)]
pub(super) struct Graphs<'a> {
    pub merged: &'a MergedGraph,
    pub subgraphs: &'a [Subgraph],
    pub overrides: &'a Overrides,
}

impl<'a> Graphs<'a> {
    pub fn ty(&self, graph: GraphIndex, type_name: &str) -> Option<&'a TypeDef> {
        self.subgraphs[graph].types.get(type_name)
    }

    pub fn name(&self, graph: GraphIndex) -> &'a str {
        &self.subgraphs[graph].name
    }

    /// Whether an object of the type is what the condition asks for.
    pub fn fits(&self, object: &str, condition: &str) -> bool {
        let types = &self.merged.types;
        object == condition
            || types
                .get(object)
                .is_some_and(|ty| ty.implements.contains(condition))
            || types
                .get(condition)
                .is_some_and(|ty| ty.members.contains(object))
    }

    /// The field at a place, if its subgraph answers for it there. What it requires is not looked at.
    pub fn resolver(&self, at: &Position, object: &str, field: &str) -> Option<&'a Field> {
        let found = self.ty(at.graph, &at.type_name)?.fields.get(field)?;
        if found.external {
            at.provided.below(field, &|it| self.fits(object, it))?;
        } else if self
            .overrides
            .lost(at.graph, &at.type_name, field)
            .is_some()
        {
            return None;
        }
        Some(found)
    }

    /// Where the field of a place leads, by the objects that it may answer with.
    pub fn follow(
        &self,
        at: &Position,
        object: &str,
        name: &str,
        field: &Field,
        into: &mut BTreeMap<String, Positions>,
    ) {
        let mut provided = field
            .provides
            .as_deref()
            .map(Selection::read)
            .unwrap_or_default();
        let outer = at.provided.below(name, &|it| self.fits(object, it));
        provided.0.extend(outer.unwrap_or_default().0);
        let inner = field.ty.inner();
        for (object, type_name) in self.objects(at.graph, inner) {
            into.entry(object).or_default().insert(Position {
                graph: at.graph,
                type_name,
                provided: provided.clone(),
            });
        }
    }

    /// The objects that a subgraph may answer with where its field is of the type, each with the type that it knows
    /// them by.
    fn objects(&self, graph: GraphIndex, type_name: &str) -> Vec<(String, String)> {
        let subgraph = &self.subgraphs[graph];
        let Some(ty) = subgraph.types.get(type_name) else {
            return Vec::new();
        };
        match ty.kind {
            Kind::Object if ty.interface_object => self
                .implementations(type_name)
                .map(|object| (object.to_owned(), type_name.to_owned()))
                .collect(),
            Kind::Object => vec![(type_name.to_owned(), type_name.to_owned())],
            Kind::Interface => subgraph
                .implementations(type_name)
                .filter(|(_, ty)| ty.kind == Kind::Object)
                .flat_map(|(name, _)| self.objects(graph, name))
                .collect(),
            Kind::Union => ty
                .members
                .iter()
                .flat_map(|name| self.objects(graph, name))
                .collect(),
            Kind::Scalar | Kind::Enum | Kind::Input => Vec::new(),
        }
    }

    /// The objects that implement the interface anywhere.
    fn implementations(&self, interface: &'a str) -> impl Iterator<Item = &'a str> {
        let types = self.merged.types.iter();
        types
            .filter(move |(_, ty)| ty.kind == Kind::Object && ty.implements.contains(interface))
            .map(|(name, _)| name.as_str())
    }

    /// The types that the subgraph may know an object by: its own, and interface objects that stand for it.
    pub fn guises(&self, graph: GraphIndex, object: &str) -> Vec<&'a str> {
        let types = &self.subgraphs[graph].types;
        let implements = self.merged.types.get(object).map(|ty| &ty.implements);
        let own = types
            .get_key_value(object)
            .filter(|(_, ty)| ty.kind == Kind::Object);
        let objects = implements
            .into_iter()
            .flatten()
            .filter_map(|name| types.get_key_value(name))
            .filter(|(_, ty)| ty.interface_object);
        own.into_iter()
            .chain(objects)
            .map(|(name, _)| name.as_str())
            .collect()
    }
}
