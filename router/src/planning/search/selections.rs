//! Writes what a fetch selects.

use hive_router_query_planner::ast::selection_set::{
    FieldSelection, InlineFragmentSelection, SelectionSet,
};
use hive_router_query_planner::planner::plan_nodes::KeyRenamer;

use super::draft::{Node, NodeId, Pairs, Selected};
use super::model::GraphIndex;
use super::render::Writer;
use crate::planning::TypeRef;
use crate::planning::plan::{Rewrite, RewriteSegment, SelectionItem};

/// Begins the keys of fields that could not stand under the client's key beside another's.
const RENAMED: &str = "_renamed_";

/// The most fields that a plan selects. Objects inside objects may multiply.
pub(super) const MOST_SELECTIONS: usize = 20_000;

/// Fields that are selected for some of the objects at one place, under one condition.
struct Group<'d, 'a> {
    /// The type that the selections narrow to; none if they are of all objects.
    condition: Option<&'d str>,
    /// The objects, by their types as the subgraph knows them.
    guises: Vec<&'d str>,
    fields: Vec<(&'d String, &'d Selected<'a>)>,
}

impl<'d, 'a> Writer<'d, 'a> {
    /// What a fetch from a subgraph selects, and how its answer is rewritten.
    pub fn selections(
        &self,
        graph: GraphIndex,
        node: NodeId,
    ) -> (SelectionSet, Option<Vec<Rewrite>>) {
        let mut rewrites = Vec::new();
        let set = self.node(graph, node, &[], &mut rewrites);
        (set, (!rewrites.is_empty()).then_some(rewrites))
    }

    fn node(
        &self,
        graph: GraphIndex,
        id: NodeId,
        way: &[RewriteSegment],
        rewrites: &mut Vec<Rewrite>,
    ) -> SelectionSet {
        let node = &self.draft.nodes[id];
        let mut items = Vec::new();
        if self.written.get() > MOST_SELECTIONS {
            return SelectionSet { items };
        }
        if self.tells_type(node, way.is_empty()) {
            items.push(typename());
        }
        let groups = self.groups(graph, node);
        for (position, group) in groups.iter().enumerate() {
            let guises = group.guises.iter().map(|it| (*it).to_owned()).collect();
            let way = match group.condition {
                None => way.to_vec(),
                Some(_) => [way, &[RewriteSegment::TypenameEquals(guises)]].concat(),
            };
            let mut selected = Vec::with_capacity(group.fields.len());
            for (key, field) in &group.fields {
                let mut earlier = groups[..position].iter().flat_map(|it| &it.fields);
                let clashes = earlier.any(|(known, it)| {
                    known == key && !self.have_same_shape(it, field, &mut Pairs::default())
                });
                let renamed = clashes.then(|| format!("{RENAMED}{}", rewrites.len()));
                let fetched = renamed.as_ref().unwrap_or(key);
                let way = [way.as_slice(), &[RewriteSegment::Key(fetched.clone())]].concat();
                // Takes its place before those inside, so that names stay unique; they are renamed first.
                let place = rewrites.len();
                if renamed.is_some() {
                    rewrites.push(Rewrite::KeyRenamer(KeyRenamer {
                        path: way.clone(),
                        rename_key_to: (*key).clone(),
                    }));
                }
                let below = field
                    .below
                    .map(|below| self.node(graph, below, &way, rewrites));
                if renamed.is_some() {
                    let own = rewrites.remove(place);
                    rewrites.push(own);
                }
                self.written.update(|it| it + 1);
                selected.push(SelectionItem::Field(FieldSelection {
                    name: field.name.to_owned(),
                    selections: below.unwrap_or_default(),
                    alias: (fetched != field.name).then(|| fetched.clone()),
                    arguments: (!field.arguments.is_empty())
                        .then(|| field.arguments.clone().into()),
                    ..FieldSelection::default()
                }));
            }
            match group.condition {
                None => items.extend(selected),
                Some(condition) => items.push(narrowed(condition, selected)),
            }
        }
        SelectionSet { items }
    }

    /// What is selected by type. Where all objects of an interface have the same field selected, the interface's is
    /// selected instead: objects in objects would multiply otherwise.
    fn groups(&self, graph: GraphIndex, node: &'d Node<'a>) -> Vec<Group<'d, 'a>> {
        let mut groups: Vec<Group<'d, 'a>> = Vec::new();
        for (guise, fields) in &node.guises {
            let interfaces = self.interfaces(graph, node, guise);
            let mut rest = Vec::with_capacity(fields.len());
            for (key, field) in fields {
                let has_it = |it: &Group<'_, '_>| {
                    it.guises.contains(guise) && it.fields.iter().any(|(known, _)| *known == key)
                };
                if groups.iter().any(has_it) {
                    continue;
                }
                let mut interfaces = interfaces.iter();
                let of_all = interfaces.find(|it| self.is_of_all(graph, node, it, key, field));
                let Some((interface, guises)) = of_all else {
                    rest.push((key, field));
                    continue;
                };
                // It need not be named where it is what the subgraph says it answers with.
                let condition = (*interface != node.declared).then_some(*interface);
                match groups.iter_mut().find(|it| it.condition == condition) {
                    Some(known) => known.fields.push((key, field)),
                    None => groups.push(Group {
                        condition,
                        guises: guises.clone(),
                        fields: vec![(key, field)],
                    }),
                }
            }
            if !rest.is_empty() {
                groups.push(Group {
                    condition: (*guise != node.declared).then_some(guise),
                    guises: vec![guise],
                    fields: rest,
                });
            }
        }
        groups.sort_by_key(|it| it.condition.is_some());
        groups
    }

    /// The interfaces of an object, each with its objects that may be at the place, if there are others.
    fn interfaces(
        &self,
        graph: GraphIndex,
        node: &'d Node<'a>,
        guise: &str,
    ) -> Vec<(&'d str, Vec<&'d str>)> {
        let model = self.model;
        let parts = (model.part(graph, node.declared), model.part(graph, guise));
        let (Some(declared), Some(own)) = parts else {
            return Vec::new();
        };
        let own = own.implements.iter().map(String::as_str);
        let mut interfaces: Vec<&'d str> = own.collect();
        interfaces.sort_unstable_by_key(|it| (*it != node.declared, *it));
        let with_objects = interfaces.into_iter().map(|interface| {
            let implements = |it: &&str| {
                let part = model.part(graph, it);
                part.is_some_and(|it| it.implements.contains(interface))
            };
            (interface, declared.guises().filter(implements).collect())
        });
        with_objects
            .filter(|(_, guises): &(_, Vec<_>)| guises.len() > 1)
            .collect()
    }

    /// Whether an interface has a field, and all its objects at a place have it selected as this one has.
    fn is_of_all(
        &self,
        graph: GraphIndex,
        node: &Node<'_>,
        (interface, guises): &(&str, Vec<&str>),
        key: &str,
        field: &Selected<'_>,
    ) -> bool {
        let model = self.model;
        let part = model.part(graph, interface);
        let Some(own) = part.and_then(|it| it.fields.get(field.name)) else {
            return false;
        };
        // Of the same type as well: what stands beside it under the same key was compared with the objects' own.
        let is_alike = |it: &Selected<'_>| match it.below {
            Some(_) => are_wrapped_alike(it.ty, &own.ty),
            None => *it.ty == own.ty,
        };
        model.is_interface(graph, interface)
            && model.takes(interface, field.name, &field.arguments)
            && guises.iter().all(|guise| {
                let selected = node.guises.get(guise).and_then(|it| it.get(key));
                selected.is_some_and(|it| it.is_this(field) && is_alike(it))
            })
    }

    /// Whether the answer must tell the objects' types, and be it for want of anything else to select.
    fn tells_type(&self, node: &Node<'_>, is_whole_fetch: bool) -> bool {
        if self.model.roots.iter().any(|root| root == node.declared) {
            return node.guises.is_empty() && !is_whole_fetch;
        }
        node.tells_type || self.model.is_abstract(node.declared) || node.guises.is_empty()
    }

    /// Whether two fields of objects that exclude each other may stand under one key
    /// (<https://spec.graphql.org/draft/#SameResponseShape()>).
    fn have_same_shape(&self, a: &Selected<'_>, b: &Selected<'_>, seen: &mut Pairs) -> bool {
        match (a.below, b.below) {
            (None, None) => a.ty == b.ty,
            (Some(below_a), Some(below_b)) => {
                are_wrapped_alike(a.ty, b.ty) && self.have_same(below_a, below_b, seen)
            }
            _ => false,
        }
    }

    /// Whether the fields of two nodes may stand beside each other.
    pub fn have_same_fields(&self, a: NodeId, b: NodeId) -> bool {
        self.have_same(a, b, &mut Pairs::default())
    }

    fn have_same(&self, a: NodeId, b: NodeId, seen: &mut Pairs) -> bool {
        if a == b || !seen.insert((a, b)) {
            return true;
        }
        let fields = |it: NodeId| self.draft.nodes[it].guises.values().flatten();
        fields(a).all(|(key, a)| {
            let mut same = fields(b).filter(|(other, _)| *other == key);
            same.all(|(_, b)| self.have_same_shape(a, b, seen))
        })
    }
}

fn are_wrapped_alike(a: &TypeRef, b: &TypeRef) -> bool {
    match (a, b) {
        (TypeRef::Named(_), TypeRef::Named(_)) => true,
        (TypeRef::List(a), TypeRef::List(b)) | (TypeRef::NonNull(a), TypeRef::NonNull(b)) => {
            are_wrapped_alike(a, b)
        }
        _ => false,
    }
}

pub(super) fn typename() -> SelectionItem {
    SelectionItem::Field(FieldSelection {
        name: "__typename".to_owned(),
        ..FieldSelection::default()
    })
}

pub(super) fn narrowed(type_name: &str, items: Vec<SelectionItem>) -> SelectionItem {
    SelectionItem::InlineFragment(InlineFragmentSelection {
        type_condition: type_name.to_owned(),
        selections: SelectionSet { items },
        skip_if: None,
        include_if: None,
    })
}
