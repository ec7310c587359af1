//! The names by which the planner knows subgraphs.
//!
//! Of several ways to learn the concrete type of an interface object the planner takes that of the subgraph whose name
//! comes first, whether or not that subgraph knows the implementations. So those that do get names that come first.

use graphql_tools::static_graphql::schema::{Directive, Document, TypeDefinition, Value};
use rustc_hash::{FxHashMap, FxHashSet};

use super::Definition;
use super::apart::own_name;
use super::plan::PlanNode;

/// Comes before whatever a name may begin with.
const FIRST: char = ' ';

/// The subgraphs' own names by those that the planner was given. Empty if it was given their own.
#[derive(Default)]
pub(super) struct SubgraphNames(FxHashMap<String, String>);

impl SubgraphNames {
    /// Renames the subgraphs of a supergraph where their order matters.
    pub fn arrange(document: &mut Document) -> Self {
        let defining = defining_graphs(document);
        let mut names = SubgraphNames::default();
        let mut renamed = FxHashMap::default();
        for definition in &mut document.definitions {
            let Definition::TypeDefinition(TypeDefinition::Enum(graphs)) = definition else {
                continue;
            };
            for value in &mut graphs.values {
                if !defining.contains(value.name.as_str()) {
                    continue;
                }
                let own = value.directives.iter_mut();
                let Some(name) = own.filter(|it| it.name == "join__graph").find_map(name_of) else {
                    continue;
                };
                let first = format!("{FIRST}{name}");
                names.0.insert(first.clone(), name.clone());
                renamed.insert(std::mem::replace(name, first.clone()), first);
            }
        }
        if !renamed.is_empty() {
            rename_in_overrides(document, &renamed);
        }
        names
    }

    /// A subgraph's own name.
    pub fn own<'n>(&'n self, name: &'n str) -> &'n str {
        self.0.get(name).map_or(name, String::as_str)
    }

    /// Gives the fetches of a plan the subgraphs' own names.
    pub fn restore(&self, node: &mut PlanNode) {
        match node {
            PlanNode::Fetch(fetch) => self.restore_name(&mut fetch.service_name),
            PlanNode::BatchFetch(batch) => self.restore_name(&mut batch.service_name),
            PlanNode::Subscription(it) => self.restore_name(&mut it.primary.service_name),
            PlanNode::Flatten(flatten) => self.restore(&mut flatten.node),
            PlanNode::Sequence(it) => it.nodes.iter_mut().for_each(|node| self.restore(node)),
            PlanNode::Parallel(it) => it.nodes.iter_mut().for_each(|node| self.restore(node)),
            PlanNode::Condition(it) => {
                let branches = [&mut it.if_clause, &mut it.else_clause];
                for branch in branches.into_iter().flatten() {
                    self.restore(branch);
                }
            }
            // Never planned: `@defer` is refused as unknown.
            PlanNode::Defer(_) => {}
        }
    }

    fn restore_name(&self, name: &mut String) {
        let own = self.own(own_name(name));
        if own != name {
            *name = own.to_owned();
        }
    }
}

/// The graphs that define an interface which is an object elsewhere.
fn defining_graphs(document: &Document) -> FxHashSet<String> {
    let mut defining = FxHashSet::default();
    for definition in &document.definitions {
        let Definition::TypeDefinition(TypeDefinition::Interface(interface)) = definition else {
            continue;
        };
        let joins = interface.directives.iter();
        let joins = joins.filter(|it| it.name == "join__type");
        let (objects, own): (Vec<_>, Vec<_>) = joins.partition(|it| is_interface_object(it));
        if !objects.is_empty() {
            defining.extend(own.into_iter().filter_map(graph_of));
        }
    }
    defining
}

fn is_interface_object(join: &Directive) -> bool {
    let mut arguments = join.arguments.iter();
    arguments.any(|(name, value)| name == "isInterfaceObject" && *value == Value::Boolean(true))
}

fn graph_of(join: &Directive) -> Option<String> {
    join.arguments.iter().find_map(|(name, value)| match value {
        Value::Enum(graph) if name == "graph" => Some(graph.clone()),
        _ => None,
    })
}

fn name_of(graph: &mut Directive) -> Option<&mut String> {
    text_of(graph, "name")
}

fn text_of<'d>(directive: &'d mut Directive, argument: &str) -> Option<&'d mut String> {
    let mut arguments = directive.arguments.iter_mut();
    arguments.find_map(|(name, value)| match value {
        Value::String(text) if name == argument => Some(text),
        _ => None,
    })
}

fn rename_in_overrides(document: &mut Document, renamed: &FxHashMap<String, String>) {
    for definition in &mut document.definitions {
        let fields = match definition {
            Definition::TypeDefinition(TypeDefinition::Object(object)) => &mut object.fields,
            Definition::TypeDefinition(TypeDefinition::Interface(it)) => &mut it.fields,
            _ => continue,
        };
        let directives = fields.iter_mut().flat_map(|field| &mut field.directives);
        for directive in directives.filter(|it| it.name == "join__field") {
            if let Some(from) = text_of(directive, "override")
                && let Some(new) = renamed.get(from.as_str())
            {
                from.clone_from(new);
            }
        }
    }
}
