//! What an operation says, its fragments followed and its variables filled in.

use graphql_tools::static_graphql::query::{
    Directive, Field, FragmentDefinition, Selection, SelectionSet, TypeCondition, Value as Ast,
};
use indexmap::IndexMap;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

use super::schema::Schema;

/// An operation's text, as a server reads it that has this schema.
pub struct Written<'a> {
    pub schema: &'a Schema,
    pub fragments: HashMap<&'a str, &'a FragmentDefinition>,
    pub variables: Map<String, Value>,
}

impl<'a> Written<'a> {
    /// The fields that are selected on an object of this type, by their response keys.
    pub fn fields(
        &self,
        type_name: &str,
        sets: &[&'a SelectionSet],
    ) -> IndexMap<&'a str, Vec<&'a Field>> {
        let mut fields = IndexMap::new();
        for set in sets {
            self.collect(set, type_name, &mut fields);
        }
        fields
    }

    fn collect(
        &self,
        set: &'a SelectionSet,
        type_name: &str,
        out: &mut IndexMap<&'a str, Vec<&'a Field>>,
    ) {
        for selection in &set.items {
            match selection {
                Selection::Field(field) if self.is_on(&field.directives) => {
                    let key = field.alias.as_ref().unwrap_or(&field.name);
                    out.entry(key).or_default().push(field);
                }
                Selection::InlineFragment(it) if self.is_on(&it.directives) => {
                    let condition = it.type_condition.as_ref();
                    if condition.is_none_or(|TypeCondition::On(on)| self.schema.fits(type_name, on))
                    {
                        self.collect(&it.selection_set, type_name, out);
                    }
                }
                Selection::FragmentSpread(it) if self.is_on(&it.directives) => {
                    let fragment = self.fragments[it.fragment_name.as_str()];
                    let TypeCondition::On(on) = &fragment.type_condition;
                    if self.schema.fits(type_name, on) {
                        self.collect(&fragment.selection_set, type_name, out);
                    }
                }
                _ => {}
            }
        }
    }

    fn is_on(&self, directives: &[Directive]) -> bool {
        directives.iter().all(|directive| {
            let holds =
                directive.arguments.first().map(|(_, it)| self.json(it)) == Some(json!(true));
            match directive.name.as_str() {
                "skip" => !holds,
                "include" => holds,
                _ => true,
            }
        })
    }

    /// A value of the operation.
    pub fn json(&self, value: &Ast) -> Value {
        match value {
            Ast::Variable(name) => self.variables.get(name).cloned().unwrap_or_default(),
            Ast::List(items) => items.iter().map(|it| self.json(it)).collect(),
            Ast::Object(fields) => self.named(fields).into(),
            other => constant(other),
        }
    }

    /// Arguments, or fields of an object. A variable without a value is as if nothing were written.
    pub fn named(&self, values: &[(String, Ast)]) -> Map<String, Value> {
        let is_there =
            |it: &Ast| !matches!(it, Ast::Variable(name) if !self.variables.contains_key(name));
        values
            .iter()
            .filter(|(_, it)| is_there(it))
            .map(|(name, it)| (name.clone(), self.json(it)))
            .collect()
    }
}

/// A value in which no variable stands.
pub fn constant(value: &Ast) -> Value {
    match value {
        Ast::Variable(name) => panic!("${name} stands where no variable may be"),
        Ast::Int(number) => number.as_i64().into(),
        Ast::Float(number) => (*number).into(),
        Ast::String(text) | Ast::Enum(text) => text.as_str().into(),
        Ast::Boolean(truth) => (*truth).into(),
        Ast::Null => Value::Null,
        Ast::List(items) => items.iter().map(constant).collect(),
        Ast::Object(fields) => fields
            .iter()
            .map(|(name, it)| (name.clone(), constant(it)))
            .collect(),
    }
}
