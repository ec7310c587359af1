//! How a server executes an operation on the shop: a subgraph on its part, or the one server on everything.

use graphql_tools::static_graphql::query::{Definition, Field, OperationDefinition, SelectionSet};
use graphql_tools::static_graphql::schema::Type;
use graphql_tools::validation::rules::default_rules_validation_plan;
use graphql_tools::validation::validate::validate;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::data::{Object, Shop, Told};
use super::types::Types;
use crate::world::written::{Written, constant};

/// A null where none may be: it costs the object around it.
struct Bubble;

/// A field that has no value although it should.
#[derive(Debug, Clone)]
pub struct Failure {
    pub message: String,
    pub path: Vec<Value>,
    /// Where the null is that came of it; unknown as long as it is on its way up.
    pub lands: Option<Vec<Value>>,
}

pub struct Answer {
    pub data: Value,
    /// All of them: also those of fields beside one that has failed already.
    pub failures: Vec<Failure>,
}

struct Run<'a> {
    shop: &'a Shop,
    types: &'a Types,
    /// `None` for the one server.
    subgraph: Option<usize>,
    written: Written<'a>,
    failures: Vec<Failure>,
    path: Vec<Value>,
    /// Mutations so far: each sees those before it.
    mutations: &'a AtomicUsize,
}

impl Shop {
    /// Answers an operation; `Err` with what is wrong with it.
    pub fn answer(
        &self,
        subgraph: Option<usize>,
        query: &str,
        variables: &Map<String, Value>,
        mutations: &AtomicUsize,
    ) -> Result<Answer, String> {
        let types = subgraph.map_or(&self.whole, |it| &self.subgraphs[it].1);
        let document = graphql_tools::parser::parse_query::<String>(query);
        let document = document.map_err(|error| error.to_string())?.into_static();
        let rules = default_rules_validation_plan();
        if let Some(wrong) = validate(&types.schema.document, &document, &rules).first() {
            return Err(wrong.message.clone());
        }
        let mut fragments = HashMap::new();
        let mut operation = None;
        for definition in &document.definitions {
            match definition {
                Definition::Fragment(it) => _ = fragments.insert(it.name.as_str(), it),
                Definition::Operation(it) => operation = Some(it),
            }
        }
        let (root, set, definitions) = match operation.unwrap() {
            OperationDefinition::SelectionSet(set) => ("Query", set, &[][..]),
            OperationDefinition::Query(it) => (
                "Query",
                &it.selection_set,
                it.variable_definitions.as_slice(),
            ),
            OperationDefinition::Mutation(it) => (
                "Mutation",
                &it.selection_set,
                it.variable_definitions.as_slice(),
            ),
            OperationDefinition::Subscription(_) => panic!("no subscriptions here"),
        };
        let mut given = Map::new();
        for definition in definitions {
            let default = || definition.default_value.as_ref().map(constant);
            if let Some(value) = variables.get(&definition.name).cloned().or_else(default) {
                given.insert(definition.name.clone(), value);
            } else if matches!(definition.var_type, Type::NonNullType(_)) {
                return Err(format!("${} is missing", definition.name));
            }
        }
        let mut run = Run {
            shop: self,
            types,
            subgraph,
            written: Written {
                schema: &types.schema,
                fragments,
                variables: given,
            },
            failures: Vec::new(),
            path: Vec::new(),
            mutations,
        };
        let object = Object {
            type_name: root.to_owned(),
            place: root.to_owned(),
            home: subgraph.unwrap_or_default(),
        };
        let data = run.caught(|run| run.object(&object, &[set]));
        Ok(Answer {
            data,
            failures: run.failures,
        })
    }
}

impl<'a> Run<'a> {
    /// Null where something below bubbled up to here.
    fn caught(&mut self, make: impl FnOnce(&mut Self) -> Result<Value, Bubble>) -> Value {
        let before = self.failures.len();
        make(self).unwrap_or_else(|Bubble| {
            for failure in &mut self.failures[before..] {
                failure.lands.get_or_insert_with(|| self.path.clone());
            }
            Value::Null
        })
    }

    fn object(&mut self, object: &Object, sets: &[&'a SelectionSet]) -> Result<Value, Bubble> {
        let mut out = Map::new();
        let mut is_whole = true;
        for (key, fields) in self.written.fields(&object.type_name, sets) {
            self.path.push(key.into());
            match self.field(object, &fields) {
                Ok(value) => _ = out.insert(key.to_owned(), value),
                Err(Bubble) => is_whole = false,
            }
            self.path.pop();
        }
        if is_whole {
            Ok(Value::Object(out))
        } else {
            Err(Bubble)
        }
    }

    fn field(&mut self, object: &Object, fields: &[&'a Field]) -> Result<Value, Bubble> {
        let field = fields[0];
        if field.name == "__typename" {
            return Ok(object.type_name.as_str().into());
        }
        let sets: Vec<&SelectionSet> = fields.iter().map(|it| &it.selection_set).collect();
        if field.name == "_entities" {
            return Ok(self.entities(field, &sets));
        }
        let types = self.types;
        let info = types.schema.field(&object.type_name, &field.name).unwrap();
        let given = self.written.named(&field.arguments);
        let wanted = types.arguments(&object.type_name, &field.name);
        let arguments = types.with_defaults(wanted, given);
        let home = self
            .subgraph
            .unwrap_or_else(|| self.shop.home_of(object, &field.name));
        let mut object = object.clone();
        if object.type_name == "Mutation" {
            let number = self.mutations.fetch_add(1, Ordering::Relaxed);
            object.place = format!("Mutation {number}");
        }
        // Whoever does not know the entity has nothing to say of it. Only its keys were told by others.
        let is_lost = self.subgraph.is_none()
            && home != object.home
            && self.shop.is_entity(&object.type_name)
            && self.shop.is_unknown(home, &object.place);
        let told = if is_lost {
            Told::Value(Value::Null)
        } else {
            self.shop.field(&object, home, &field.name, &arguments)
        };
        self.complete(told, &info.ty, &sets)
    }

    fn entities(&mut self, field: &'a Field, sets: &[&'a SelectionSet]) -> Value {
        let Value::Array(told) = self.written.json(&field.arguments[0].1) else {
            panic!("representations are no list");
        };
        let mut out = Vec::new();
        for (index, told) in told.iter().enumerate() {
            let found = self
                .shop
                .find(self.subgraph.unwrap(), told.as_object().unwrap());
            self.path.push(index.into());
            out.push(match found {
                Some(object) => self.caught(|run| run.object(&object, sets)),
                None => Value::Null,
            });
            self.path.pop();
        }
        Value::Array(out)
    }

    fn fail(&mut self, message: String) -> Bubble {
        self.failures.push(Failure {
            message,
            path: self.path.clone(),
            lands: None,
        });
        Bubble
    }

    fn complete(
        &mut self,
        told: Told,
        ty: &Type,
        sets: &[&'a SelectionSet],
    ) -> Result<Value, Bubble> {
        match (ty, told) {
            (Type::NonNullType(_), Told::Value(Value::Null)) => {
                Err(self.fail("null is not allowed".to_owned()))
            }
            (Type::NonNullType(inner), told) => self.present(told, inner, sets),
            (_, told) => Ok(self.caught(|run| run.present(told, ty, sets))),
        }
    }

    fn present(
        &mut self,
        told: Told,
        ty: &Type,
        sets: &[&'a SelectionSet],
    ) -> Result<Value, Bubble> {
        match told {
            Told::Value(value) => Ok(value),
            Told::Fails(message) => Err(self.fail(message)),
            Told::Object(object) => self.object(&object, sets),
            Told::List(items) => {
                let Type::ListType(inner) = ty else {
                    panic!("a list where there is none");
                };
                let mut out = Vec::new();
                let mut is_whole = true;
                for (index, item) in items.into_iter().enumerate() {
                    self.path.push(index.into());
                    match self.complete(item, inner, sets) {
                        Ok(item) => out.push(item),
                        Err(Bubble) => is_whole = false,
                    }
                    self.path.pop();
                }
                if is_whole {
                    Ok(Value::Array(out))
                } else {
                    Err(Bubble)
                }
            }
        }
    }
}
