//! Another view of a supergraph, for operations of which the planner finds no plan in the plain one.
//!
//! The planner gets lost where a field with `@requires` belongs to an object that its subgraph has just reached from
//! another object of the same type, as an author of a review of an author. Here every subgraph has a twin, and the fields
//! that require something are the twin's: the way to them leads out of the subgraph and in again, which is what has to
//! happen anyway. Such plans are right, but may take a fetch more.

use graphql_tools::static_graphql::schema::{
    Directive, Document, EnumValue, Field, TypeDefinition, Value,
};

use super::Definition;

/// Ends the names of twins. No subgraph's name has it.
const TWIN: &str = "\u{1}";
/// Ends the twins' values in the enum of subgraphs.
const TWIN_VALUE: &str = "__twin";

/// Gives every subgraph a twin; answers false if no field requires anything.
pub(super) fn take_apart(document: &mut Document, query: &str) -> bool {
    let mut requires = false;
    for definition in &mut document.definitions {
        let Definition::TypeDefinition(definition) = definition else {
            continue;
        };
        match definition {
            TypeDefinition::Enum(it) if it.name == "join__Graph" => {
                let twins: Vec<EnumValue> = it.values.iter().filter_map(twin).collect();
                it.values.extend(twins);
            }
            TypeDefinition::Enum(it) => {
                double(&mut it.directives);
                for value in &mut it.values {
                    double(&mut value.directives);
                }
            }
            TypeDefinition::Object(it) => {
                let is_root =
                    it.name == query || matches!(it.name.as_str(), "Mutation" | "Subscription");
                // A twin is reached by keys alone.
                if !is_root {
                    requires |= double_fields(&it.directives, &mut it.fields);
                    double(&mut it.directives);
                }
            }
            TypeDefinition::Interface(it) => {
                requires |= double_fields(&it.directives, &mut it.fields);
                double(&mut it.directives);
            }
            TypeDefinition::Union(it) => double(&mut it.directives),
            TypeDefinition::Scalar(it) => double(&mut it.directives),
            TypeDefinition::InputObject(it) => {
                double(&mut it.directives);
                for field in &mut it.fields {
                    double(&mut field.directives);
                }
            }
        }
    }
    requires
}

/// The own name of a subgraph, whether it is a twin's or not.
pub(super) fn own_name(name: &str) -> &str {
    name.strip_suffix(TWIN).unwrap_or(name)
}

fn twin(value: &EnumValue) -> Option<EnumValue> {
    let mut twin = value.clone();
    twin.name.push_str(TWIN_VALUE);
    let arguments = twin.directives.iter_mut().flat_map(|it| &mut it.arguments);
    let mut names = arguments.filter_map(|(name, value)| match value {
        Value::String(text) if name == "name" => Some(text),
        _ => None,
    });
    names.next()?.push_str(TWIN);
    Some(twin)
}

/// Says of the twins what is said of the subgraphs.
fn double(directives: &mut Vec<Directive>) {
    let twins: Vec<Directive> = directives.iter().filter_map(of_twin).collect();
    directives.extend(twins);
}

/// Says of the twins what is said of the subgraphs, but of entities they have only what requires something, and what
/// it takes to ask for it. That is theirs alone. Answers whether there is any.
fn double_fields(type_joins: &[Directive], fields: &mut [Field]) -> bool {
    let mut requires = false;
    for field in fields {
        if !field.directives.iter().any(|it| it.name == "join__field") {
            // Every subgraph with the type has it, which would be the twins as well.
            let graphs = type_joins.iter().filter_map(graph_of);
            let mut graphs: Vec<&str> = graphs.collect();
            graphs.dedup();
            let joins = graphs.into_iter().map(|graph| Directive {
                position: field.position,
                name: "join__field".to_owned(),
                arguments: vec![("graph".to_owned(), Value::Enum(graph.to_owned()))],
            });
            field.directives.extend(joins);
        }
        let wanted = field.directives.iter().filter(|join| {
            let Some(graph) = graph_of(join) else {
                return false;
            };
            let keys: Vec<&str> = keys_of(type_joins, graph).collect();
            let in_key = keys.iter().any(|key| {
                let mut names = key.split(|char: char| !char.is_alphanumeric() && char != '_');
                names.any(|name| name == field.name)
            });
            keys.is_empty() || in_key || has(join, "requires") || has(join, "external")
        });
        let twins: Vec<Directive> = wanted.filter_map(of_twin).collect();
        let before = field.directives.len();
        field.directives.retain(|it| !has(it, "requires"));
        requires |= field.directives.len() < before;
        field.directives.extend(twins);
    }
    requires
}

fn has(directive: &Directive, argument: &str) -> bool {
    directive.arguments.iter().any(|(name, _)| name == argument)
}

fn graph_of(directive: &Directive) -> Option<&str> {
    directive
        .arguments
        .iter()
        .find_map(|(name, value)| match value {
            Value::Enum(graph) if name == "graph" => Some(graph.as_str()),
            _ => None,
        })
}

fn keys_of<'d>(type_joins: &'d [Directive], graph: &'d str) -> impl Iterator<Item = &'d str> {
    let of_graph = type_joins
        .iter()
        .filter(move |it| it.name == "join__type" && graph_of(it) == Some(graph));
    of_graph
        .flat_map(|it| &it.arguments)
        .filter_map(|(name, value)| match value {
            Value::String(key) if name == "key" => Some(key.as_str()),
            _ => None,
        })
}

fn of_twin(directive: &Directive) -> Option<Directive> {
    let mut twin = directive.clone();
    let mut graphs = twin
        .arguments
        .iter_mut()
        .filter_map(|(name, value)| match value {
            Value::Enum(graph) if name == "graph" => Some(graph),
            _ => None,
        });
    graphs.next()?.push_str(TWIN_VALUE);
    Some(twin)
}
