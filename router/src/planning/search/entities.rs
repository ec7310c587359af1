//! Writes fetches of entities: those that ask and tell the same, or lie at the same places, become one.

use hive_router_query_planner::ast::selection_set::SelectionSet;
use hive_router_query_planner::planner::plan_nodes::{FlattenNodePath, ValueSetter};
use std::collections::BTreeSet;

use super::Failure;
use super::draft::{Entry, Fetch, NodeId};
use super::selections::{narrowed, typename};
use crate::planning::plan::{FlattenSegment, Rewrite, RewriteSegment, SelectionItem};

/// What is written of fetches of entities that ask and tell the same.
pub(super) struct Entities<'d, 'a> {
    pub entry: &'d Entry<'a>,
    pub node: NodeId,
    /// What is told, by the types that are told.
    pub requires: Vec<SelectionItem>,
    /// The paths, and for which objects on each; for all if there are none.
    pub places: Vec<(&'d [FlattenSegment], BTreeSet<String>)>,
    pub selections: SelectionSet,
    /// The selections as text.
    text: String,
    pub rewrites: Option<Vec<Rewrite>>,
}

impl<'d, 'a> Entities<'d, 'a> {
    /// Nothing is at any place yet.
    pub fn new(
        entry: &'d Entry<'a>,
        node: NodeId,
        selections: SelectionSet,
        text: String,
        rewrites: Option<Vec<Rewrite>>,
    ) -> Self {
        Entities {
            entry,
            node,
            requires: requires(entry),
            places: Vec::new(),
            selections,
            text,
            rewrites,
        }
    }

    /// Whether a fetch asks and tells the same, for whatever places.
    pub fn is_same(&self, entry: &Entry<'_>, text: &str, rewrites: Option<&Vec<Rewrite>>) -> bool {
        self.entry.told_type == entry.told_type
            && (entry.told_type.is_some() || self.entry.objects == entry.objects)
            && self.entry.requires == entry.requires
            && self.rewrites.as_ref() == rewrites
            && self.text == text
    }

    pub fn add_place(&mut self, fetch: &'d Fetch<'_>, entry: &Entry<'_>) {
        let own = entry.objects.iter().filter(|_| entry.is_conditional);
        let own: BTreeSet<String> = own.map(|it| (*it).to_owned()).collect();
        let known = self.places.iter_mut().find(|(path, _)| *path == fetch.path);
        match known {
            Some((_, objects)) if own.is_empty() || objects.is_empty() => objects.clear(),
            Some((_, objects)) => objects.extend(own),
            None => self.places.push((&fetch.path, own)),
        }
    }

    pub fn paths(&self) -> Result<Vec<FlattenNodePath>, Failure> {
        let path = |(path, objects): &(&[FlattenSegment], BTreeSet<String>)| {
            let mut path = path.to_vec();
            if !objects.is_empty() {
                path.push(FlattenSegment::TypeCondition(objects.clone()));
            }
            flatten_path(&path)
        };
        self.places.iter().map(path).collect()
    }

    pub fn join(&mut self, other: Self) {
        for ((_, objects), (_, more)) in self.places.iter_mut().zip(other.places) {
            objects.extend(more);
        }
        self.requires.extend(other.requires);
        self.selections.items.extend(other.selections.items);
    }

    /// Tells the subgraph another type than the objects' own, if that is how it knows them.
    pub fn disguise(&self) -> Option<Vec<Rewrite>> {
        self.entry.told_type.map(|told_type| {
            vec![Rewrite::ValueSetter(ValueSetter {
                path: vec![RewriteSegment::Key("__typename".to_owned())],
                set_value_to: told_type.to_owned(),
            })]
        })
    }
}

/// The planner's crate lets its paths be made in no other way than this.
pub(super) fn flatten_path(segments: &[FlattenSegment]) -> Result<FlattenNodePath, Failure> {
    Ok(serde_json::from_value(serde_json::to_value(segments)?)?)
}

/// What is told of an entity.
fn requires(entry: &Entry<'_>) -> Vec<SelectionItem> {
    let own = entry.objects.iter().filter(|_| entry.told_type.is_none());
    let types = own.chain(&entry.told_type);
    let told = || {
        [typename()]
            .into_iter()
            .chain(entry.requires.iter().cloned())
    };
    types.map(|it| narrowed(it, told().collect())).collect()
}
