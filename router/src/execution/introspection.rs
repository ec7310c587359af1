//! Answers `__schema` and `__type` from the public schema.
//!
//! The answer is a tree like that of a subgraph, under the client's response keys; the projection
//! then applies `@skip`, `@include` and order, as for everything else.

use graphql_tools::parser::query::Definition as QueryDefinition;
use graphql_tools::static_graphql::query::{
    Document, Field, Selection, SelectionSet, Value as Ast,
};
use graphql_tools::static_graphql::schema::{
    Directive, DirectiveDefinition, EnumValue, Field as FieldDefinition, InputValue, Type,
    TypeDefinition, Value as SchemaValue,
};
use indexmap::IndexMap;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::cell::Cell;

use crate::error::{GraphQLError, Refusal, code};
use crate::planning::public_schema::{directive_argument, type_name};
use crate::planning::{Definition, Schema};

/// The reason of a deprecation that gives none, see the specification of `@deprecated`.
const NO_REASON: &str = "No longer supported";

/// The introspection part of one operation, being answered.
pub(crate) struct Introspection<'a> {
    pub schema: &'a Schema,
    /// The operation's document, for its fragments.
    pub document: &'a Document,
    /// Coerced values of its variables.
    pub variables: &'a Map<String, Value>,
    /// Selections that may still be looked at.
    budget: Cell<usize>,
}

/// Selections that are looked at for each definition of the schema. The standard introspection
/// query needs about 30.
const SELECTIONS_PER_DEFINITION: usize = 200;
/// Selections that may be looked at however small the schema is.
const SELECTIONS_AT_LEAST: usize = 20_000;

/// A field of the introspection schema as it was asked for.
struct Asked<'a> {
    field: &'a Field,
    sets: Vec<&'a SelectionSet>,
}

/// Fields by the keys under which their values are kept.
type AskedFields<'a> = IndexMap<Cow<'a, str>, Asked<'a>>;

impl<'a> Introspection<'a> {
    /// The introspection part of the operation of `document`.
    pub fn new(
        schema: &'a Schema,
        document: &'a Document,
        variables: &'a Map<String, Value>,
    ) -> Self {
        let definitions = schema.size().saturating_mul(SELECTIONS_PER_DEFINITION);
        Introspection {
            schema,
            document,
            variables,
            budget: Cell::new(definitions.saturating_add(SELECTIONS_AT_LEAST)),
        }
    }

    /// Adds the answers for fields at the operation's root to its data.
    ///
    /// # Errors
    /// An answer that would be many times as large as the schema, through aliases and fragments
    /// inside lists inside lists: nothing is added then.
    pub fn answer(&self, fields: &'a [Field], data: &mut Value) -> Result<(), Refusal> {
        let Value::Object(data) = data else {
            return Ok(());
        };
        let mut answers = Vec::new();
        let mut asked = IndexMap::new();
        for field in fields {
            self.add(&mut asked, field);
        }
        for (key, asked) in asked {
            let value = match asked.field.name.as_str() {
                "__schema" => self.schema_object(&asked.sets),
                _ => {
                    let name = self.argument(asked.field, "name");
                    let found = name.as_ref().and_then(Value::as_str);
                    let found = found.and_then(|name| self.schema.definition(name));
                    found.map_or(Value::Null, |found| self.definition(found, &asked.sets))
                }
            };
            answers.push((key.into_owned(), value));
        }
        if self.budget.get() == 0 {
            let message = "introspection asks for the same things too many times";
            return Err(GraphQLError::new(code::OPERATION_TOO_LARGE, message).into());
        }
        data.extend(answers);
        Ok(())
    }

    fn object(
        &self,
        sets: &[&'a SelectionSet],
        type_name: &str,
        resolve: impl Fn(&Asked<'a>) -> Value,
    ) -> Value {
        let mut asked = IndexMap::new();
        for set in sets {
            self.collect(set, &mut asked);
        }
        let value = |(key, asked): (Cow<'a, str>, Asked<'a>)| {
            let value = match asked.field.name.as_str() {
                "__typename" => Value::from(type_name),
                _ => resolve(&asked),
            };
            (key.into_owned(), value)
        };
        asked.into_iter().map(value).collect()
    }

    /// Types of the introspection schema implement nothing, so validation has left only fragments
    /// that apply.
    fn collect(&self, set: &'a SelectionSet, asked: &mut AskedFields<'a>) {
        for selection in &set.items {
            let left = self.budget.get().saturating_sub(1);
            self.budget.set(left);
            if left == 0 {
                return;
            }
            match selection {
                Selection::Field(field) => self.add(asked, field),
                Selection::InlineFragment(fragment) => {
                    self.collect(&fragment.selection_set, asked);
                }
                Selection::FragmentSpread(spread) => {
                    let found = self.document.definitions.iter().find_map(|it| match it {
                        QueryDefinition::Fragment(it) if it.name == spread.fragment_name => {
                            Some(it)
                        }
                        _ => None,
                    });
                    if let Some(fragment) = found {
                        self.collect(&fragment.selection_set, asked);
                    }
                }
            }
        }
    }

    fn add(&self, asked: &mut AskedFields<'a>, field: &'a Field) {
        let key = self.schema.data_key(field.alias.as_deref(), &field.name);
        let entry = asked.entry(key).or_insert(Asked {
            field,
            sets: Vec::new(),
        });
        entry.sets.push(&field.selection_set);
    }

    fn argument(&self, field: &Field, name: &str) -> Option<Value> {
        let (_, value) = field
            .arguments
            .iter()
            .find(|(argument, _)| argument == name)?;
        match value {
            Ast::Boolean(value) => Some((*value).into()),
            Ast::String(value) => Some(value.as_str().into()),
            Ast::Variable(variable) => self.variables.get(variable).cloned(),
            _ => None,
        }
    }

    fn include_deprecated(&self, field: &Field) -> bool {
        self.argument(field, "includeDeprecated") == Some(Value::Bool(true))
    }

    fn schema_object(&self, sets: &[&'a SelectionSet]) -> Value {
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

    fn definition(&self, definition: &TypeDefinition, sets: &[&'a SelectionSet]) -> Value {
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

fn kind(definition: &TypeDefinition) -> &'static str {
    match definition {
        TypeDefinition::Scalar(_) => "SCALAR",
        TypeDefinition::Object(_) => "OBJECT",
        TypeDefinition::Interface(_) => "INTERFACE",
        TypeDefinition::Union(_) => "UNION",
        TypeDefinition::Enum(_) => "ENUM",
        TypeDefinition::InputObject(_) => "INPUT_OBJECT",
    }
}

fn description(definition: &TypeDefinition) -> Option<String> {
    match definition {
        TypeDefinition::Scalar(it) => it.description.clone(),
        TypeDefinition::Object(it) => it.description.clone(),
        TypeDefinition::Interface(it) => it.description.clone(),
        TypeDefinition::Union(it) => it.description.clone(),
        TypeDefinition::Enum(it) => it.description.clone(),
        TypeDefinition::InputObject(it) => it.description.clone(),
    }
}

fn is_deprecated(directives: &[Directive]) -> bool {
    directives.iter().any(|it| it.name == "deprecated")
}

fn deprecation(directives: &[Directive], field: &str) -> Value {
    match field {
        "isDeprecated" => is_deprecated(directives).into(),
        "deprecationReason" if is_deprecated(directives) => {
            match directive_argument(directives, "deprecated", "reason") {
                None => NO_REASON.into(),
                reason => text(reason),
            }
        }
        _ => Value::Null,
    }
}

fn text(value: Option<&SchemaValue>) -> Value {
    match value {
        Some(SchemaValue::String(text)) => text.as_str().into(),
        _ => Value::Null,
    }
}
