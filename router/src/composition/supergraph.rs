//! The merged graph, before it is written as SDL.

use std::collections::{HashMap, HashSet};

use async_graphql_value::ConstValue;
use indexmap::IndexSet;

use super::model::{ComposedDirective, GraphIndex, Kind, Map, Metadata, Subgraph, TypeRef};

/// All types by name, sorted.
#[derive(Debug, Default)]
pub(super) struct MergedGraph {
    pub types: Map<MergedType>,
    pub composed: Vec<ComposedDirective>,
    /// Definitions of directives for operations, as SDL.
    pub executable: Vec<String>,
}

#[derive(Debug)]
pub(super) struct MergedType {
    pub kind: Kind,
    pub joins: Vec<TypeJoin>,
    pub implements: IndexSet<String>,
    /// Which subgraph says that the type implements which interface.
    pub implement_joins: Vec<(GraphIndex, String)>,
    pub fields: Map<MergedField>,
    pub members: IndexSet<String>,
    /// Which subgraph has which member in the union.
    pub member_joins: Vec<(GraphIndex, String)>,
    pub values: Map<MergedValue>,
    pub metadata: Metadata,
}

impl MergedType {
    /// The subgraphs that have the type.
    pub fn subgraphs<'a>(&'a self, subgraphs: &'a [Subgraph]) -> impl Iterator<Item = &'a str> {
        self.joins
            .iter()
            .map(|join| subgraphs[join.graph].name.as_str())
    }
}

/// `@join__type`: one per subgraph and key.
#[derive(Debug)]
pub(super) struct TypeJoin {
    pub graph: GraphIndex,
    pub key: Option<String>,
    pub extension: bool,
    pub resolvable: bool,
    pub interface_object: bool,
}

#[derive(Clone, Debug)]
pub(super) struct MergedField {
    pub ty: TypeRef,
    pub arguments: Map<MergedArgument>,
    pub default: Option<ConstValue>,
    /// Empty when every subgraph with the type has the field just so.
    pub joins: Vec<FieldJoin>,
    pub metadata: Metadata,
}

#[derive(Clone, Debug)]
pub(super) struct MergedArgument {
    pub ty: TypeRef,
    pub default: Option<ConstValue>,
    pub metadata: Metadata,
}

/// `@join__field`.
#[derive(Clone, Debug, Default)]
pub(super) struct FieldJoin {
    /// `None` for a field that comes to an object by its interface's interface objects alone.
    pub graph: Option<GraphIndex>,
    pub requires: Option<String>,
    pub provides: Option<String>,
    /// The type in this subgraph, when it is not the merged one.
    pub ty: Option<TypeRef>,
    pub external: bool,
    pub override_from: Option<String>,
    pub override_label: Option<String>,
    pub used_overridden: bool,
}

#[derive(Debug)]
pub(super) struct MergedValue {
    pub graphs: Vec<GraphIndex>,
    pub metadata: Metadata,
}

/// Which types stand for which, by any subgraph: objects for their interfaces and unions.
#[derive(Debug, Default)]
pub(super) struct Subtypes(HashMap<String, HashSet<String>>);

impl Subtypes {
    pub fn collect(subgraphs: &[Subgraph]) -> Self {
        let mut this = Self::default();
        for (name, ty) in subgraphs.iter().flat_map(|subgraph| &subgraph.types) {
            for interface in &ty.implements {
                this.0
                    .entry(interface.clone())
                    .or_default()
                    .insert(name.clone());
            }
            if !ty.members.is_empty() {
                this.0
                    .entry(name.clone())
                    .or_default()
                    .extend(ty.members.iter().cloned());
            }
        }
        this
    }

    /// Whether the named type is the other or stands for it.
    pub fn covers(&self, wide: &str, narrow: &str) -> bool {
        wide == narrow || self.0.get(wide).is_some_and(|types| types.contains(narrow))
    }

    /// Whether a value of the narrow type is always one of the wide type.
    pub fn accepts(&self, wide: &TypeRef, narrow: &TypeRef) -> bool {
        match (wide, narrow) {
            (TypeRef::NonNull(wide), TypeRef::NonNull(narrow)) => self.accepts(wide, narrow),
            (TypeRef::NonNull(_), _) => false,
            (wide, TypeRef::NonNull(narrow)) => self.accepts(wide, narrow),
            (TypeRef::List(wide), TypeRef::List(narrow)) => self.accepts(wide, narrow),
            (TypeRef::Named(wide), TypeRef::Named(narrow)) => self.covers(wide, narrow),
            (TypeRef::List(_), TypeRef::Named(_)) | (TypeRef::Named(_), TypeRef::List(_)) => false,
        }
    }

    /// The narrowest type that covers both: what a field may answer when either may.
    pub fn widest(&self, a: &TypeRef, b: &TypeRef) -> Option<TypeRef> {
        match (a, b) {
            (TypeRef::NonNull(a), TypeRef::NonNull(b)) => {
                Some(TypeRef::NonNull(Box::new(self.widest(a, b)?)))
            }
            (TypeRef::NonNull(strict), lax) | (lax, TypeRef::NonNull(strict)) => {
                self.widest(strict, lax)
            }
            (TypeRef::List(a), TypeRef::List(b)) => {
                Some(TypeRef::List(Box::new(self.widest(a, b)?)))
            }
            (TypeRef::Named(x), TypeRef::Named(y)) if self.covers(x, y) => Some(a.clone()),
            (TypeRef::Named(x), TypeRef::Named(y)) if self.covers(y, x) => Some(b.clone()),
            _ => None,
        }
    }
}

/// The widest type that fits both: what may be given when both must take it.
pub(super) fn strictest(a: &TypeRef, b: &TypeRef) -> Option<TypeRef> {
    match (a, b) {
        (TypeRef::NonNull(a), TypeRef::NonNull(b)) => {
            Some(TypeRef::NonNull(Box::new(strictest(a, b)?)))
        }
        (TypeRef::NonNull(strict), lax) | (lax, TypeRef::NonNull(strict)) => {
            Some(TypeRef::NonNull(Box::new(strictest(strict, lax)?)))
        }
        (TypeRef::List(a), TypeRef::List(b)) => Some(TypeRef::List(Box::new(strictest(a, b)?))),
        (TypeRef::Named(x), TypeRef::Named(y)) if x == y => Some(a.clone()),
        _ => None,
    }
}
