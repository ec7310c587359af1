//! What input objects cost: `@cost` on their fields.

use graphql_tools::static_graphql::schema::{Definition, Document, Type, TypeDefinition};
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value as Json;

use super::weights::{weight, whole};

/// The fields of a schema's input objects.
#[derive(Debug, Default, PartialEq)]
pub(super) struct InputWeights {
    types: FxHashMap<String, FxHashMap<String, InputField>>,
    /// The types that have a weight somewhere inside.
    costly: FxHashSet<String>,
}

/// A field of an input object.
#[derive(Debug, PartialEq)]
pub(super) struct InputField {
    /// What it costs when it is given.
    pub weight: u64,
    /// Its type without lists.
    pub type_name: String,
    /// Its default, if that is a whole number.
    pub default: Option<u64>,
}

impl InputWeights {
    pub fn read(supergraph: &Document) -> Self {
        let mut weights = InputWeights::default();
        for definition in &supergraph.definitions {
            let Definition::TypeDefinition(TypeDefinition::InputObject(object)) = definition else {
                continue;
            };
            let fields = object.fields.iter().map(|field| {
                let read = InputField {
                    weight: weight(&field.directives).unwrap_or(0),
                    type_name: inner_name(&field.value_type).to_owned(),
                    default: field.default_value.as_ref().and_then(whole),
                };
                (field.name.clone(), read)
            });
            weights.types.insert(object.name.clone(), fields.collect());
        }
        // Types may contain each other, so it is looked until nothing more is found.
        loop {
            let more: Vec<String> = weights
                .types
                .iter()
                .filter(|(name, _)| !weights.is_costly(name))
                .filter(|(_, fields)| {
                    let mut fields = fields.values();
                    fields.any(|it| it.weight > 0 || weights.is_costly(&it.type_name))
                })
                .map(|(name, _)| name.clone())
                .collect();
            if more.is_empty() {
                return weights;
            }
            weights.costly.extend(more);
        }
    }

    pub fn is_costly(&self, type_name: &str) -> bool {
        self.costly.contains(type_name)
    }

    pub fn field(&self, type_name: &str, field: &str) -> Option<&InputField> {
        self.types.get(type_name)?.get(field)
    }

    /// What the input objects of this type in a value cost.
    pub fn cost(&self, type_name: &str, value: &Json) -> u64 {
        if !self.is_costly(type_name) {
            return 0;
        }
        let costs: &mut dyn Iterator<Item = u64> = match value {
            Json::Array(items) => &mut items.iter().map(|item| self.cost(type_name, item)),
            Json::Object(fields) => &mut fields.iter().map(|(name, value)| {
                let field = self.field(type_name, name);
                field.map_or(0, |field| {
                    let inside = self.cost(&field.type_name, value);
                    field.weight.saturating_add(inside)
                })
            }),
            _ => return 0,
        };
        costs.fold(0, u64::saturating_add)
    }
}

pub(super) fn inner_name(mut read: &Type) -> &str {
    loop {
        match read {
            Type::NamedType(name) => return name,
            Type::ListType(inner) | Type::NonNullType(inner) => read = inner,
        }
    }
}
