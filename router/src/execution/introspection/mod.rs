//! Answers `__schema` and `__type` from the public schema.
//!
//! The answer is a tree like that of a subgraph, under the client's response keys; the projection
//! then applies `@skip`, `@include` and order, as for everything else.

mod elements;
mod schema;

use graphql_tools::parser::query::Definition as QueryDefinition;
use graphql_tools::static_graphql::query::{
    Document, Field, Selection, SelectionSet, Value as Ast,
};
use indexmap::IndexMap;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::cell::Cell;

use crate::error::{GraphQLError, Refusal, code};
use crate::planning::Schema;

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
}
