//! What the schema says of costs: `@cost` and `@listSize`.

use graphql_tools::static_graphql::schema::{
    Definition, Directive, Document, Field, TypeDefinition, Value,
};
use rustc_hash::FxHashMap;

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
}

/// What is said of a field. Most fields have nothing of it and are not kept.
#[derive(Debug, Default, PartialEq)]
pub(super) struct FieldWeight {
    pub weight: Option<u64>,
    pub list: Option<ListSize>,
    /// Arguments that cost something when they are given.
    pub arguments: Vec<(String, u64)>,
}

/// How long a list is.
#[derive(Debug, Default, PartialEq)]
pub(super) struct ListSize {
    /// Its length where no slicing argument tells.
    pub assumed: Option<u64>,
    /// The arguments that tell its length, with their defaults in the schema.
    pub slicing: Vec<(String, Option<u64>)>,
    /// The fields inside that are lists of this length; empty if the field is one itself.
    pub sized: Vec<String>,
    /// Whether exactly one of the slicing arguments must be given.
    pub requires_one: bool,
}

impl Weights {
    /// Reads a supergraph.
    pub fn read(supergraph: &Document) -> Self {
        let mut weights = Weights::default();
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
                let read = FieldWeight::read(field);
                if read != FieldWeight::default() {
                    let of_type = weights.fields.entry(name.clone()).or_default();
                    of_type.insert(field.name.clone(), read);
                }
            }
        }
        weights
    }

    pub(super) fn field(&self, parent: &str, field: &str) -> Option<&FieldWeight> {
        self.fields.get(parent)?.get(field)
    }

    pub(super) fn of_type(&self, name: &str) -> Option<u64> {
        self.types.get(name).copied()
    }
}

impl FieldWeight {
    fn read(field: &Field) -> Self {
        let arguments = field.arguments.iter();
        FieldWeight {
            weight: weight(&field.directives),
            list: list_size(field).or_else(|| of_connection(field)),
            arguments: arguments
                .filter_map(|it| Some((it.name.clone(), weight(&it.directives)?)))
                .collect(),
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
fn weight(directives: &[Directive]) -> Option<u64> {
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

fn with_default(field: &Field, name: String) -> (String, Option<u64>) {
    let mut arguments = field.arguments.iter();
    let argument = arguments.find(|it| it.name == name);
    let default = argument.and_then(|it| it.default_value.as_ref());
    let default = default.and_then(whole);
    (name, default)
}

fn list_size(field: &Field) -> Option<ListSize> {
    let directive = field.directives.iter().find(|it| is(it, "listSize"))?;
    let slicing = names(argument(directive, "slicingArguments"));
    let requires_one = !matches!(
        argument(directive, "requireOneSlicingArgument"),
        Some(Value::Boolean(false))
    );
    Some(ListSize {
        assumed: argument(directive, "assumedSize").and_then(whole),
        requires_one: requires_one && !slicing.is_empty(),
        slicing: slicing
            .into_iter()
            .map(|name| with_default(field, name))
            .collect(),
        sized: names(argument(directive, "sizedFields")),
    })
}

fn of_connection(field: &Field) -> Option<ListSize> {
    let mut field_type = &field.field_type;
    while let graphql_tools::static_graphql::schema::Type::NonNullType(inner) = field_type {
        field_type = inner;
    }
    let is_connection = matches!(field_type,
        graphql_tools::static_graphql::schema::Type::NamedType(name) if name.ends_with(CONNECTION));
    let takes = |name: &&str| field.arguments.iter().any(|it| it.name == *name);
    let slicing: Vec<&str> = CONNECTION_ARGUMENTS.into_iter().filter(takes).collect();
    (is_connection && !slicing.is_empty()).then(|| ListSize {
        assumed: None,
        slicing: slicing
            .into_iter()
            .map(|name| with_default(field, name.to_owned()))
            .collect(),
        sized: CONNECTION_LISTS.map(str::to_owned).to_vec(),
        requires_one: false,
    })
}
