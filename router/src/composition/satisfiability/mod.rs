//! Whether every query that the graph allows can be answered: each field is looked for in every place that leads to its
//! type, as a planner would.
//!
//! A query stands at an object in one or several subgraphs. From there it enters others by their keys, when the keys'
//! fields can be had, and is answered by whichever has the next field. The search follows every field of every object
//! from the roots. Places from which no more can be reached than from places that were looked at are not looked at again.
//!
//! Interfaces and unions are looked at object by object, so that what is asked of them is answered for each.

mod explain;
mod positions;
mod reach;
mod selection;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::rc::Rc;

use self::positions::{Graphs, Positions};
use self::reach::Reach;
use super::{
    diagnostic::{Code, Diagnostic, Report},
    model::{GraphIndex, Subgraph},
    overrides::Overrides,
    supergraph::{MergedField, MergedGraph, MergedType},
};

pub(super) fn check(
    graph: &MergedGraph,
    subgraphs: &[Subgraph],
    overrides: &Overrides,
    report: &mut Report,
) {
    let reach = Reach::new(Graphs {
        merged: graph,
        subgraphs,
        overrides,
    });
    let mut search = Search {
        reach: &reach,
        queue: VecDeque::new(),
        seen: HashMap::new(),
        told: HashSet::new(),
        report,
    };
    for (operation, root) in [
        ("", "Query"),
        ("mutation ", "Mutation"),
        ("subscription ", "Subscription"),
    ] {
        let visible = |ty: &MergedType| !ty.metadata.inaccessible;
        if graph.types.get(root).is_some_and(visible) {
            search.queue.push_back(State {
                object: root.to_owned(),
                positions: reach.roots(root),
                way: Rc::new(Way::Root(operation)),
            });
        }
    }
    while let Some(state) = search.queue.pop_front() {
        search.state(&state);
    }
}

/// An object, and where it can be had at once.
struct State {
    object: String,
    positions: Positions,
    way: Rc<Way>,
}

/// How a query comes to an object.
enum Way {
    /// The operation's keyword.
    Root(&'static str),
    /// A field of the object before, and the type condition on what it answers, if its type is not the object's.
    Step {
        before: Rc<Way>,
        field: String,
        condition: Option<String>,
    },
}

impl Way {
    /// A query that goes this way and asks for `last`.
    fn query(&self, last: &str) -> String {
        match self {
            Way::Root(operation) => format!("{operation}{{ {last} }}"),
            Way::Step {
                before,
                field,
                condition: None,
            } => before.query(&format!("{field} {{ {last} }}")),
            Way::Step {
                before,
                field,
                condition: Some(condition),
            } => before.query(&format!("{field} {{ ... on {condition} {{ {last} }} }}")),
        }
    }
}

struct Search<'a, 'r> {
    reach: &'r Reach<'a>,
    queue: VecDeque<State>,
    /// The places looked at, by object.
    seen: HashMap<String, Vec<Positions>>,
    /// The fields that were reported.
    told: HashSet<(String, String)>,
    report: &'r mut Report,
}

impl Search<'_, '_> {
    fn state(&mut self, state: &State) {
        let seen = self.seen.entry(state.object.clone()).or_default();
        if seen.iter().any(|known| known.is_subset(&state.positions)) {
            return;
        }
        seen.push(state.positions.clone());
        let Some(ty) = self.reach.graphs.merged.types.get(&state.object) else {
            return;
        };
        let reached = self.reach.closure(&state.object, &state.positions);
        if !self.reach.knows_type(&state.object, &reached) {
            self.untold_type(state);
        }
        for (name, field) in &ty.fields {
            if field.metadata.inaccessible {
                continue;
            }
            match self.reach.advance(&state.object, &reached, name) {
                Some(next) => {
                    self.runtime_types(state, &reached, name, field);
                    self.follow(state, name, field, next);
                }
                None => self.unreachable(state, &reached, name, field),
            }
        }
    }

    fn follow(
        &mut self,
        state: &State,
        name: &str,
        field: &MergedField,
        next: BTreeMap<String, Positions>,
    ) {
        let types = &self.reach.graphs.merged.types;
        for (object, positions) in next {
            let visible = types
                .get(&object)
                .is_some_and(|ty| !ty.metadata.inaccessible);
            if !visible {
                continue;
            }
            let condition = (object != field.ty.inner()).then(|| object.clone());
            let way = Rc::new(Way::Step {
                before: Rc::clone(&state.way),
                field: name.to_owned(),
                condition,
            });
            self.queue.push_back(State {
                object,
                positions,
                way,
            });
        }
    }

    fn unreachable(&mut self, state: &State, reached: &Positions, name: &str, field: &MergedField) {
        if !self.told.insert((state.object.clone(), name.to_owned())) {
            return;
        }
        let is_leaf = self
            .reach
            .graphs
            .merged
            .types
            .get(field.ty.inner())
            .is_none_or(|ty| !ty.kind.is_composite());
        let last = if is_leaf {
            name.to_owned()
        } else {
            format!("{name} {{ ... }}")
        };
        let query = state.way.query(&last);
        let (reasons, having) =
            explain::unreachable(self.reach, &state.object, &state.positions, reached, name);
        let message = format!("The query `{query}` cannot be answered: {reasons}.");
        self.report.error(
            Diagnostic::new(Code::SatisfiabilityError, message)
                .at(format!("{}.{name}", state.object))
                .within(having),
        );
    }

    /// The object is only known as an interface object, and nobody tells which object it is.
    fn untold_type(&mut self, state: &State) {
        let interfaces: BTreeSet<&str> = state
            .positions
            .iter()
            .map(|it| it.type_name.as_str())
            .collect();
        for interface in interfaces {
            if !self
                .told
                .insert((interface.to_owned(), "__typename".to_owned()))
            {
                continue;
            }
            let graphs = state
                .positions
                .iter()
                .filter(|it| it.type_name == interface)
                .map(|it| self.reach.graphs.name(it.graph));
            let message = format!(
                "The query `{}` cannot be answered: `{interface}` is an interface object here, and no subgraph that defines the interface has a `@key` of it that can be given.",
                state.way.query("__typename")
            );
            self.report.error(
                Diagnostic::new(Code::SatisfiabilityError, message)
                    .at(interface)
                    .within(graphs),
            );
        }
    }

    /// A shared field answers with the same objects, whoever is asked.
    fn runtime_types(
        &mut self,
        state: &State,
        reached: &Positions,
        name: &str,
        field: &MergedField,
    ) {
        let graphs = self.reach.graphs;
        let types = &graphs.merged.types;
        let is_abstract = types
            .get(field.ty.inner())
            .is_some_and(|ty| ty.kind.is_composite() && ty.kind != super::model::Kind::Object);
        if !is_abstract {
            return;
        }
        let mut by_graph: BTreeMap<GraphIndex, BTreeSet<String>> = BTreeMap::new();
        for at in reached {
            if let Some(resolver) = graphs.resolver(at, &state.object, name) {
                let mut next = BTreeMap::new();
                graphs.follow(at, &state.object, name, resolver, &mut next);
                by_graph
                    .entry(at.graph)
                    .or_default()
                    .extend(next.into_keys());
            }
        }
        let mut sets = by_graph.values();
        let Some(first) = sets.next() else { return };
        let common = sets.fold(first.clone(), |common, set| &common & set);
        if by_graph.values().all(|set| *set == common)
            || !self
                .told
                .insert((state.object.clone(), format!("{name}: {}", field.ty)))
        {
            return;
        }
        let listed: Vec<String> = by_graph
            .iter()
            .map(|(graph, set)| {
                let set: Vec<&str> = set.iter().map(String::as_str).collect();
                format!("`{}` in `{}`", set.join("`, `"), graphs.name(*graph))
            })
            .collect();
        let listed = listed.join(", and ");
        let diagnostic = |code, message: String| {
            Diagnostic::new(code, message)
                .at(format!("{}.{name}", state.object))
                .within(by_graph.keys().map(|graph| graphs.name(*graph)))
        };
        if common.is_empty() {
            let message =
                format!("The shared field answers with objects of no common type: {listed}.");
            self.report.error(diagnostic(
                Code::ShareableHasMismatchedRuntimeTypes,
                message,
            ));
        } else {
            let message = format!("The shared field may answer with different objects: {listed}.");
            self.report.hint(diagnostic(
                Code::InconsistentRuntimeTypesForShareableReturn,
                message,
            ));
        }
    }
}
