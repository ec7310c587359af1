//! Writes what a fetch selects.

use hive_router_query_planner::ast::selection_set::{
    FieldSelection, InlineFragmentSelection, SelectionSet,
};
use hive_router_query_planner::planner::plan_nodes::KeyRenamer;

use super::draft::{Node, NodeId, Selected};
use super::render::Writer;
use crate::planning::TypeRef;
use crate::planning::plan::{Rewrite, RewriteSegment, SelectionItem};

/// Begins the keys of fields that could not stand under the client's key beside another's.
const RENAMED: &str = "_renamed_";

impl Writer<'_, '_> {
    /// What a fetch selects, and how its answer is rewritten.
    pub fn selections(&self, node: NodeId) -> (SelectionSet, Option<Vec<Rewrite>>) {
        let mut rewrites = Vec::new();
        let set = self.node(node, &[], &mut rewrites);
        (set, (!rewrites.is_empty()).then_some(rewrites))
    }

    fn node(
        &self,
        id: NodeId,
        way: &[RewriteSegment],
        rewrites: &mut Vec<Rewrite>,
    ) -> SelectionSet {
        let node = &self.draft.nodes[id];
        let mut items = Vec::new();
        if self.tells_type(node) {
            items.push(typename());
        }
        for (position, (guise, fields)) in node.guises.iter().enumerate() {
            let own = [RewriteSegment::TypenameEquals([(*guise).to_owned()].into())];
            let way = match *guise == node.declared {
                true => way.to_vec(),
                false => [way, &own].concat(),
            };
            let mut selected = Vec::with_capacity(fields.len());
            for (key, field) in fields {
                let mut earlier = node.guises.values().take(position);
                let clashes = earlier.any(|fields| {
                    let known = fields.get(key);
                    known.is_some_and(|known| !self.have_same_shape(known, field))
                });
                let renamed = clashes.then(|| format!("{RENAMED}{}", rewrites.len()));
                let fetched = renamed.as_ref().unwrap_or(key);
                let way = [way.as_slice(), &[RewriteSegment::Key(fetched.clone())]].concat();
                // Takes its place before those inside, so that names stay unique; they are renamed first.
                let place = rewrites.len();
                if renamed.is_some() {
                    rewrites.push(Rewrite::KeyRenamer(KeyRenamer {
                        path: way.clone(),
                        rename_key_to: key.clone(),
                    }));
                }
                let below = field.below.map(|below| self.node(below, &way, rewrites));
                if renamed.is_some() {
                    let own = rewrites.remove(place);
                    rewrites.push(own);
                }
                selected.push(SelectionItem::Field(FieldSelection {
                    name: field.name.to_owned(),
                    selections: below.unwrap_or_default(),
                    alias: (fetched != field.name).then(|| fetched.clone()),
                    arguments: (!field.arguments.is_empty())
                        .then(|| field.arguments.clone().into()),
                    ..FieldSelection::default()
                }));
            }
            match *guise == node.declared {
                true => items.extend(selected),
                false => items.push(narrowed(guise, selected)),
            }
        }
        SelectionSet { items }
    }

    /// Whether the answer must tell the objects' types.
    fn tells_type(&self, node: &Node<'_>) -> bool {
        let is_abstract = self.model.is_abstract(node.declared);
        let is_root = self.model.roots.iter().any(|root| root == node.declared);
        !is_root && (node.tells_type || is_abstract || node.guises.is_empty())
    }

    /// Whether two fields of objects that exclude each other may stand under one key
    /// (<https://spec.graphql.org/draft/#SameResponseShape()>).
    fn have_same_shape(&self, a: &Selected<'_>, b: &Selected<'_>) -> bool {
        match (a.below, b.below) {
            (None, None) => a.ty == b.ty,
            (Some(below_a), Some(below_b)) => {
                are_wrapped_alike(a.ty, b.ty) && self.have_same_fields(below_a, below_b)
            }
            _ => false,
        }
    }

    /// Whether the fields of two nodes may stand beside each other.
    pub fn have_same_fields(&self, a: NodeId, b: NodeId) -> bool {
        if a == b {
            return true;
        }
        let fields = |it: NodeId| self.draft.nodes[it].guises.values().flatten();
        fields(a).all(|(key, a)| {
            let mut same = fields(b).filter(|(other, _)| *other == key);
            same.all(|(_, b)| self.have_same_shape(a, b))
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
