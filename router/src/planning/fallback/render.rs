//! Writes a draft as a plan.

use graphql_tools::static_graphql::query::VariableDefinition;
use hive_router_query_planner::ast::document::Document;
use hive_router_query_planner::ast::operation::{
    OperationDefinition, VariableDefinition as PlanVariable,
};
use hive_router_query_planner::ast::selection_set::{
    FieldSelection, InlineFragmentSelection, SelectionSet,
};
use hive_router_query_planner::ast::value::Value;
use hive_router_query_planner::planner::plan_nodes::{
    EntityBatch, FlattenNodePath, KeyRenamer, ParallelNode, SequenceNode, SubscriptionNode,
    ValueSetter,
};
use hive_router_query_planner::state::supergraph_state::TypeNode;
use hive_router_query_planner::utils::cancellation::CancellationToken;
use std::collections::{BTreeMap, BTreeSet};

use super::Failure;
use super::draft::{Draft, Entry, Fetch, FetchKind, Node, NodeId, Selected};
use super::model::Model;
use crate::operation::OperationKind;
use crate::planning::TypeRef;
use crate::planning::plan::{
    BatchFetchNode, EntityBatchAlias, FetchNode, FetchOperation, FlattenNode, FlattenSegment,
    PlanNode, PlannedKind, Rewrite, RewriteSegment, SelectionItem,
};

/// Begins the keys of fields that could not stand under the client's key beside another's.
const RENAMED: &str = "_renamed_";

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
    Ok(match sequence.len() {
        0 | 1 => sequence.pop(),
        _ => Some(PlanNode::Sequence(SequenceNode { nodes: sequence })),
    })
}

struct Writer<'d, 'a> {
    draft: &'d Draft<'a>,
    model: &'d Model,
    variables: &'d [VariableDefinition],
    time: &'d CancellationToken,
    fetches: i64,
}

/// What is written of fetches of entities that ask and tell the same.
struct Entities<'d, 'a> {
    entry: &'d Entry<'a>,
    node: NodeId,
    /// What is told, by the types that are told.
    requires: Vec<SelectionItem>,
    /// The paths, and for which objects on each; for all if there are none.
    places: Vec<(&'d [FlattenSegment], BTreeSet<String>)>,
    selections: SelectionSet,
    /// The selections as text.
    text: String,
    rewrites: Option<Vec<Rewrite>>,
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
            self.time.bail_if_cancelled().map_err(|_| Failure::Time)?;
            graph = fetch.graph;
            match &fetch.kind {
                FetchKind::Root(kind) => stage.extend(self.root(fetch, *kind)?),
                FetchKind::Entities(entry) => {
                    let (selections, rewrites) = self.selections(fetch.node);
                    let text = selections.to_string();
                    let mut known = entities.iter_mut();
                    match known.find(|it| it.is_same(entry, &text, rewrites.as_ref())) {
                        Some(known) => known.add_place(fetch, entry),
                        None => {
                            let mut new = Entities {
                                entry,
                                node: fetch.node,
                                requires: requires(entry),
                                places: Vec::new(),
                                selections,
                                text,
                                rewrites,
                            };
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
        let (selections, rewrites) = self.selections(fetch.node);
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
            let path = serde_json::from_value(serde_json::to_value(&fetch.path)?)?;
            flattened(path, node)
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

    /// What a fetch selects, and how its answer is rewritten.
    fn selections(&self, node: NodeId) -> (SelectionSet, Option<Vec<Rewrite>>) {
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
    fn have_same_fields(&self, a: NodeId, b: NodeId) -> bool {
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

impl<'d> Entities<'d, '_> {
    /// Whether a fetch asks and tells the same, for whatever places.
    fn is_same(&self, entry: &Entry<'_>, text: &str, rewrites: Option<&Vec<Rewrite>>) -> bool {
        self.entry.told_type == entry.told_type
            && (entry.told_type.is_some() || self.entry.objects == entry.objects)
            && self.entry.requires == entry.requires
            && self.rewrites.as_ref() == rewrites
            && self.text == text
    }

    fn add_place(&mut self, fetch: &'d Fetch<'_>, entry: &Entry<'_>) {
        let own = entry.objects.iter().filter(|_| entry.is_conditional);
        let own: BTreeSet<String> = own.map(|it| (*it).to_owned()).collect();
        let known = self.places.iter_mut().find(|(path, _)| *path == fetch.path);
        match known {
            Some((_, objects)) if own.is_empty() || objects.is_empty() => objects.clear(),
            Some((_, objects)) => objects.extend(own),
            None => self.places.push((&fetch.path, own)),
        }
    }

    /// The planner's crate lets its paths be made in no other way than this.
    fn paths(&self) -> Result<Vec<FlattenNodePath>, Failure> {
        let path = |(path, objects): &(&[FlattenSegment], BTreeSet<String>)| {
            let mut path = path.to_vec();
            if !objects.is_empty() {
                path.push(FlattenSegment::TypeCondition(objects.clone()));
            }
            Ok(serde_json::from_value(serde_json::to_value(path)?)?)
        };
        self.places.iter().map(path).collect()
    }

    fn join(&mut self, other: Self) {
        for ((_, objects), (_, more)) in self.places.iter_mut().zip(other.places) {
            objects.extend(more);
        }
        self.requires.extend(other.requires);
        self.selections.items.extend(other.selections.items);
    }

    /// Tells the subgraph another type than the objects' own, if that is how it knows them.
    fn disguise(&self) -> Option<Vec<Rewrite>> {
        self.entry.told_type.map(|told_type| {
            vec![Rewrite::ValueSetter(ValueSetter {
                path: vec![RewriteSegment::Key("__typename".to_owned())],
                set_value_to: told_type.to_owned(),
            })]
        })
    }
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

fn typename() -> SelectionItem {
    SelectionItem::Field(FieldSelection {
        name: "__typename".to_owned(),
        ..FieldSelection::default()
    })
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

fn narrowed(type_name: &str, items: Vec<SelectionItem>) -> SelectionItem {
    SelectionItem::InlineFragment(InlineFragmentSelection {
        type_condition: type_name.to_owned(),
        selections: SelectionSet { items },
        skip_if: None,
        include_if: None,
    })
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
