//! What the schema says of costs: `@cost` and `@listSize`.

use graphql_tools::static_graphql::schema::{
    Definition, Directive, Document, Field, TypeDefinition, Value,
};
use rustc_hash::FxHashMap;
use std::sync::Arc;

use super::inputs::{InputWeights, inner_name};

/// The ending of types that page through a list.
const CONNECTION: &str = "Connection";
/// The arguments by which a connection is cut.
const CONNECTION_ARGUMENTS: [&str; 2] = ["first", "last"];
/// The lists of a connection.
const CONNECTION_LISTS: [&str; 2] = ["edges", "nodes"];

/// The costs of a schema. A directive may stand under its own name or under that of its specification,
/// as `@federation__cost`.
#[derive(Debug, Default)]
pub(crate) struct Weights {
    fields: FxHashMap<String, FxHashMap<String, FieldWeight>>,
    types: FxHashMap<String, u64>,
    inputs: Arc<InputWeights>,
}

/// What is said of a field. Most fields have nothing of it and are not kept.
#[derive(Debug, Default, PartialEq)]
pub(super) struct FieldWeight {
    pub weight: Option<u64>,
    pub list: Option<ListSize>,
    /// Arguments that cost something when they are given.
    pub arguments: Vec<ArgumentWeight>,
}

/// What an argument costs when it is given.
#[derive(Debug, PartialEq)]
pub(super) struct ArgumentWeight {
    pub name: String,
    pub weight: u64,
    /// Its type without lists, whose fields may cost more.
    pub type_name: String,
}

/// How long a list is.
#[derive(Debug, Default, PartialEq)]
pub(super) struct ListSize {
    /// Its length where no slicing argument tells.
    pub assumed: Option<u64>,
    /// The arguments that tell its length.
    pub slicing: Vec<Slicing>,
    /// The fields inside that are lists of this length; empty if the field is one itself.
    pub sized: Vec<String>,
    /// Whether exactly one of the slicing arguments must be given.
    pub requires_one: bool,
    /// Whether it is a connection of which the schema says nothing.
    pub is_page: bool,
}

/// An argument that tells the length of a list.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Slicing {
    /// Its name, and those of the fields in it where it is an input object.
    pub path: Vec<String>,
    /// Its default in the schema.
    pub default: Option<u64>,
}

impl Weights {
    /// Reads a supergraph.
    pub fn read(supergraph: &Document) -> Self {
        let inputs = Arc::new(InputWeights::read(supergraph));
        let mut weights = Weights {
            inputs: Arc::clone(&inputs),
            ..Weights::default()
        };
        for definition in &supergraph.definitions {
            let Definition::TypeDefinition(definition) = definition else {
                continue;
            };
            let (name, directives, fields) = match definition {
                TypeDefinition::Object(it) => (&it.name, &it.directives, &it.fields[..]),
                TypeDefinition::Interface(it) => (&it.name, &it.directives, &it.fields[..]),
                TypeDefinition::Scalar(it) => (&it.name, &it.directives, &[][..]),
                TypeDefinition::Enum(it) => (&it.name, &it.directives, &[][..]),
                TypeDefinition::Union(it) => (&it.name, &it.directives, &[][..]),
                TypeDefinition::InputObject(_) => continue,
            };
            if let Some(weight) = weight(directives) {
                weights.types.insert(name.clone(), weight);
            }
            for field in fields {
                let read = FieldWeight::read(field, &inputs);
                if read != FieldWeight::default() {
                    let of_type = weights.fields.entry(name.clone()).or_default();
                    of_type.insert(field.name.clone(), read);
                }
            }
        }
        weights.raise_interfaces(supergraph);
        weights
    }

    /// A field of an interface, which has no weight of its own, weighs what the heaviest of its objects' does.
    fn raise_interfaces(&mut self, supergraph: &Document) {
        for definition in &supergraph.definitions {
            let Definition::TypeDefinition(TypeDefinition::Object(object)) = definition else {
                continue;
            };
            let of_object = self.fields.get(&object.name).into_iter().flatten();
            let heavy: Vec<(String, u64)> = of_object
                .filter_map(|(name, said)| Some((name.clone(), said.weight?)))
                .collect();
            for interface in &object.implements_interfaces {
                for (name, weight) in &heavy {
                    let of_interface = self.fields.entry(interface.clone()).or_default();
                    let said = of_interface.entry(name.clone()).or_default();
                    said.weight = said.weight.max(Some(*weight));
                }
            }
        }
    }

    pub(super) fn inputs(&self) -> &Arc<InputWeights> {
        &self.inputs
    }

    pub(super) fn field(&self, parent: &str, field: &str) -> Option<&FieldWeight> {
        self.fields.get(parent)?.get(field)
    }

    pub(super) fn of_type(&self, name: &str) -> Option<u64> {
        self.types.get(name).copied()
    }
}

impl FieldWeight {
    fn read(field: &Field, inputs: &InputWeights) -> Self {
        let arguments = field.arguments.iter().filter_map(|argument| {
            let weight = weight(&argument.directives);
            let type_name = inner_name(&argument.value_type);
            let costs = weight.is_some() || inputs.is_costly(type_name);
            costs.then(|| ArgumentWeight {
                name: argument.name.clone(),
                weight: weight.unwrap_or(0),
                type_name: type_name.to_owned(),
            })
        });
        FieldWeight {
            weight: weight(&field.directives),
            list: list_size(field, inputs).or_else(|| of_connection(field, inputs)),
            arguments: arguments.collect(),
        }
    }
}

fn is(directive: &Directive, name: &str) -> bool {
    directive.name.rsplit("__").next() == Some(name)
        && matches!(
            directive.name.split_once("__").map(|(before, _)| before),
            None | Some("federation" | "cost")
        )
}

fn argument<'d>(directive: &'d Directive, name: &str) -> Option<&'d Value> {
    let mut arguments = directive.arguments.iter();
    arguments.find_map(|(it, value)| (it == name).then_some(value))
}

/// The specification writes weights as texts, federation as whole numbers. A negative weight is none.
pub(super) fn weight(directives: &[Directive]) -> Option<u64> {
    let directive = directives.iter().find(|it| is(it, "cost"))?;
    match argument(directive, "weight")? {
        Value::String(text) => text.parse().ok(),
        value => whole(value),
    }
}

pub(super) fn whole(value: &Value) -> Option<u64> {
    match value {
        Value::Int(number) => Some(u64::try_from(number.as_i64()?).unwrap_or(0)),
        _ => None,
    }
}

fn names(value: Option<&Value>) -> Vec<String> {
    let Some(Value::List(items)) = value else {
        return Vec::new();
    };
    let name = |item: &Value| match item {
        Value::String(name) => Some(name.clone()),
        _ => None,
    };
    items.iter().filter_map(name).collect()
}

/// An argument, or `input.first`, a field of one.
fn slicing(field: &Field, name: &str, inputs: &InputWeights) -> Slicing {
    let path: Vec<String> = name.split('.').map(str::to_owned).collect();
    let mut arguments = field.arguments.iter();
    let argument = arguments.find(|it| path.first() == Some(&it.name));
    let mut default = argument.and_then(|it| whole(it.default_value.as_ref()?));
    let mut type_name = argument.map(|it| inner_name(&it.value_type));
    for step in path.iter().skip(1) {
        let inner = type_name.and_then(|it| inputs.field(it, step));
        default = inner.and_then(|it| it.default);
        type_name = inner.map(|it| it.type_name.as_str());
    }
    Slicing { path, default }
}

fn list_size(field: &Field, inputs: &InputWeights) -> Option<ListSize> {
    let directive = field.directives.iter().find(|it| is(it, "listSize"))?;
    let arguments = names(argument(directive, "slicingArguments"));
    let requires_one = !matches!(
        argument(directive, "requireOneSlicingArgument"),
        Some(Value::Boolean(false))
    );
    Some(ListSize {
        assumed: argument(directive, "assumedSize").and_then(whole),
        requires_one: requires_one && !arguments.is_empty(),
        slicing: arguments
            .iter()
            .map(|name| slicing(field, name, inputs))
            .collect(),
        sized: names(argument(directive, "sizedFields")),
        is_page: false,
    })
}

fn of_connection(field: &Field, inputs: &InputWeights) -> Option<ListSize> {
    let mut field_type = &field.field_type;
    while let graphql_tools::static_graphql::schema::Type::NonNullType(inner) = field_type {
        field_type = inner;
    }
    let is_connection = matches!(field_type,
        graphql_tools::static_graphql::schema::Type::NamedType(name) if name.ends_with(CONNECTION));
    let takes = |name: &&str| field.arguments.iter().any(|it| it.name == *name);
    let arguments: Vec<&str> = CONNECTION_ARGUMENTS.into_iter().filter(takes).collect();
    (is_connection && !arguments.is_empty()).then(|| ListSize {
        assumed: None,
        slicing: arguments
            .iter()
            .map(|name| slicing(field, name, inputs))
            .collect(),
        sized: CONNECTION_LISTS.map(str::to_owned).to_vec(),
        requires_one: false,
        is_page: true,
    })
}
