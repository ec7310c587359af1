//! A schema with what arguments need: their types, input objects and enums.

use graphql_tools::static_graphql::schema::{Definition, InputValue, Type, TypeDefinition};
use serde_json::{Map, Value};
use std::collections::HashMap;

use crate::world::Schema;
use crate::world::written::constant;

pub struct Types {
    pub schema: Schema,
    /// By type and field.
    arguments: HashMap<(String, String), Vec<InputValue>>,
    pub inputs: HashMap<String, Vec<InputValue>>,
    pub enums: HashMap<String, Vec<String>>,
}

impl Types {
    pub fn read(sdl: &str) -> Self {
        let schema = Schema::read(sdl);
        let mut arguments = HashMap::new();
        let mut inputs = HashMap::new();
        let mut enums = HashMap::new();
        for definition in &schema.document.definitions {
            match definition {
                Definition::TypeDefinition(TypeDefinition::Object(it)) => {
                    for field in &it.fields {
                        let key = (it.name.clone(), field.name.clone());
                        arguments.insert(key, field.arguments.clone());
                    }
                }
                Definition::TypeDefinition(TypeDefinition::InputObject(it)) => {
                    inputs.insert(it.name.clone(), it.fields.clone());
                }
                Definition::TypeDefinition(TypeDefinition::Enum(it)) => {
                    let values = it.values.iter().map(|it| it.name.clone());
                    enums.insert(it.name.clone(), values.collect());
                }
                _ => {}
            }
        }
        Types {
            schema,
            arguments,
            inputs,
            enums,
        }
    }

    pub fn arguments(&self, type_name: &str, field: &str) -> &[InputValue] {
        let key = (type_name.to_owned(), field.to_owned());
        self.arguments.get(&key).map_or(&[], Vec::as_slice)
    }

    /// The object types that a value of the type may have.
    pub fn objects(&self, name: &str) -> Vec<&str> {
        let types = self.schema.types.iter();
        types
            .filter(|(it, info)| info.is_object && self.schema.fits(it, name))
            .map(|(it, _)| it.as_str())
            .collect()
    }

    pub fn is_composite(&self, name: &str) -> bool {
        self.schema
            .types
            .get(name)
            .is_some_and(|it| it.is_composite)
    }

    /// A given value as a resolver sees it: one item for a list of one, a number for the text of an id, what was left out by
    /// its default.
    pub fn coerce(&self, value: Value, ty: &Type) -> Value {
        match (ty, value) {
            (Type::NonNullType(inner), value) => self.coerce(value, inner),
            (_, Value::Null) => Value::Null,
            (Type::ListType(inner), Value::Array(items)) => {
                items.into_iter().map(|it| self.coerce(it, inner)).collect()
            }
            (Type::ListType(inner), value) => Value::Array(vec![self.coerce(value, inner)]),
            (Type::NamedType(name), Value::Object(given)) if self.inputs.contains_key(name) => {
                Value::Object(self.with_defaults(&self.inputs[name], given))
            }
            (Type::NamedType(name), Value::Number(number)) if name == "ID" => {
                number.to_string().into()
            }
            (Type::NamedType(_), value) => value,
        }
    }

    /// What is given, in the order of the names, and the defaults of what is not.
    pub fn with_defaults(
        &self,
        wanted: &[InputValue],
        mut given: Map<String, Value>,
    ) -> Map<String, Value> {
        let mut out: Vec<(String, Value)> = Vec::new();
        for input in wanted {
            let default = || input.default_value.as_ref().map(constant);
            if let Some(value) = given.shift_remove(&input.name).or_else(default) {
                out.push((input.name.clone(), self.coerce(value, &input.value_type)));
            }
        }
        assert!(given.is_empty(), "nobody knows {given:?}");
        out.sort_by(|(a, _), (b, _)| a.cmp(b));
        out.into_iter().collect()
    }
}

pub fn inner_name(ty: &Type) -> &str {
    match ty {
        Type::NamedType(name) => name,
        Type::ListType(inner) | Type::NonNullType(inner) => inner_name(inner),
    }
}
