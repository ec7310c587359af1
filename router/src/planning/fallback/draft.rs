//! A plan while it is made: fetches with what they select, and which of them wait for which.

use indexmap::IndexMap;
use std::collections::BTreeSet;

use super::model::GraphIndex;
use super::wanted::Arguments;
use crate::operation::OperationKind;
use crate::planning::TypeRef;
use crate::planning::plan::{FlattenSegment, SelectionItem};

/// A fetch's place in the draft.
pub(super) type FetchId = usize;
/// A node's place in the draft.
pub(super) type NodeId = usize;

/// What is selected of the objects at one place of a fetch, by the types as the subgraph knows them.
#[derive(Default)]
pub(super) struct Node<'a> {
    /// The type that the subgraph says it answers with.
    pub declared: &'a str,
    /// Whether the objects' types are wanted and may not be known from elsewhere.
    pub tells_type: bool,
    pub guises: IndexMap<&'a str, IndexMap<String, Selected<'a>>>,
}

/// A field of a node.
pub(super) struct Selected<'a> {
    pub name: &'a str,
    pub arguments: Arguments,
    /// Its type in the subgraph.
    pub ty: &'a TypeRef,
    /// What is selected of it; `None` if it is a scalar or an enum.
    pub below: Option<NodeId>,
}

/// Where in a draft an object is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Site {
    pub fetch: FetchId,
    pub node: NodeId,
}

pub(super) struct Fetch<'a> {
    pub graph: GraphIndex,
    /// Where its answer belongs.
    pub path: Vec<FlattenSegment>,
    pub kind: FetchKind<'a>,
    /// How many fetches have to come one after the other before it.
    pub level: usize,
    /// Fetches of one group come before all of the next.
    pub group: usize,
    pub node: NodeId,
}

pub(super) enum FetchKind<'a> {
    /// Of fields of a root.
    Root(OperationKind),
    /// Of entities.
    Entities(Entry<'a>),
}

/// What a subgraph is told of entities.
#[derive(Clone)]
pub(super) struct Entry<'a> {
    /// The type that it is told.
    pub told_type: &'a str,
    /// The object at the places, if it is known to be that; else they are all taken.
    pub object: Option<&'a str>,
    /// Whether other objects may stand there.
    pub is_conditional: bool,
    pub requires: Vec<SelectionItem>,
}

impl Entry<'_> {
    /// Whether the subgraph is told another type than the object's own.
    pub fn is_disguised(&self) -> bool {
        self.object != Some(self.told_type)
    }
}

/// Another field stands under the key already.
#[derive(Debug)]
pub(super) struct Taken;

#[derive(Default)]
pub(super) struct Draft<'a> {
    pub fetches: Vec<Fetch<'a>>,
    pub nodes: Vec<Node<'a>>,
    /// The group of fetches that are added now.
    pub group: usize,
}

impl<'a> Draft<'a> {
    /// Adds a fetch that waits for others.
    pub fn fetch(
        &mut self,
        graph: GraphIndex,
        path: Vec<FlattenSegment>,
        kind: FetchKind<'a>,
        waits_for: &BTreeSet<FetchId>,
        declared: &'a str,
    ) -> Site {
        let levels = waits_for.iter().map(|it| self.fetches[*it].level + 1);
        let level = levels.max().unwrap_or_default();
        let node = self.node(declared);
        self.fetches.push(Fetch {
            graph,
            path,
            kind,
            level,
            group: self.group,
            node,
        });
        Site {
            fetch: self.fetches.len() - 1,
            node,
        }
    }

    fn node(&mut self, declared: &'a str) -> NodeId {
        self.nodes.push(Node {
            declared,
            ..Node::default()
        });
        self.nodes.len() - 1
    }

    /// Selects a field of a node for objects that the subgraph knows by a type. Gives the field's own node, if it is
    /// composite.
    pub fn select(
        &mut self,
        node: NodeId,
        guise: &'a str,
        key: &str,
        field: Selected<'a>,
        is_composite: bool,
    ) -> Result<Option<NodeId>, Taken> {
        let known = self.nodes[node]
            .guises
            .get(guise)
            .and_then(|it| it.get(key));
        if let Some(known) = known {
            let is_same = known.name == field.name && known.arguments == field.arguments;
            return if is_same { Ok(known.below) } else { Err(Taken) };
        }
        let below = is_composite.then(|| self.node(field.ty.inner_name()));
        let field = Selected { below, ..field };
        let fields = self.nodes[node].guises.entry(guise).or_default();
        fields.insert(key.to_owned(), field);
        Ok(below)
    }

    /// Makes one of fetches that ask the same subgraph for the same places at the same time.
    pub fn merge(&mut self) {
        let mut kept: Vec<Fetch<'a>> = Vec::new();
        let mut waiting: Vec<Fetch<'a>> = std::mem::take(&mut self.fetches);
        waiting.sort_by_key(|fetch| (fetch.group, fetch.level));
        for mut fetch in waiting {
            let same = kept
                .iter_mut()
                .filter(|known| {
                    known.group == fetch.group
                        && known.level == fetch.level
                        && known.graph == fetch.graph
                        && known.path == fetch.path
                })
                .find(|known| are_alike(&known.kind, &fetch.kind));
            if let Some(known) = same
                && self.can_take_in(known.node, fetch.node)
            {
                take_in_entry(&mut known.kind, &mut fetch.kind);
                self.take_in(known.node, fetch.node);
            } else {
                kept.push(fetch);
            }
        }
        self.fetches = kept;
    }

    /// Whether one node can have the selections of both.
    fn can_take_in(&self, node: NodeId, other: NodeId) -> bool {
        if self.nodes[node].declared != self.nodes[other].declared {
            return false;
        }
        self.nodes[other].guises.iter().all(|(guise, fields)| {
            let known = self.nodes[node].guises.get(guise);
            fields.iter().all(|(key, field)| {
                let Some(known) = known.and_then(|it| it.get(key)) else {
                    return true;
                };
                known.name == field.name
                    && known.arguments == field.arguments
                    && match (known.below, field.below) {
                        (Some(known), Some(below)) => self.can_take_in(known, below),
                        _ => true,
                    }
            })
        })
    }

    fn take_in(&mut self, node: NodeId, other: NodeId) {
        self.nodes[node].tells_type |= self.nodes[other].tells_type;
        for (guise, fields) in std::mem::take(&mut self.nodes[other].guises) {
            for (key, field) in fields {
                let known = self.nodes[node].guises.entry(guise).or_default();
                match known.get(&key).map(|known| known.below) {
                    Some(Some(below)) => {
                        if let Some(other) = field.below {
                            self.take_in(below, other);
                        }
                    }
                    Some(None) => {}
                    None => {
                        known.insert(key, field);
                    }
                }
            }
        }
    }
}

/// Whether both may be one fetch, as far as their kinds go.
fn are_alike(a: &FetchKind<'_>, b: &FetchKind<'_>) -> bool {
    match (a, b) {
        (FetchKind::Root(a), FetchKind::Root(b)) => a == b,
        (FetchKind::Entities(a), FetchKind::Entities(b)) => {
            a.told_type == b.told_type && a.object == b.object && agree(&a.requires, &b.requires)
        }
        _ => false,
    }
}

/// Whether the same is told under the same names.
fn agree(a: &[SelectionItem], b: &[SelectionItem]) -> bool {
    a.iter().all(|a| match a {
        SelectionItem::Field(a) => b.iter().all(|b| match b {
            SelectionItem::Field(b) if a.selection_identifier() == b.selection_identifier() => {
                a.name == b.name && agree(&a.selections.items, &b.selections.items)
            }
            _ => true,
        }),
        SelectionItem::InlineFragment(a) => b.iter().all(|b| match b {
            SelectionItem::InlineFragment(b) if a.type_condition == b.type_condition => {
                agree(&a.selections.items, &b.selections.items)
            }
            _ => true,
        }),
        SelectionItem::FragmentSpread(_) => true,
    })
}

fn take_in_entry(kind: &mut FetchKind<'_>, other: &mut FetchKind<'_>) {
    if let (FetchKind::Entities(entry), FetchKind::Entities(other)) = (kind, other) {
        add_items(&mut entry.requires, std::mem::take(&mut other.requires));
    }
}

/// Adds selections that are not there yet.
pub(super) fn add_items(items: &mut Vec<SelectionItem>, more: Vec<SelectionItem>) {
    for item in more {
        let same = items.iter_mut().find_map(|known| match (known, &item) {
            (SelectionItem::Field(known), SelectionItem::Field(field))
                if known.name == field.name && known.alias == field.alias =>
            {
                Some(&mut known.selections.items)
            }
            (SelectionItem::InlineFragment(known), SelectionItem::InlineFragment(fragment))
                if known.type_condition == fragment.type_condition =>
            {
                Some(&mut known.selections.items)
            }
            _ => None,
        });
        match (same, item) {
            (Some(known), SelectionItem::Field(field)) => add_items(known, field.selections.items),
            (Some(known), SelectionItem::InlineFragment(fragment)) => {
                add_items(known, fragment.selections.items);
            }
            (_, item) => items.push(item),
        }
    }
}
