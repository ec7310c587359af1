//! What is wanted of an object: a client's fields, and what subgraphs must be told.

use graphql_tools::static_graphql::query::{Field, SelectionSet};
use hive_router_query_planner::ast::value::Value;
use std::borrow::Cow;

use super::Search;
use super::fragments::Fragments;

/// Begins the keys of fields that are fetched to be told to a subgraph and could be taken for a client's.
const NEEDED: &str = "_need_";

/// The arguments of a field, in the order of their names.
pub(super) type Arguments = Vec<(String, Value)>;

/// What something is fetched for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The client's answer.
    Answer,
    /// To tell a subgraph of an entity.
    Entity,
    /// To tell a subgraph of an object of an entity.
    Inside,
}

impl Purpose {
    /// What objects are fetched for that are selected below.
    pub fn inside(self) -> Self {
        match self {
            Purpose::Answer => Purpose::Answer,
            Purpose::Entity | Purpose::Inside => Purpose::Inside,
        }
    }
}

/// A field that is wanted.
#[derive(Clone)]
pub(super) struct Wanted<'a> {
    /// The key under which it is fetched.
    pub key: String,
    pub name: &'a str,
    pub arguments: Arguments,
    /// What is wanted of it.
    pub sets: Vec<&'a SelectionSet>,
}

impl Wanted<'_> {
    /// The name of the object's type.
    pub fn typename() -> Self {
        Wanted {
            key: "__typename".to_owned(),
            name: "__typename",
            arguments: Arguments::new(),
            sets: Vec::new(),
        }
    }

    pub fn is_typename(&self) -> bool {
        self.name == "__typename"
    }

    /// Whether both are the same field with the same arguments.
    fn is_same(&self, name: &str, arguments: &[(String, Value)]) -> bool {
        self.name == name && self.arguments == arguments
    }
}

impl<'a> Search<'a> {
    /// What a client's selections want of an object, each field once and under the key under which it is kept.
    pub(super) fn selected(&self, object: &str, sets: &[&'a SelectionSet]) -> Vec<Wanted<'a>> {
        let mut wanted: Vec<Wanted<'a>> = Vec::new();
        self.fragments.each_field(object, sets, &mut |field| {
            // The answer is made from it, whatever the client calls it.
            let key = match field.name.as_str() {
                "__typename" => Cow::Borrowed("__typename"),
                name => self.schema.data_key(field.alias.as_deref(), name),
            };
            let below = &field.selection_set;
            match wanted.iter_mut().find(|it| it.key == key) {
                Some(known) if known.sets.iter().any(|it| std::ptr::eq(*it, below)) => {}
                Some(known) => known.sets.push(below),
                None => wanted.push(Wanted {
                    key: key.into_owned(),
                    name: &field.name,
                    arguments: arguments(field),
                    sets: vec![below],
                }),
            }
        });
        wanted
    }
}

/// Fields that are needed with arguments, or under a name by which the client calls something else. Each has a key
/// of its own.
#[derive(Default)]
pub(super) struct Needs<'a>(Vec<(&'a str, Arguments)>);

impl<'a> Needs<'a> {
    /// What a field set says of an object, where the client wants what it wants.
    pub fn of(
        &mut self,
        fragments: &Fragments<'a>,
        object: &str,
        sets: &[&'a SelectionSet],
        client: &[Wanted<'a>],
    ) -> Vec<Wanted<'a>> {
        let mut needed: Vec<Wanted<'a>> = Vec::new();
        fragments.each_field(object, sets, &mut |field| {
            let arguments = arguments(field);
            let mut known = needed.iter_mut();
            if let Some(known) = known.find(|it| it.is_same(&field.name, &arguments)) {
                known.sets.push(&field.selection_set);
                return;
            }
            needed.push(Wanted {
                key: self.key(&field.name, &arguments, client),
                name: &field.name,
                arguments,
                sets: vec![&field.selection_set],
            });
        });
        needed
    }

    fn key(
        &mut self,
        name: &'a str,
        arguments: &[(String, Value)],
        client: &[Wanted<'a>],
    ) -> String {
        let meant = client.iter().find(|it| it.key == name);
        if arguments.is_empty() && meant.is_none_or(|it| it.is_same(name, arguments)) {
            return name.to_owned();
        }
        let mut known = self.0.iter();
        let place = known.position(|(known, with)| *known == name && with == arguments);
        let place = place.unwrap_or_else(|| {
            self.0.push((name, arguments.to_vec()));
            self.0.len() - 1
        });
        format!("{NEEDED}{place}")
    }
}

fn arguments(field: &Field) -> Arguments {
    let arguments = field.arguments.iter();
    let mut arguments: Arguments = arguments
        .map(|(name, value)| (name.clone(), value.into()))
        .collect();
    arguments.sort_by(|(a, _), (b, _)| a.cmp(b));
    arguments
}
