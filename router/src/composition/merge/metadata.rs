//! Merges what an element carries in several subgraphs.

use super::Merger;
use crate::composition::{
    diagnostic::Code,
    model::{GraphIndex, ListSize, Map, Metadata, Requirement},
};

impl Merger<'_> {
    pub(super) fn merge_metadata<'m>(
        &mut self,
        coordinate: &str,
        sources: impl Iterator<Item = (GraphIndex, &'m Metadata)>,
    ) -> Metadata {
        let sources: Vec<(GraphIndex, &Metadata)> = sources.collect();
        self.hint_at_applications(coordinate, &sources);
        let mut merged = Metadata {
            description: self.merge_description(coordinate, &sources),
            ..Metadata::default()
        };
        for (_, source) in &sources {
            merged.deprecated = merged
                .deprecated
                .take()
                .or_else(|| source.deprecated.clone());
            merged.inaccessible |= source.inaccessible;
            merged.tags.extend(source.tags.iter().cloned());
            merged.authenticated |= source.authenticated;
            merged.cost = merged.cost.max(source.cost);
            merged.specified_by = merged
                .specified_by
                .take()
                .or_else(|| source.specified_by.clone());
            merged.one_of |= source.one_of;
            merged.composed.extend(source.composed.iter().cloned());
            merged.list_size = match (merged.list_size.take(), &source.list_size) {
                (Some(a), Some(b)) => Some(largest(a, b)),
                (a, b) => a.or_else(|| b.clone()),
            };
        }
        merged.tags.sort();
        merged.scopes = every(sources.iter().flat_map(|(_, source)| &source.scopes));
        merged.policies = every(sources.iter().flat_map(|(_, source)| &source.policies));
        merged
    }

    /// The description that most subgraphs give; of those given equally often, the first.
    fn merge_description(
        &mut self,
        coordinate: &str,
        sources: &[(GraphIndex, &Metadata)],
    ) -> Option<String> {
        let mut counts: Map<usize> = Map::new();
        for description in sources
            .iter()
            .filter_map(|(_, source)| source.description.as_ref())
        {
            *counts.entry(description.clone()).or_default() += 1;
        }
        let most = counts.values().copied().max()?;
        if counts.len() > 1 {
            let graphs = sources
                .iter()
                .filter(|(_, source)| source.description.is_some())
                .map(|(graph, _)| *graph);
            let message =
                "The descriptions differ; the graph has the one that most subgraphs give.";
            self.hint(
                Code::InconsistentDescription,
                coordinate,
                graphs.collect::<Vec<_>>(),
                message,
            );
        }
        counts
            .into_iter()
            .find(|(_, count)| *count == most)
            .map(|(description, _)| description)
    }
}

/// Whoever passes the merged requirement passes each of them: (a or b) and c is (a and c) or (b and c).
pub(in crate::composition) fn every<'r>(
    requirements: impl Iterator<Item = &'r Requirement>,
) -> Vec<Requirement> {
    let mut merged: Option<Requirement> = None;
    for requirement in requirements {
        let Some(so_far) = merged else {
            merged = Some(requirement.clone());
            continue;
        };
        let mut product: Requirement = Vec::new();
        for left in &so_far {
            for right in requirement {
                let mut both = left.clone();
                both.extend(right.iter().filter(|scope| !left.contains(scope)).cloned());
                product.push(both);
            }
        }
        merged = Some(simplest(&product));
    }
    merged.into_iter().collect()
}

/// Without the alternatives that ask for more than another does.
fn simplest(requirement: &Requirement) -> Requirement {
    let asks_for_all =
        |more: &[String], less: &[String]| less.iter().all(|scope| more.contains(scope));
    requirement
        .iter()
        .enumerate()
        .filter(|(place, alternative)| {
            !requirement.iter().enumerate().any(|(other_place, other)| {
                // Of two that ask for the same, the first stays.
                asks_for_all(alternative, other)
                    && (!asks_for_all(other, alternative) || other_place < *place)
            })
        })
        .map(|(_, alternative)| alternative.clone())
        .collect()
}

/// An estimate that is right for the subgraph with the longest lists.
fn largest(mut a: ListSize, b: &ListSize) -> ListSize {
    a.assumed_size = a.assumed_size.max(b.assumed_size);
    a.slicing_arguments
        .extend(b.slicing_arguments.iter().cloned());
    a.sized_fields.extend(b.sized_fields.iter().cloned());
    a.require_one_slicing_argument = match (
        a.require_one_slicing_argument,
        b.require_one_slicing_argument,
    ) {
        (Some(a), Some(b)) => Some(a && b),
        (a, b) => a.or(b),
    };
    a
}
