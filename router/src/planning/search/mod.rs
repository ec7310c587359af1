//! Makes a plan of an operation.
//!
//! The planner looks for ways as composition does when it checks that every field can be reached ([`reach`]), so that it finds a
//! plan for whatever composes: an object is had at several places of subgraphs at once; from each, others are entered by
//! keys; and what a key or a requirement needs is had in the same manner before. Then ([`build`]) it fetches what is
//! wanted from the places that cost least, and writes that down ([`render`]). Interfaces and unions are taken object by
//! object, as far as they differ ([`kin`]).

mod build;
mod children;
mod choices;
mod draft;
mod entities;
mod fragments;
mod joins;
mod kin;
mod model;
mod positions;
mod reach;
mod reading;
mod render;
mod selections;
mod sources;
mod wanted;

pub(super) use self::model::Model;

use graphql_tools::static_graphql::query::{FragmentDefinition, OperationDefinition};
use hive_router_query_planner::utils::cancellation::{CancellationError, CancellationToken};
use rustc_hash::FxHashMap;

use self::choices::Order;
use self::draft::Draft;
use self::fragments::Fragments;
use self::model::{GraphIndex, Place};
use self::positions::{How, Position, PositionId, Reached, View};
use self::selections::MOST_SELECTIONS;
use self::sources::FieldPath;
use self::wanted::{Needs, Wanted};
use super::Schema;
use super::conditions::Decided;
use super::operation::{kind, selections, variable_definitions};
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
    /// Subgraphs would be asked too much.
    #[error("it takes more than {MOST_SELECTIONS} fields of subgraphs")]
    TooLarge,
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
    fragments: Fragments<'a>,
    time: &'a CancellationToken,
    kind: OperationKind,
    order: Order,
    positions: Vec<Position<'a>>,
    needs: Needs<'a>,
    draft: Draft<'a>,
    /// Which subgraphs give the values of fields that may be others in others.
    sources: FxHashMap<FieldPath<'a>, GraphIndex>,
    /// How much choice there is about what leads to a place of a position.
    ways: FxHashMap<(PositionId, usize), usize>,
}

/// An operation to plan.
pub(super) struct Planned<'d> {
    pub operation: &'d OperationDefinition,
    pub fragments: &'d FxHashMap<&'d str, &'d FragmentDefinition>,
    /// What is known of its conditions. Where one is open, everything is fetched.
    pub decided: &'d Decided,
}

/// Plans an operation, all but `__schema` and `__type` at its root; `None` if nothing is to be fetched.
pub(super) fn plan(
    model: &Model,
    schema: &Schema,
    planned: Planned<'_>,
    time: &CancellationToken,
) -> Result<Option<PlanNode>, Failure> {
    let best = cheapest(model, schema, &planned, time)?;
    let variables = variable_definitions(planned.operation);
    render::plan(&best, model, variables, time)
}

fn cheapest<'a>(
    model: &'a Model,
    schema: &'a Schema,
    planned: &'a Planned<'a>,
    time: &'a CancellationToken,
) -> Result<Draft<'a>, Failure> {
    let early = draft(model, schema, planned, Order::EarliestFirst, time);
    // Nothing is better than to ask once.
    if early.as_ref().is_ok_and(|it| it.cost().fetches <= 1) {
        return early;
    }
    match (
        early,
        draft(model, schema, planned, Order::ScarcestFirst, time),
    ) {
        (Ok(early), Ok(scarce)) if scarce.cost() < early.cost() => Ok(scarce),
        (Err(_), Ok(only)) | (Ok(only), _) => Ok(only),
        (Err(error), Err(_)) => Err(error),
    }
}

fn draft<'a>(
    model: &'a Model,
    schema: &'a Schema,
    planned: &'a Planned<'a>,
    order: Order,
    time: &'a CancellationToken,
) -> Result<Draft<'a>, Failure> {
    let kind = kind(planned.operation);
    let mut search = Search {
        model,
        schema,
        time,
        kind,
        order,
        fragments: Fragments {
            model,
            named: planned.fragments,
            decided: planned.decided,
        },
        positions: Vec::new(),
        needs: Needs::default(),
        draft: Draft::default(),
        sources: FxHashMap::default(),
        ways: FxHashMap::default(),
    };
    let root = schema.root_type(kind).map_or("", |it| it);
    let mut wanted = search.selected(root, &[selections(planned.operation)]);
    // The router knows what is at the root.
    wanted.retain(|it| !it.name.starts_with("__"));
    match kind {
        OperationKind::Query => search.query(root, wanted)?,
        OperationKind::Mutation | OperationKind::Subscription => search.in_series(root, wanted)?,
    }
    search.draft.merge();
    Ok(search.draft)
}

impl<'a> Search<'a> {
    fn query(&mut self, root: &'a str, wanted: Vec<Wanted<'a>>) -> Result<(), Failure> {
        let graphs = self.model.guises(root).iter().map(|(graph, _)| *graph);
        let view = self.root(root, graphs.collect(), wanted);
        self.answer(&view)
    }

    /// Plans the fields of a root one after the other, each by one subgraph: a mutation runs once.
    fn in_series(&mut self, root: &'a str, wanted: Vec<Wanted<'a>>) -> Result<(), Failure> {
        for wanted in wanted {
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
            declared: root,
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
