//! Writes a draft as a plan.

use graphql_tools::static_graphql::query::VariableDefinition;
use hive_router_query_planner::ast::document::Document;
use hive_router_query_planner::ast::operation::{
    OperationDefinition, VariableDefinition as PlanVariable,
};
use hive_router_query_planner::ast::selection_set::{FieldSelection, SelectionSet};
use hive_router_query_planner::ast::value::Value;
use hive_router_query_planner::planner::plan_nodes::{
    EntityBatch, FlattenNodePath, ParallelNode, SequenceNode, SubscriptionNode,
};
use hive_router_query_planner::state::supergraph_state::TypeNode;
use hive_router_query_planner::utils::cancellation::CancellationToken;
use std::cell::Cell;
use std::collections::BTreeMap;

use super::Failure;
use super::draft::{Draft, Fetch, FetchKind};
use super::entities::{Entities, flatten_path};
use super::model::Model;
use super::selections::MOST_SELECTIONS;
use crate::operation::OperationKind;
use crate::planning::plan::{
    BatchFetchNode, EntityBatchAlias, FetchNode, FetchOperation, FlattenNode, PlanNode,
    PlannedKind, Rewrite, SelectionItem,
};

/// The plan of a draft; `None` if nothing is fetched.
pub(super) fn plan(
    draft: &Draft<'_>,
    model: &Model,
    variables: &[VariableDefinition],
    time: &CancellationToken,
) -> Result<Option<PlanNode>, Failure> {
    let mut stages: BTreeMap<(usize, usize), BTreeMap<usize, Vec<&Fetch<'_>>>> = BTreeMap::new();
    for fetch in &draft.fetches {
        let stage = stages.entry((fetch.group, fetch.level)).or_default();
        stage.entry(fetch.graph).or_default().push(fetch);
    }
    let mut writer = Writer {
        draft,
        model,
        variables,
        time,
        fetches: 0,
        written: Cell::new(0),
    };
    let mut sequence = Vec::new();
    for by_graph in stages.into_values() {
        let mut stage = Vec::new();
        for fetches in by_graph.into_values() {
            writer.of_one_graph(&fetches, &mut stage)?;
        }
        sequence.extend(match stage.len() {
            0 | 1 => stage.pop(),
            _ => Some(PlanNode::Parallel(ParallelNode { nodes: stage })),
        });
    }
    if writer.written.get() > MOST_SELECTIONS {
        return Err(Failure::TooLarge);
    }
    Ok(match sequence.len() {
        0 | 1 => sequence.pop(),
        _ => Some(PlanNode::Sequence(SequenceNode { nodes: sequence })),
    })
}

pub(super) struct Writer<'d, 'a> {
    pub draft: &'d Draft<'a>,
    pub model: &'d Model,
    variables: &'d [VariableDefinition],
    time: &'d CancellationToken,
    fetches: i64,
    /// How many fields were selected.
    pub written: Cell<usize>,
}

impl<'d> Writer<'d, '_> {
    /// Writes the fetches that ask one subgraph at one time: one for all its entities.
    fn of_one_graph(
        &mut self,
        fetches: &[&'d Fetch<'_>],
        stage: &mut Vec<PlanNode>,
    ) -> Result<(), Failure> {
        let mut entities: Vec<Entities<'_, '_>> = Vec::new();
        let mut graph = 0;
        for fetch in fetches {
            self.time.bail_if_cancelled()?;
            graph = fetch.graph;
            match &fetch.kind {
                FetchKind::Root(kind) => stage.extend(self.root(fetch, *kind)?),
                FetchKind::Entities(entry) => {
                    let (selections, rewrites) = self.selections(fetch.graph, fetch.node);
                    let text = selections.to_string();
                    let mut known = entities.iter_mut();
                    match known.find(|it| it.is_same(entry, &text, rewrites.as_ref())) {
                        Some(known) => known.add_place(fetch, entry),
                        None => {
                            let mut new =
                                Entities::new(entry, fetch.node, selections, text, rewrites);
                            new.add_place(fetch, entry);
                            entities.push(new);
                        }
                    }
                }
            }
        }
        self.join(&mut entities);
        match entities.pop() {
            Some(only) if entities.is_empty() && only.places.len() == 1 => {
                stage.push(self.one_fetch(graph, only)?);
            }
            Some(last) => {
                entities.push(last);
                stage.push(self.batch(graph, entities)?);
            }
            None => {}
        }
        Ok(())
    }

    /// Makes one of entities of different types that lie at the same places.
    fn join(&self, entities: &mut Vec<Entities<'_, '_>>) {
        let mut joined: Vec<Entities<'_, '_>> = Vec::with_capacity(entities.len());
        for it in entities.drain(..) {
            match joined.iter_mut().find(|known| self.can_join(known, &it)) {
                Some(known) => known.join(it),
                None => joined.push(it),
            }
        }
        *entities = joined;
    }

    fn can_join(&self, a: &Entities<'_, '_>, b: &Entities<'_, '_>) -> bool {
        let can_join =
            |it: &Entities<'_, '_>| it.entry.told_type.is_none() && it.rewrites.is_none();
        let paths = |it: &Entities<'_, '_>| {
            let paths = it.places.iter().filter(|(_, objects)| !objects.is_empty());
            paths.map(|(path, _)| path.to_vec()).collect::<Vec<_>>()
        };
        can_join(a)
            && can_join(b)
            && a.places.len() == b.places.len()
            && paths(a).len() == a.places.len()
            && paths(a) == paths(b)
            && self.have_same_fields(a.node, b.node)
    }

    fn root(
        &mut self,
        fetch: &Fetch<'_>,
        kind: OperationKind,
    ) -> Result<Option<PlanNode>, Failure> {
        let (selections, rewrites) = self.selections(fetch.graph, fetch.node);
        if selections.is_empty() {
            return Ok(None);
        }
        let kind = match kind {
            OperationKind::Query => PlannedKind::Query,
            OperationKind::Mutation => PlannedKind::Mutation,
            OperationKind::Subscription => PlannedKind::Subscription,
        };
        let is_subscription = kind == PlannedKind::Subscription;
        let node = self.fetch(fetch.graph, kind, selections, &[], rewrites);
        Ok(Some(if is_subscription {
            PlanNode::Subscription(SubscriptionNode { primary: node })
        } else if fetch.path.is_empty() {
            PlanNode::Fetch(node)
        } else {
            flattened(flatten_path(&fetch.path)?, node)
        }))
    }

    fn one_fetch(&mut self, graph: usize, entities: Entities<'_, '_>) -> Result<PlanNode, Failure> {
        let representations = "representations";
        let mut paths = entities.paths()?;
        let requires = entities.requires.clone();
        let input_rewrites = entities.disguise();
        let asked = SelectionSet {
            items: vec![asked_entities(None, representations, entities.selections)],
        };
        let mut node = self.fetch(
            graph,
            PlannedKind::Query,
            asked,
            &[representations.to_owned()],
            entities.rewrites,
        );
        node.requires = Some(SelectionSet { items: requires });
        node.input_rewrites = input_rewrites;
        Ok(flattened(paths.remove(0), node))
    }

    fn batch(&mut self, graph: usize, all: Vec<Entities<'_, '_>>) -> Result<PlanNode, Failure> {
        let mut asked = Vec::new();
        let mut aliases = Vec::new();
        let mut representations = Vec::new();
        for (index, entities) in all.into_iter().enumerate() {
            let alias = format!("_e{index}");
            let variable = format!("__batch_reps_{index}");
            aliases.push(EntityBatchAlias {
                alias: alias.clone(),
                representations_variable_name: variable.clone(),
                merge_paths: entities.paths()?,
                requires: SelectionSet {
                    items: entities.requires.clone(),
                },
                input_rewrites: entities.disguise(),
                output_rewrites: entities.rewrites,
            });
            asked.push(asked_entities(Some(alias), &variable, entities.selections));
            representations.push(variable);
        }
        let asked = SelectionSet { items: asked };
        let node = self.fetch(graph, PlannedKind::Query, asked, &representations, None);
        Ok(PlanNode::BatchFetch(BatchFetchNode {
            id: node.id,
            service_name: node.service_name,
            variable_usages: node.variable_usages,
            operation_kind: node.operation_kind,
            operation: node.operation,
            custom_scalar_paths: None,
            entity_batch: EntityBatch { aliases },
        }))
    }

    fn fetch(
        &mut self,
        graph: usize,
        kind: PlannedKind,
        selection_set: SelectionSet,
        representations: &[String],
        output_rewrites: Option<Vec<Rewrite>>,
    ) -> FetchNode {
        let mut used = selection_set.variable_usages();
        for variable in representations {
            used.remove(variable);
        }
        let representations = representations.iter().map(|name| PlanVariable {
            name: name.clone(),
            variable_type: representations_type(),
            default_value: None,
        });
        let own = self.variables.iter().filter(|it| used.contains(&it.name));
        let variables: Vec<PlanVariable> =
            representations.chain(own.map(PlanVariable::from)).collect();
        let operation = OperationDefinition {
            name: None,
            operation_kind: Some(kind.clone()),
            selection_set,
            variable_definitions: (!variables.is_empty()).then_some(variables),
        };
        self.fetches += 1;
        FetchNode {
            id: self.fetches,
            service_name: self.model.graph_name(graph).to_owned(),
            variable_usages: (!used.is_empty()).then_some(used),
            operation_kind: Some(kind),
            operation: FetchOperation::from_anonymous_operation(Document {
                operation,
                fragments: Vec::new(),
            }),
            custom_scalar_paths: None,
            requires: None,
            input_rewrites: None,
            output_rewrites,
        }
    }
}

fn asked_entities(
    alias: Option<String>,
    representations: &str,
    selections: SelectionSet,
) -> SelectionItem {
    let variable = Value::Variable(representations.to_owned());
    SelectionItem::Field(FieldSelection {
        name: "_entities".to_owned(),
        selections,
        alias,
        arguments: Some(("representations".to_owned(), variable).into()),
        ..FieldSelection::default()
    })
}

fn representations_type() -> TypeNode {
    let any = TypeNode::NonNull(Box::new(TypeNode::Named("_Any".to_owned())));
    TypeNode::NonNull(Box::new(TypeNode::List(Box::new(any))))
}

fn flattened(path: FlattenNodePath, node: FetchNode) -> PlanNode {
    PlanNode::Flatten(FlattenNode {
        path,
        node: Box::new(PlanNode::Fetch(node)),
    })
}
