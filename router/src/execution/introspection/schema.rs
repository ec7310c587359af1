//! The types, fields, inputs and directives of the schema, as introspection tells them.

use graphql_tools::static_graphql::query::SelectionSet;
use graphql_tools::static_graphql::schema::{
    DirectiveDefinition, EnumValue, Field as FieldDefinition, InputValue, Type, TypeDefinition,
};
use serde_json::Value;

use super::elements::{deprecation, description, is_deprecated, kind, text};
use super::{Asked, Introspection};
use crate::planning::Definition;
use crate::planning::public_schema::{directive_argument, type_name};

impl<'a> Introspection<'a> {
    pub(super) fn schema_object(&self, sets: &[&'a SelectionSet]) -> Value {
        let document = self.schema.document();
        let named = |name: Option<&str>, sets: &[&'a SelectionSet]| {
            let definition = name.and_then(|name| self.schema.definition(name));
            definition.map_or(Value::Null, |definition| self.definition(definition, sets))
        };
        self.object(sets, "__Schema", |asked| match asked.field.name.as_str() {
            "types" => {
                let types = document.definitions.iter().filter_map(|it| match it {
                    Definition::TypeDefinition(it) => Some(self.definition(it, &asked.sets)),
                    _ => None,
                });
                types.collect()
            }
            "directives" => {
                let directives = document.definitions.iter().filter_map(|it| match it {
                    Definition::DirectiveDefinition(it) => Some(self.directive(it, &asked.sets)),
                    _ => None,
                });
                directives.collect()
            }
            "queryType" => named(Some(self.schema.query_type()), &asked.sets),
            "mutationType" => named(self.schema.mutation_type().map(AsRef::as_ref), &asked.sets),
            "subscriptionType" => {
                let name = document.subscription_type_name().map(String::as_str);
                named(name, &asked.sets)
            }
            _ => Value::Null,
        })
    }

    fn type_reference(&self, reference: &Type, sets: &[&'a SelectionSet]) -> Value {
        let (kind, inner) = match reference {
            Type::NamedType(name) => {
                let definition = self.schema.definition(name);
                return definition.map_or(Value::Null, |it| self.definition(it, sets));
            }
            Type::ListType(inner) => ("LIST", inner),
            Type::NonNullType(inner) => ("NON_NULL", inner),
        };
        self.object(sets, "__Type", |asked| match asked.field.name.as_str() {
            "kind" => kind.into(),
            "ofType" => self.type_reference(inner, &asked.sets),
            _ => Value::Null,
        })
    }

    pub(super) fn definition(
        &self,
        definition: &TypeDefinition,
        sets: &[&'a SelectionSet],
    ) -> Value {
        self.object(sets, "__Type", |asked| match asked.field.name.as_str() {
            "kind" => kind(definition).into(),
            "name" => type_name(definition).into(),
            "description" => description(definition).into(),
            "specifiedByURL" => match definition {
                TypeDefinition::Scalar(scalar) => {
                    text(directive_argument(&scalar.directives, "specifiedBy", "url"))
                }
                _ => Value::Null,
            },
            "isOneOf" => match definition {
                TypeDefinition::InputObject(input) => {
                    input.directives.iter().any(|it| it.name == "oneOf").into()
                }
                _ => Value::Null,
            },
            "fields" => match definition {
                TypeDefinition::Object(object) => self.fields(&object.fields, asked),
                TypeDefinition::Interface(interface) => self.fields(&interface.fields, asked),
                _ => Value::Null,
            },
            "interfaces" => match definition {
                TypeDefinition::Object(object) => {
                    self.types(&object.implements_interfaces, &asked.sets)
                }
                TypeDefinition::Interface(interface) => {
                    self.types(&interface.implements_interfaces, &asked.sets)
                }
                _ => Value::Null,
            },
            "possibleTypes" => match definition {
                TypeDefinition::Interface(interface) => {
                    self.implementations(&interface.name, &asked.sets)
                }
                TypeDefinition::Union(union) => self.types(&union.types, &asked.sets),
                _ => Value::Null,
            },
            "enumValues" => match definition {
                TypeDefinition::Enum(it) => self.enum_values(&it.values, asked),
                _ => Value::Null,
            },
            "inputFields" => match definition {
                TypeDefinition::InputObject(it) => self.input_values(&it.fields, asked),
                _ => Value::Null,
            },
            _ => Value::Null,
        })
    }

    fn types(&self, names: &[String], sets: &[&'a SelectionSet]) -> Value {
        let definitions = names.iter().filter_map(|name| self.schema.definition(name));
        definitions
            .map(|definition| self.definition(definition, sets))
            .collect()
    }

    fn implementations(&self, interface: &str, sets: &[&'a SelectionSet]) -> Value {
        let implements = |definition: &Definition| match definition {
            Definition::TypeDefinition(TypeDefinition::Object(object)) => {
                let mut interfaces = object.implements_interfaces.iter();
                interfaces
                    .any(|name| name == interface)
                    .then(|| object.name.clone())
            }
            _ => None,
        };
        let names: Vec<String> = self
            .schema
            .document()
            .definitions
            .iter()
            .filter_map(implements)
            .collect();
        self.types(&names, sets)
    }

    fn fields(&self, fields: &[FieldDefinition], asked: &Asked<'a>) -> Value {
        let all = self.include_deprecated(asked.field);
        let listed = fields.iter().filter(|field| {
            // `__schema` and `__type` stand on the query type, but are not listed.
            !field.name.starts_with("__") && (all || !is_deprecated(&field.directives))
        });
        let field = |field: &FieldDefinition| {
            self.object(&asked.sets, "__Field", |asked| {
                match asked.field.name.as_str() {
                    "name" => field.name.as_str().into(),
                    "description" => field.description.clone().into(),
                    "args" => self.input_values(&field.arguments, asked),
                    "type" => self.type_reference(&field.field_type, &asked.sets),
                    other => deprecation(&field.directives, other),
                }
            })
        };
        listed.map(field).collect()
    }

    fn input_values(&self, values: &[InputValue], asked: &Asked<'a>) -> Value {
        let all = self.include_deprecated(asked.field);
        let listed = values
            .iter()
            .filter(|value| all || !is_deprecated(&value.directives));
        let value = |value: &InputValue| {
            self.object(&asked.sets, "__InputValue", |asked| {
                match asked.field.name.as_str() {
                    "name" => value.name.as_str().into(),
                    "description" => value.description.clone().into(),
                    "type" => self.type_reference(&value.value_type, &asked.sets),
                    "defaultValue" => value.default_value.as_ref().map(ToString::to_string).into(),
                    other => deprecation(&value.directives, other),
                }
            })
        };
        listed.map(value).collect()
    }

    fn enum_values(&self, values: &[EnumValue], asked: &Asked<'a>) -> Value {
        let all = self.include_deprecated(asked.field);
        let listed = values
            .iter()
            .filter(|value| all || !is_deprecated(&value.directives));
        let value = |value: &EnumValue| {
            self.object(&asked.sets, "__EnumValue", |asked| {
                match asked.field.name.as_str() {
                    "name" => value.name.as_str().into(),
                    "description" => value.description.clone().into(),
                    other => deprecation(&value.directives, other),
                }
            })
        };
        listed.map(value).collect()
    }

    fn directive(&self, directive: &DirectiveDefinition, sets: &[&'a SelectionSet]) -> Value {
        self.object(sets, "__Directive", |asked| {
            match asked.field.name.as_str() {
                "name" => directive.name.as_str().into(),
                "description" => directive.description.clone().into(),
                "isRepeatable" => directive.repeatable.into(),
                "locations" => directive
                    .locations
                    .iter()
                    .map(|it| Value::from(it.as_str()))
                    .collect(),
                "args" => self.input_values(&directive.arguments, asked),
                _ => Value::Null,
            }
        })
    }
}
