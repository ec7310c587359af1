//! A plan while it is made: fetches with what they select, and which of them wait for which.

use indexmap::IndexMap;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use std::rc::Rc;

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
#[derive(Clone)]
pub(super) struct Selected<'a> {
    pub name: &'a str,
    pub arguments: Arguments,
    /// Its type in the subgraph.
    pub ty: &'a TypeRef,
    /// What is selected of it; `None` if it is a scalar or an enum.
    pub below: Option<NodeId>,
}

/// Where in a draft an object is fetched.
#[derive(Clone, Debug)]
pub(super) struct Site {
    pub fetch: FetchId,
    /// There are several if objects that are alike were not taken for that before.
    pub nodes: Rc<[NodeId]>,
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
    /// The type that it is told; their own if there is none.
    pub told_type: Option<&'a str>,
    /// The objects at the places, if they are known to be that; else they are all taken.
    pub objects: Vec<&'a str>,
    /// Whether other objects may stand there.
    pub is_conditional: bool,
    pub requires: Vec<SelectionItem>,
}

/// Nodes that were compared already. Objects that are alike share theirs.
pub(super) type Pairs = FxHashSet<(NodeId, NodeId)>;

/// What a plan costs. The least waiting is best, and among equals the fewest fetches.
#[derive(Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cost {
    /// How many fetches each fetch comes after, itself counted, all added.
    waiting: usize,
    pub fetches: usize,
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
            nodes: [node].into(),
        }
    }

    fn node(&mut self, declared: &'a str) -> NodeId {
        self.nodes.push(Node {
            declared,
            ..Node::default()
        });
        self.nodes.len() - 1
    }

    /// Selects a field for objects that the subgraph knows by these types. Gives the field's own nodes; none if it is a
    /// scalar or an enum.
    pub fn select(
        &mut self,
        nodes: &[NodeId],
        guises: &[&'a str],
        key: &str,
        field: &Selected<'a>,
        is_composite: bool,
    ) -> Result<Vec<NodeId>, Taken> {
        let mut below = Vec::new();
        let mut missing = Vec::new();
        for node in nodes {
            for guise in guises {
                let fields = self.nodes[*node].guises.get(guise);
                match fields.and_then(|it| it.get(key)) {
                    Some(known) if !known.is_same(field) => return Err(Taken),
                    Some(known) => below.extend(known.below),
                    None => missing.push((*node, *guise)),
                }
            }
        }
        if is_composite && !missing.is_empty() {
            below.push(self.node(field.ty.inner_name()));
        }
        for (node, guise) in missing {
            let field = Selected {
                below: below.last().copied(),
                ..field.clone()
            };
            let fields = self.nodes[node].guises.entry(guise).or_default();
            fields.insert(key.to_owned(), field);
        }
        below.sort_unstable();
        below.dedup();
        Ok(below)
    }

    /// What it costs to run. One subgraph's fetches of entities at one time become one.
    pub fn cost(&self) -> Cost {
        let mut seen = FxHashSet::default();
        let mut cost = Cost::default();
        for (id, fetch) in self.fetches.iter().enumerate() {
            let place = match &fetch.kind {
                FetchKind::Root(_) => Some(id),
                FetchKind::Entities(_) => None,
            };
            if seen.insert((fetch.group, fetch.level, fetch.graph, place)) {
                cost.fetches += 1;
                cost.waiting += fetch.level + 1;
            }
        }
        cost
    }

    /// Makes one of fetches that ask the same subgraph for the same places at the same time.
    pub fn merge(&mut self) {
        let mut kept: Vec<Fetch<'a>> = Vec::new();
        let mut by_place: FxHashMap<_, Vec<usize>> = FxHashMap::default();
        for mut fetch in std::mem::take(&mut self.fetches) {
            let place = (fetch.group, fetch.level, fetch.graph, fetch.path.clone());
            let there = by_place.entry(place).or_default();
            let same = there.iter().copied().find(|known| {
                are_alike(&kept[*known].kind, &fetch.kind)
                    && self.can_take_in(kept[*known].node, fetch.node, &mut Pairs::default())
            });
            match same {
                Some(known) => {
                    take_in_entry(&mut kept[known].kind, &mut fetch.kind);
                    self.take_in(kept[known].node, fetch.node, &mut Pairs::default());
                }
                None => {
                    there.push(kept.len());
                    kept.push(fetch);
                }
            }
        }
        self.fetches = kept;
    }

    /// Whether one node can have the selections of both.
    fn can_take_in(&self, node: NodeId, other: NodeId, seen: &mut Pairs) -> bool {
        if node == other || !seen.insert((node, other)) {
            return true;
        }
        if self.nodes[node].declared != self.nodes[other].declared {
            return false;
        }
        self.nodes[other].guises.iter().all(|(guise, fields)| {
            let known = self.nodes[node].guises.get(guise);
            fields.iter().all(|(key, field)| {
                let Some(known) = known.and_then(|it| it.get(key)) else {
                    return true;
                };
                known.is_same(field)
                    && match (known.below, field.below) {
                        (Some(known), Some(below)) => self.can_take_in(known, below, seen),
                        _ => true,
                    }
            })
        })
    }

    /// Adds what another node selects. Others may share that node, so it stays as it is.
    fn take_in(&mut self, node: NodeId, other: NodeId, seen: &mut Pairs) {
        if node == other || !seen.insert((node, other)) {
            return;
        }
        self.nodes[node].tells_type |= self.nodes[other].tells_type;
        for (guise, fields) in self.nodes[other].guises.clone() {
            for (key, field) in fields {
                let known = self.nodes[node].guises.entry(guise).or_default();
                match known.get(&key).map(|known| known.below) {
                    Some(Some(below)) => {
                        if let Some(other) = field.below {
                            self.take_in(below, other, seen);
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

impl Selected<'_> {
    /// Whether both are the same field with the same arguments, and the same is selected of it.
    pub fn is_this(&self, other: &Self) -> bool {
        self.is_same(other) && self.below == other.below
    }

    /// Whether both are the same field with the same arguments.
    fn is_same(&self, other: &Self) -> bool {
        self.name == other.name && self.arguments == other.arguments
    }
}

/// Whether both may be one fetch, as far as their kinds go.
fn are_alike(a: &FetchKind<'_>, b: &FetchKind<'_>) -> bool {
    match (a, b) {
        (FetchKind::Root(a), FetchKind::Root(b)) => a == b,
        (FetchKind::Entities(a), FetchKind::Entities(b)) => {
            a.told_type == b.told_type && a.objects == b.objects && agree(&a.requires, &b.requires)
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
