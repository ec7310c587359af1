//! How a server of the world executes an operation.

use graphql_tools::static_graphql::query::{
    Definition, Field, OperationDefinition, Selection, SelectionSet,
};
use graphql_tools::static_graphql::schema::Type;
use graphql_tools::validation::rules::default_rules_validation_plan;
use graphql_tools::validation::validate::validate;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

use super::World;
use super::schema::{FieldInfo, Schema};
use super::values::{is_text, sorted, with_defaults};
use super::written::{Written, constant};

/// A null where none may be.
pub struct Bubble;

/// What a server knows of an object besides the world: what the caller told, and what the field above provides.
#[derive(Clone, Copy, Default)]
pub struct Told<'a> {
    pub representation: Option<&'a Value>,
    pub provided: Option<&'a SelectionSet>,
}

pub struct Run<'a> {
    pub world: &'a World,
    pub schema: &'a Schema,
    /// `None` for the one server that knows everything.
    pub subgraph: Option<&'a str>,
    pub written: Written<'a>,
    pub errors: Vec<Value>,
    pub path: Vec<Value>,
}

impl World {
    /// Executes an operation on what the schema says.
    pub fn answer(
        &self,
        subgraph: Option<&str>,
        schema: &Schema,
        query: &str,
        variables: &Value,
    ) -> Value {
        let document = match graphql_tools::parser::parse_query::<String>(query) {
            Ok(document) => document.into_static(),
            Err(error) => return json!({"data": null, "errors": [{"message": error.to_string()}]}),
        };
        if subgraph.is_some() {
            let rules = default_rules_validation_plan();
            let wrong = validate(&schema.document, &document, &rules);
            if !wrong.is_empty() {
                let errors = wrong.iter().map(|it| json!({"message": it.message}));
                return json!({"data": null, "errors": errors.collect::<Vec<_>>()});
            }
        }
        let mut fragments = HashMap::new();
        let mut operation = None;
        for definition in &document.definitions {
            match definition {
                Definition::Fragment(it) => _ = fragments.insert(it.name.as_str(), it),
                Definition::Operation(it) => operation = Some(it),
            }
        }
        let operation = operation.unwrap();
        let variables = with_defaults(operation, variables);
        let (root, object, set) = match operation {
            OperationDefinition::SelectionSet(set) => (&schema.query, "Query", set),
            OperationDefinition::Query(it) => (&schema.query, "Query", &it.selection_set),
            OperationDefinition::Mutation(it) => (&schema.mutation, "Mutation", &it.selection_set),
            OperationDefinition::Subscription(_) => panic!("no subscriptions here"),
        };
        let nothing = json!({});
        let object = self.objects.get(object).unwrap_or(&nothing);
        let mut run = Run {
            world: self,
            schema,
            subgraph,
            written: Written {
                schema,
                fragments,
                variables,
            },
            errors: Vec::new(),
            path: Vec::new(),
        };
        let data = run.object(object, root, &[set], Told::default());
        let data = data.unwrap_or(Value::Null);
        if run.errors.is_empty() {
            json!({"data": data})
        } else {
            json!({"data": data, "errors": run.errors})
        }
    }

    /// The object behind a name; any other value is itself.
    pub fn resolve<'v>(&'v self, value: &'v Value) -> &'v Value {
        match value.as_str() {
            Some(name) if name.starts_with('#') => self.objects.get(name).unwrap_or(&Value::Null),
            _ => value,
        }
    }
}

impl<'a> Run<'a> {
    pub fn object(
        &mut self,
        object: &'a Value,
        type_name: &str,
        sets: &[&'a SelectionSet],
        told: Told<'_>,
    ) -> Result<Value, Bubble> {
        let mut out = Map::new();
        for (key, fields) in self.written.fields(type_name, sets) {
            self.path.push(key.into());
            let value = self.field(object, type_name, &fields, told);
            self.path.pop();
            out.insert(key.to_owned(), value?);
        }
        Ok(Value::Object(out))
    }

    fn field(
        &mut self,
        object: &'a Value,
        type_name: &str,
        fields: &[&'a Field],
        told: Told<'_>,
    ) -> Result<Value, Bubble> {
        let field = fields[0];
        if field.name == "__typename" {
            return Ok(type_name.into());
        }
        let sets: Vec<&SelectionSet> = fields.iter().map(|it| &it.selection_set).collect();
        if field.name == "_entities" {
            return Ok(self.entities(field, &sets));
        }
        let info = self.schema.field(type_name, &field.name).unwrap();
        if let Err(message) = self.may_answer(type_name, &field.name, info, told) {
            return self.fail(&info.ty, &message);
        }
        let value = self.value_of(object, field, info);
        if let Some(message) = value.get("$error").and_then(Value::as_str) {
            return self.fail(&info.ty, message);
        }
        let below = told.provided.and_then(|set| below(set, &field.name));
        let told = Told {
            representation: None,
            provided: info.provides.as_ref().or(below),
        };
        self.complete(value, &info.ty, &sets, told)
    }

    /// The field's value, as its arguments make it.
    pub fn value_of(&self, object: &'a Value, field: &Field, info: &FieldInfo) -> Value {
        let defaults = info.defaults.iter();
        let mut arguments: Map<String, Value> = defaults
            .map(|(name, value)| (name.clone(), constant(value)))
            .collect();
        arguments.extend(self.written.named(&field.arguments));
        let mut value = object.get(&field.name).unwrap_or(&Value::Null);
        if let Some(by_subgraph) = value.get("$in") {
            let own = self.subgraph.and_then(|it| by_subgraph.get(it));
            value = own.unwrap_or(&Value::Null);
        }
        if let Some(by) = value.get("$by") {
            let given = arguments.get(by[0].as_str().unwrap());
            let given = given.map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned));
            return given.map_or(Value::Null, |it| by[1][it].clone());
        }
        match value {
            Value::String(text) if !arguments.is_empty() && is_text(&info.ty) => {
                let mut names: Vec<_> = arguments.iter().collect();
                names.sort_by_key(|(name, _)| *name);
                let arguments = names
                    .iter()
                    .map(|(name, it)| format!("{name}: {}", sorted(it)));
                let arguments = arguments.collect::<Vec<_>>().join(", ");
                format!("{text}({arguments})").into()
            }
            value => value.clone(),
        }
    }

    fn fail(&mut self, ty: &Type, message: &str) -> Result<Value, Bubble> {
        self.errors
            .push(json!({"message": message, "path": self.path}));
        match ty {
            Type::NonNullType(_) => Err(Bubble),
            _ => Ok(Value::Null),
        }
    }

    fn complete(
        &mut self,
        value: Value,
        ty: &Type,
        sets: &[&'a SelectionSet],
        told: Told<'_>,
    ) -> Result<Value, Bubble> {
        match ty {
            Type::NonNullType(inner) => {
                let errors = self.errors.len();
                match self.complete(value, inner, sets, told)? {
                    Value::Null => {
                        if self.errors.len() == errors {
                            let message = "null is not allowed";
                            self.errors
                                .push(json!({"message": message, "path": self.path}));
                        }
                        Err(Bubble)
                    }
                    value => Ok(value),
                }
            }
            _ if value.is_null() => Ok(Value::Null),
            Type::ListType(inner) => {
                let Value::Array(items) = value else {
                    panic!("{value} is no list")
                };
                let mut out = Vec::new();
                for (index, item) in items.into_iter().enumerate() {
                    self.path.push(index.into());
                    let item = self.complete(item, inner, sets, told);
                    self.path.pop();
                    match item {
                        Ok(item) => out.push(item),
                        Err(Bubble) => return Ok(Value::Null),
                    }
                }
                Ok(Value::Array(out))
            }
            Type::NamedType(name) => {
                let is_composite = self
                    .schema
                    .types
                    .get(name)
                    .is_some_and(|it| it.is_composite);
                if !is_composite {
                    return Ok(value);
                }
                // Objects are few and small: those of one test may live as long as it.
                let value: &'static Value = Box::leak(Box::new(value));
                let object = self.world.resolve(value);
                let Some(runtime) = self.runtime_type(object, name) else {
                    return Ok(Value::Null);
                };
                self.object(object, &runtime, sets, told)
                    .or(Ok(Value::Null))
            }
        }
    }

    /// The type that this server knows the object by.
    pub fn runtime_type(&self, object: &Value, named: &str) -> Option<String> {
        if object.is_null() {
            return None;
        }
        let own = object.get("__typename").and_then(Value::as_str);
        let own = own.unwrap_or(named);
        let is_object = |name: &str| self.schema.types.get(name).is_some_and(|it| it.is_object);
        if is_object(own) {
            return Some(own.to_owned());
        }
        // An interface object stands for what implements the interface elsewhere.
        let elsewhere = self
            .world
            .subgraphs
            .iter()
            .filter_map(|(_, it)| it.types.get(own));
        let mut interfaces = elsewhere.flat_map(|it| &it.interfaces);
        interfaces.find(|it| is_object(it)).cloned()
    }
}

/// What a field set says below a field, whatever fragments it stands in.
pub fn below<'s>(set: &'s SelectionSet, name: &str) -> Option<&'s SelectionSet> {
    set.items.iter().find_map(|selection| match selection {
        Selection::Field(field) if field.name == name => Some(&field.selection_set),
        Selection::InlineFragment(it) => below(&it.selection_set, name),
        _ => None,
    })
}
