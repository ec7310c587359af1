//! What a supergraph says of who has what: each type in each subgraph, with its keys and fields.

use graphql_tools::static_graphql::query::{
    InlineFragment, Selection, SelectionSet, TypeCondition,
};
use indexmap::IndexMap;
use rustc_hash::{FxHashMap, FxHashSet};

use super::wanted::Arguments;
use crate::planning::TypeRef;

/// A subgraph's place in the list of subgraphs.
pub type GraphIndex = usize;

/// Who has what.
pub(crate) struct Model {
    /// The subgraphs' names.
    pub(super) graphs: Vec<String>,
    pub(super) types: FxHashMap<String, Type>,
    /// The types at the roots of queries, mutations and subscriptions.
    pub(super) roots: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Object,
    Interface,
    Union,
}

/// A composite type of the supergraph.
pub(super) struct Type {
    pub kind: Kind,
    pub fields: FxHashMap<String, TypeRef>,
    /// The arguments that its fields take in all subgraphs that have them.
    pub arguments: FxHashMap<String, Vec<String>>,
    pub implements: FxHashSet<String>,
    pub parts: IndexMap<GraphIndex, Part>,
    /// Where objects of the type are known, and as what: as the type itself, or as an interface object.
    pub guises: Vec<(GraphIndex, String)>,
}

/// What one subgraph has of a type.
#[derive(Default)]
pub struct Part {
    pub keys: Vec<Key>,
    pub is_interface_object: bool,
    pub fields: FxHashMap<String, Field>,
    /// The interfaces that it implements there.
    pub implements: FxHashSet<String>,
    /// The members that the union has there.
    pub members: Vec<String>,
    /// The objects that it may be there, each with the type by which the subgraph knows it.
    objects: Vec<(String, String)>,
}

#[derive(PartialEq)]
pub struct Key {
    pub fields: SelectionSet,
    pub is_resolvable: bool,
}

/// A field as a subgraph has it.
#[derive(PartialEq)]
pub struct Field {
    /// Its type there.
    pub ty: TypeRef,
    /// Whether the subgraph answers for it only where it provides it.
    pub is_external: bool,
    /// Whether another subgraph answers for it instead.
    pub is_lost: bool,
    pub requires: Option<SelectionSet>,
    pub provides: Option<SelectionSet>,
}

impl Part {
    /// The types by which the subgraph knows the objects that it may be there.
    pub fn guises(&self) -> impl Iterator<Item = &str> {
        self.objects.iter().map(|(_, guise)| guise.as_str())
    }
}

/// A place in a subgraph: one of its types, and what the way there provides of it.
#[derive(Clone)]
pub struct Place<'a> {
    pub graph: GraphIndex,
    /// The object's type as the subgraph knows it: its own, or that of an interface object.
    pub type_name: &'a str,
    pub provided: Vec<&'a SelectionSet>,
}

impl Model {
    /// Notes what follows from all types together.
    pub(super) fn index(&mut self) {
        let mut objects = Vec::new();
        let mut guises = Vec::new();
        for (name, ty) in &self.types {
            for graph in ty.parts.keys() {
                objects.push((name.clone(), *graph, self.objects_of(*graph, name)));
            }
            if ty.kind != Kind::Union {
                guises.push((name.clone(), self.guises_of(name, ty)));
            }
        }
        for (name, graph, objects) in objects {
            if let Some(part) = self.part_mut(graph, &name) {
                part.objects = objects;
            }
        }
        for (name, guises) in guises {
            if let Some(ty) = self.types.get_mut(&name) {
                ty.guises = guises;
            }
        }
    }

    fn objects_of(&self, graph: GraphIndex, name: &str) -> Vec<(String, String)> {
        let (Some(ty), Some(part)) = (self.types.get(name), self.part(graph, name)) else {
            return Vec::new();
        };
        if part.is_interface_object {
            let all = self.types.iter();
            let implementing =
                all.filter(|(_, it)| it.kind == Kind::Object && it.implements.contains(name));
            let mut objects: Vec<_> = implementing
                .map(|(object, _)| (object.clone(), name.to_owned()))
                .collect();
            if objects.is_empty() {
                // Nobody tells what it is, so it stands for itself.
                objects.push((name.to_owned(), name.to_owned()));
            }
            objects.sort_unstable();
            return objects;
        }
        match ty.kind {
            Kind::Object => vec![(name.to_owned(), name.to_owned())],
            Kind::Interface => {
                let mut implementing: Vec<&String> = self
                    .types
                    .iter()
                    .filter(|(_, it)| {
                        it.parts.get(&graph).is_some_and(|part| {
                            part.implements.contains(name)
                                && (it.kind == Kind::Object || part.is_interface_object)
                        })
                    })
                    .map(|(name, _)| name)
                    .collect();
                implementing.sort_unstable();
                let objects = implementing.into_iter();
                objects.flat_map(|it| self.objects_of(graph, it)).collect()
            }
            Kind::Union => {
                let members = part.members.iter();
                members.flat_map(|it| self.objects_of(graph, it)).collect()
            }
        }
    }

    fn guises_of(&self, name: &str, ty: &Type) -> Vec<(GraphIndex, String)> {
        let own = ty.parts.keys().map(|graph| (*graph, name.to_owned()));
        let mut interfaces: Vec<&String> = ty.implements.iter().collect();
        interfaces.sort_unstable();
        let known_as = interfaces.into_iter().flat_map(|interface| {
            let parts = self
                .types
                .get(interface)
                .into_iter()
                .flat_map(|it| &it.parts);
            parts
                .filter(|(_, part)| part.is_interface_object)
                .map(|(graph, _)| (*graph, interface.clone()))
        });
        let mut guises: Vec<_> = own.chain(known_as).collect();
        // In the order of the subgraphs, whatever the order in the text.
        guises.sort_by_key(|(graph, _)| *graph);
        guises
    }

    fn part_mut(&mut self, graph: GraphIndex, name: &str) -> Option<&mut Part> {
        self.types.get_mut(name)?.parts.get_mut(&graph)
    }

    /// The subgraphs' names.
    pub fn graphs(&self) -> impl Iterator<Item = &str> {
        self.graphs.iter().map(String::as_str)
    }

    pub fn graph_name(&self, graph: GraphIndex) -> &str {
        &self.graphs[graph]
    }

    /// What a subgraph has of a type.
    pub fn part(&self, graph: GraphIndex, name: &str) -> Option<&Part> {
        self.types.get(name)?.parts.get(&graph)
    }

    /// Whether a subgraph has the type as an interface.
    pub fn is_interface(&self, graph: GraphIndex, name: &str) -> bool {
        let ty = self.types.get(name);
        ty.is_some_and(|it| it.kind == Kind::Interface)
            && self
                .part(graph, name)
                .is_some_and(|it| !it.is_interface_object)
    }

    /// Whether the supergraph has the type as an interface or union.
    pub fn is_abstract(&self, name: &str) -> bool {
        self.types
            .get(name)
            .is_some_and(|it| it.kind != Kind::Object)
    }

    /// Whether the type is an object, interface or union.
    pub fn is_composite(&self, name: &str) -> bool {
        self.types.contains_key(name)
    }

    /// Whether a field takes these arguments, whichever subgraph has it.
    pub fn takes(&self, type_name: &str, field: &str, arguments: &Arguments) -> bool {
        let ty = self.types.get(type_name);
        let taken = ty.and_then(|ty| ty.arguments.get(field));
        arguments
            .iter()
            .all(|(argument, _)| taken.is_some_and(|it| it.contains(argument)))
    }

    /// The type of an object's field in the supergraph.
    pub fn field_type(&self, object: &str, field: &str) -> Option<&TypeRef> {
        self.types.get(object)?.fields.get(field)
    }

    /// Where an object can be known, and as what.
    pub fn guises(&self, object: &str) -> &[(GraphIndex, String)] {
        self.types.get(object).map_or(&[], |ty| &ty.guises)
    }

    /// Whether an object is what a type condition asks for.
    pub fn fits(&self, object: &str, condition: &str) -> bool {
        object == condition
            || self
                .types
                .get(object)
                .is_some_and(|ty| ty.implements.contains(condition))
            || self.types.get(condition).is_some_and(|ty| {
                let mut members = ty.parts.values().flat_map(|part| &part.members);
                ty.kind == Kind::Union && members.any(|member| member == object)
            })
    }

    /// Whether what a fragment selects is selected of an object.
    pub fn enters(&self, object: &str, fragment: &InlineFragment) -> bool {
        match &fragment.type_condition {
            Some(TypeCondition::On(condition)) => self.fits(object, condition),
            None => true,
        }
    }

    /// The field at a place, if its subgraph answers for it there. What it requires is not looked at.
    pub fn resolver(&self, at: &Place<'_>, object: &str, name: &str) -> Option<&Field> {
        let field = self.part(at.graph, at.type_name)?.fields.get(name)?;
        if field.is_external {
            self.provided_below(&at.provided, object, name)?;
        } else if field.is_lost {
            return None;
        }
        Some(field)
    }

    /// What is provided below a field; `None` if the field itself is not.
    fn provided_below<'a>(
        &self,
        sets: &[&'a SelectionSet],
        object: &str,
        name: &str,
    ) -> Option<Vec<&'a SelectionSet>> {
        let mut found: Option<Vec<&SelectionSet>> = None;
        for item in sets.iter().flat_map(|set| &set.items) {
            match item {
                Selection::Field(field) if field.name == name => {
                    found.get_or_insert_default().push(&field.selection_set);
                }
                Selection::InlineFragment(fragment) => {
                    let below = [&fragment.selection_set];
                    if self.enters(object, fragment)
                        && let Some(below) = self.provided_below(&below, object, name)
                    {
                        found.get_or_insert_default().extend(below);
                    }
                }
                Selection::Field(_) | Selection::FragmentSpread(_) => {}
            }
        }
        found
    }

    /// Where the field of a place leads, with the object that may be there.
    pub fn follow<'a>(
        &'a self,
        at: &Place<'a>,
        object: &str,
        name: &str,
        field: &'a Field,
    ) -> impl Iterator<Item = (&'a str, Place<'a>)> + use<'a> {
        let outer = self.provided_below(&at.provided, object, name);
        let mut provided: Vec<&SelectionSet> = outer.unwrap_or_default();
        provided.extend(&field.provides);
        let graph = at.graph;
        let part = self.part(graph, field.ty.inner_name());
        let objects = part.into_iter().flat_map(|part| &part.objects);
        objects.map(move |(object, type_name)| {
            let place = Place {
                graph,
                type_name,
                provided: provided.clone(),
            };
            (object.as_str(), place)
        })
    }
}
