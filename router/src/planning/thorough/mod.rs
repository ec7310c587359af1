//! A planner of our own, for what the planner's crate is not to be trusted with ([`trust`]).
//!
//! It looks for ways as composition does when it checks that every field can be reached ([`reach`]), so that it finds a
//! plan for whatever composes: an object is had at several places of subgraphs at once; from each, others are entered by
//! keys; and what a key or a requirement needs is had in the same manner before. Then ([`build`]) it fetches what is
//! wanted from the places that cost least, and writes that down ([`render`]). Interfaces and unions are taken object by
//! object, as far as they differ ([`kin`]).

mod build;
mod children;
mod draft;
mod entities;
mod joins;
mod kin;
mod model;
mod positions;
mod reach;
mod reading;
mod render;
mod selections;
mod trust;
mod wanted;

pub(super) use self::model::Model;
pub(super) use self::trust::needs_only_keys;

use graphql_tools::static_graphql::query::{
    Document, OperationDefinition, Selection, SelectionSet,
};
use hive_router_query_planner::utils::cancellation::{CancellationError, CancellationToken};

use self::draft::Draft;
use self::model::Place;
use self::positions::{How, Position, Reached, View};
use self::wanted::{Needs, Wanted, by_client};
use super::Schema;
use super::operation::{kind, operations, selections, variable_definitions};
use super::plan::PlanNode;
use crate::operation::OperationKind;

/// The type of what fetches of entities answer with.
const ENTITY: &str = "_Entity";

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The time is over.
    #[error("the time is over")]
    Time(#[from] CancellationError),
    /// Something cannot be had. In a graph that composes, this is a fault of ours.
    #[error("there is no way to {0}")]
    NoWay(String),
    /// Whether a mutation shall run depends on a variable that has no value.
    #[error("it depends on a variable without a value whether `{0}` runs")]
    Undecided(String),
    /// A fault of ours.
    #[error("the plan cannot be written: {0}")]
    Unwritten(#[from] serde_json::Error),
    /// A fault of ours.
    #[error("the planner panicked")]
    Panicked,
}

struct Search<'a> {
    model: &'a Model,
    schema: &'a Schema,
    time: &'a CancellationToken,
    kind: OperationKind,
    positions: Vec<Position<'a>>,
    needs: Needs<'a>,
    draft: Draft<'a>,
}

/// Plans the only operation of a document whose fragments are written out.
pub(super) fn plan(
    model: &Model,
    schema: &Schema,
    document: &Document,
    time: &CancellationToken,
) -> Result<Option<PlanNode>, Failure> {
    let Some(operation) = operations(document).next() else {
        return Ok(None);
    };
    let kind = kind(operation);
    let mut search = Search {
        model,
        schema,
        time,
        kind,
        positions: Vec::new(),
        needs: Needs::default(),
        draft: Draft::default(),
    };
    match kind {
        OperationKind::Query => search.query(selections(operation))?,
        OperationKind::Mutation | OperationKind::Subscription => search.in_series(operation)?,
    }
    search.draft.merge();
    let variables = variable_definitions(operation);
    render::plan(&search.draft, model, variables, time)
}

impl<'a> Search<'a> {
    fn query(&mut self, set: &'a SelectionSet) -> Result<(), Failure> {
        let root: &'a str = self.schema.query_type();
        let wanted = by_client(self.model, root, &[set]);
        let graphs = self.model.guises(root).iter().map(|(graph, _)| *graph);
        let view = self.root(root, graphs.collect(), wanted);
        self.answer(&view)
    }

    /// Plans the fields of a root one after the other, each by one subgraph: a mutation runs once.
    fn in_series(&mut self, operation: &'a OperationDefinition) -> Result<(), Failure> {
        let root: &'a str = self.schema.root_type(self.kind).map_or("", |it| it);
        let set = selections(operation);
        if let Some(field) = undecided(set) {
            return Err(Failure::Undecided(field.to_owned()));
        }
        for wanted in by_client(self.model, root, &[set]) {
            self.next_in_series(root, wanted)?;
        }
        Ok(())
    }

    fn next_in_series(&mut self, root: &'a str, wanted: Wanted<'a>) -> Result<(), Failure> {
        for (graph, _) in self.model.guises(root) {
            let view = self.root(root, vec![*graph], vec![wanted.clone()]);
            if !self.can_have_field(&view, &wanted)? {
                continue;
            }
            // The subgraph runs them in series as well, if nothing has to be done in between.
            let group = self.draft.group;
            let fetches = self.draft.fetches.iter().enumerate();
            let mut current = fetches.filter(|(_, fetch)| fetch.group == group);
            let reached = &mut self.positions[view.position].reached[0];
            match (current.next(), current.next()) {
                (Some((id, fetch)), None) if fetch.graph == *graph => {
                    reached.site = Some(draft::Site {
                        fetch: id,
                        nodes: [fetch.node].into(),
                    });
                }
                (None, _) => {}
                _ => self.draft.group += 1,
            }
            return self.answer(&view);
        }
        Err(Failure::NoWay(format!("{root}.{}", wanted.name)))
    }

    /// The operation's root, at these subgraphs.
    fn root(&mut self, root: &'a str, graphs: Vec<usize>, client: Vec<Wanted<'a>>) -> View<'a> {
        let reached = graphs.into_iter().map(|graph| Reached {
            place: Place {
                graph,
                type_name: root,
                provided: Vec::new(),
            },
            how: How::Root,
            site: None,
        });
        self.positions.push(Position {
            objects: vec![root],
            path: Vec::new(),
            gates: Vec::new(),
            is_abstract: false,
            is_uniform: false,
            wanted: client.clone(),
            client,
            asking: [].into(),
            reached: reached.collect(),
            children: Default::default(),
            entered: Default::default(),
        });
        self.whole(self.positions.len() - 1)
    }

    /// What is done at a root type.
    fn kind_of(&self, root: &str) -> OperationKind {
        let is_it = |kind: &OperationKind| {
            let own = self.schema.root_type(*kind);
            own.is_some_and(|it| **it == *root)
        };
        let others = [OperationKind::Mutation, OperationKind::Subscription];
        others
            .into_iter()
            .find(is_it)
            .unwrap_or(OperationKind::Query)
    }
}

/// A field at the root that depends on a condition which is still open.
fn undecided(set: &SelectionSet) -> Option<&str> {
    set.items.iter().find_map(|item| match item {
        Selection::Field(field) if field.directives.is_empty() => None,
        Selection::Field(field) => Some(field.name.as_str()),
        Selection::InlineFragment(fragment) if fragment.directives.is_empty() => {
            undecided(&fragment.selection_set)
        }
        Selection::InlineFragment(_) | Selection::FragmentSpread(_) => Some("a fragment"),
    })
}
