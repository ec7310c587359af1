//! Sees to it that entities are asked for by a key of the subgraph that is asked.
//!
//! The planner may ask for a field with `@requires` by the key of the subgraph that it comes from, which the other need
//! not know. Its plan fetches the right key beforehand all the same, so naming it is all that is missing.

use graphql_tools::static_graphql::query;
use graphql_tools::static_graphql::schema::{Directive, Document, TypeDefinition, Value};
use hive_router_query_planner::ast::selection_set::SelectionSet;
use rustc_hash::FxHashMap;

use super::Definition;
use super::plan::{PlanNode, SelectionItem};

/// The resolvable keys of each subgraph, by subgraph and type.
pub(super) struct EntityKeys(FxHashMap<String, FxHashMap<String, Vec<SelectionSet>>>);

impl EntityKeys {
    /// Reads the keys of a supergraph.
    pub fn read(document: &Document) -> Self {
        let names = graph_names(document);
        let mut keys = EntityKeys(FxHashMap::default());
        for definition in &document.definitions {
            let (type_name, directives) = match definition {
                Definition::TypeDefinition(TypeDefinition::Object(it)) => {
                    (&it.name, &it.directives)
                }
                Definition::TypeDefinition(TypeDefinition::Interface(it)) => {
                    (&it.name, &it.directives)
                }
                _ => continue,
            };
            for join in directives.iter().filter(|it| it.name == "join__type") {
                let is_resolvable = argument(join, "resolvable") != Some(&Value::Boolean(false));
                let (Some(Value::Enum(graph)), Some(Value::String(fields)), true) = (
                    argument(join, "graph"),
                    argument(join, "key"),
                    is_resolvable,
                ) else {
                    continue;
                };
                if let (Some(name), Some(selection)) = (names.get(graph), read_fields(fields)) {
                    let of_graph = keys.0.entry(name.clone()).or_default();
                    of_graph
                        .entry(type_name.clone())
                        .or_default()
                        .push(selection);
                }
            }
        }
        keys
    }

    /// Adds the keys to what the fetches of a plan tell of entities, where they tell no whole key.
    pub fn complete(&self, node: &mut PlanNode) {
        match node {
            PlanNode::Fetch(fetch) => {
                if let Some(requires) = &mut fetch.requires {
                    self.complete_selection(&fetch.service_name, requires);
                }
            }
            PlanNode::BatchFetch(batch) => {
                for alias in &mut batch.entity_batch.aliases {
                    self.complete_selection(&batch.service_name, &mut alias.requires);
                }
            }
            PlanNode::Flatten(flatten) => self.complete(&mut flatten.node),
            PlanNode::Sequence(it) => it.nodes.iter_mut().for_each(|node| self.complete(node)),
            PlanNode::Parallel(it) => it.nodes.iter_mut().for_each(|node| self.complete(node)),
            PlanNode::Condition(it) => {
                let branches = [&mut it.if_clause, &mut it.else_clause];
                for branch in branches.into_iter().flatten() {
                    self.complete(branch);
                }
            }
            PlanNode::Subscription(_) | PlanNode::Defer(_) => {}
        }
    }

    fn complete_selection(&self, service: &str, requires: &mut SelectionSet) {
        for item in &mut requires.items {
            let SelectionItem::InlineFragment(fragment) = item else {
                continue;
            };
            let keys = self.0.get(service);
            let Some(keys) = keys.and_then(|it| it.get(&fragment.type_condition)) else {
                continue;
            };
            let told = &mut fragment.selections.items;
            if !keys.iter().any(|key| covers(told, &key.items)) {
                let missing = keys.iter().flat_map(|key| key.items.iter().cloned());
                told.extend(missing.collect::<Vec<_>>());
            }
        }
    }
}

/// Whether all that the key selects is told.
fn covers(told: &[SelectionItem], key: &[SelectionItem]) -> bool {
    key.iter().all(|wanted| match wanted {
        SelectionItem::Field(wanted) => told.iter().any(|item| match item {
            SelectionItem::Field(field) => {
                field.name == wanted.name
                    && covers(&field.selections.items, &wanted.selections.items)
            }
            SelectionItem::InlineFragment(_) | SelectionItem::FragmentSpread(_) => false,
        }),
        SelectionItem::InlineFragment(_) | SelectionItem::FragmentSpread(_) => true,
    })
}

fn graph_names(document: &Document) -> FxHashMap<String, String> {
    let mut names = FxHashMap::default();
    for definition in &document.definitions {
        let Definition::TypeDefinition(TypeDefinition::Enum(graphs)) = definition else {
            continue;
        };
        for value in &graphs.values {
            let mut named = value
                .directives
                .iter()
                .filter(|it| it.name == "join__graph");
            if let Some(Value::String(name)) = named.find_map(|it| argument(it, "name")) {
                names.insert(value.name.clone(), name.clone());
            }
        }
    }
    names
}

fn argument<'d>(directive: &'d Directive, name: &str) -> Option<&'d Value> {
    let mut arguments = directive.arguments.iter();
    arguments.find_map(|(argument, value)| (argument == name).then_some(value))
}

fn read_fields(fields: &str) -> Option<SelectionSet> {
    let text = format!("{{{fields}}}");
    let document = graphql_tools::parser::parse_query::<String>(&text).ok()?;
    match document.into_static().definitions.into_iter().next()? {
        query::Definition::Operation(query::OperationDefinition::SelectionSet(set)) => {
            Some(set.into())
        }
        _ => None,
    }
}
