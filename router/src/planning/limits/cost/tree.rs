//! The cost of one operation, as far as it is known without its variables.

use graphql_tools::static_graphql::query::{
    Directive, Field, FragmentDefinition, Selection, SelectionSet, TypeCondition, Value,
};
use rustc_hash::FxHashMap;
use serde_json::{Map, Value as Json};

use super::weights::ListSize;
use super::{CostOptions, Weights};
use crate::error::{GraphQLError, Refusal, code};
use crate::planning::{OperationKind, Schema, TypeRef};

/// A cost that may depend on variables.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Cost {
    fixed: u64,
    parts: Vec<Part>,
}

/// What is to be multiplied when the variables are known.
#[derive(Debug, Clone, PartialEq)]
struct Part {
    times: Times,
    each: Cost,
}

#[derive(Debug, Clone, PartialEq)]
enum Times {
    Length(Length),
    /// Once, if the variable has this value (`@skip` and `@include`).
    If(String, bool),
}

/// The length of a list.
#[derive(Debug, Clone, PartialEq)]
struct Length {
    /// The largest that is written in the operation.
    fixed: Option<u64>,
    /// Variables that say it, each with what holds where it is not given.
    variables: Vec<(String, Option<u64>)>,
    /// What it is where nothing says it.
    otherwise: u64,
}

impl Length {
    fn of(length: u64) -> Self {
        Length {
            fixed: Some(length),
            variables: Vec::new(),
            otherwise: length,
        }
    }

    fn known(&self) -> Option<u64> {
        self.variables
            .is_empty()
            .then(|| self.fixed.unwrap_or(self.otherwise))
    }

    fn with(&self, variables: &Map<String, Json>) -> u64 {
        let given = self.variables.iter().filter_map(|(name, default)| {
            match variables.get(name).filter(|value| !value.is_null()) {
                // What is negative or no number the subgraph refuses.
                Some(value) => Some(value.as_u64().unwrap_or(0)),
                None => *default,
            }
        });
        let longest = given.chain(self.fixed).max();
        longest.unwrap_or(self.otherwise)
    }
}

impl Cost {
    /// What it is with these values of the operation's variables.
    pub fn with(&self, variables: &Map<String, Json>) -> u64 {
        self.parts.iter().fold(self.fixed, |sum, part| {
            let times = match &part.times {
                Times::Length(length) => length.with(variables),
                Times::If(name, wanted) => {
                    u64::from(variables.get(name).and_then(Json::as_bool) == Some(*wanted))
                }
            };
            sum.saturating_add(times.saturating_mul(part.each.with(variables)))
        })
    }

    /// About how many bytes it takes.
    pub fn bytes(&self) -> usize {
        let parts = self.parts.iter().map(|part| part.each.bytes() + 64);
        size_of::<Cost>() + parts.sum::<usize>()
    }

    fn and(&mut self, other: Cost) {
        self.fixed = self.fixed.saturating_add(other.fixed);
        self.parts.extend(other.parts);
    }

    fn times(self, length: &Length) -> Cost {
        match length.known() {
            _ if self == Cost::default() => self,
            Some(length) if self.parts.is_empty() => Cost {
                fixed: self.fixed.saturating_mul(length),
                parts: Vec::new(),
            },
            _ => Cost {
                fixed: 0,
                parts: vec![Part {
                    times: Times::Length(length.clone()),
                    each: self,
                }],
            },
        }
    }

    /// What remains of it under `@skip` and `@include`.
    fn under(self, directives: &[Directive]) -> Cost {
        directives.iter().fold(self, |cost, directive| {
            let wanted = match directive.name.as_str() {
                "include" => true,
                "skip" => false,
                _ => return cost,
            };
            let mut arguments = directive.arguments.iter();
            match arguments.find_map(|(name, value)| (name == "if").then_some(value)) {
                Some(Value::Boolean(value)) if *value != wanted => Cost::default(),
                Some(Value::Variable(name)) if cost != Cost::default() => Cost {
                    fixed: 0,
                    parts: vec![Part {
                        times: Times::If(name.clone(), wanted),
                        each: cost,
                    }],
                },
                _ => cost,
            }
        })
    }
}

/// Finds out what validated operations cost.
pub(crate) struct Costing<'a> {
    pub schema: &'a Schema,
    pub weights: &'a Weights,
    pub options: &'a CostOptions,
    pub fragments: FxHashMap<&'a str, &'a FragmentDefinition>,
}

/// The lists in a selection set whose length the field above says.
type Sized<'s> = Option<(&'s ListSize, Length)>;

impl Costing<'_> {
    /// The cost of an operation with these selections at its root.
    ///
    /// # Errors
    /// A list that wants exactly one of its slicing arguments is given none or several.
    pub fn operation(
        &self,
        kind: OperationKind,
        root_type: &str,
        selections: &SelectionSet,
    ) -> Result<Cost, Refusal> {
        let each = match kind {
            OperationKind::Mutation => self.options.mutation,
            OperationKind::Query | OperationKind::Subscription => 0,
        };
        self.set(selections, root_type, &None, each)
    }

    fn set(
        &self,
        set: &SelectionSet,
        parent: &str,
        sized: &Sized<'_>,
        each: u64,
    ) -> Result<Cost, Refusal> {
        let mut cost = Cost::default();
        for selection in &set.items {
            cost.and(match selection {
                Selection::Field(field) => {
                    let field_cost = self.field(field, parent, sized, each)?;
                    field_cost.under(&field.directives)
                }
                Selection::InlineFragment(fragment) => {
                    let parent = match &fragment.type_condition {
                        Some(TypeCondition::On(name)) => name,
                        None => parent,
                    };
                    let inner = self.set(&fragment.selection_set, parent, sized, each)?;
                    inner.under(&fragment.directives)
                }
                Selection::FragmentSpread(spread) => {
                    let Some(fragment) = self.fragments.get(spread.fragment_name.as_str()) else {
                        continue;
                    };
                    let TypeCondition::On(parent) = &fragment.type_condition;
                    let inner = self.set(&fragment.selection_set, parent, sized, each)?;
                    inner.under(&spread.directives)
                }
            });
        }
        Ok(cost)
    }

    fn field(
        &self,
        field: &Field,
        parent: &str,
        sized: &Sized<'_>,
        besides: u64,
    ) -> Result<Cost, Refusal> {
        // The router's own introspection has a budget of its own.
        if field.name.starts_with("__") {
            return Ok(Cost::default());
        }
        let Some(field_type) = self.schema.field_type(parent, &field.name) else {
            return Ok(Cost::default());
        };
        let said = self.weights.field(parent, &field.name);
        let name = field_type.inner_name();
        let weight = said
            .and_then(|it| it.weight)
            .or_else(|| self.weights.of_type(name))
            .unwrap_or_else(|| u64::from(self.schema.is_composite(name)));
        let mut length = Length::of(1);
        if is_list(field_type) {
            length = match sized {
                Some((list, length)) if list.sized.contains(&field.name) => length.clone(),
                _ => Length::of(self.options.list_size),
            };
        }
        let mut inside = None;
        if let Some(list) = said.and_then(|it| it.list.as_ref()) {
            let told = self.length(list, field)?;
            if list.sized.is_empty() {
                length = told;
            } else {
                inside = Some((list, told));
            }
        }
        let mut cost = self.set(&field.selection_set, name, &inside, 0)?;
        cost.fixed = cost.fixed.saturating_add(weight);
        let mut cost = cost.times(&length);
        let arguments = said.into_iter().flat_map(|it| &it.arguments);
        let arguments = arguments
            .filter(|(name, _)| field.arguments.iter().any(|(given, _)| given == name))
            .fold(besides, |sum, (_, weight)| sum.saturating_add(*weight));
        cost.fixed = cost.fixed.saturating_add(arguments);
        Ok(cost)
    }

    fn length(&self, list: &ListSize, field: &Field) -> Result<Length, Refusal> {
        let otherwise = list.assumed.unwrap_or(self.options.list_size);
        let mut length = Length {
            fixed: None,
            variables: Vec::new(),
            otherwise,
        };
        let mut given = 0;
        for (name, default) in &list.slicing {
            let mut arguments = field.arguments.iter();
            match arguments.find_map(|(it, value)| (it == name).then_some(value)) {
                Some(Value::Variable(variable)) => {
                    given += 1;
                    length.variables.push((variable.clone(), *default));
                }
                Some(Value::Int(number)) => {
                    given += 1;
                    let number = number.as_i64().and_then(|it| u64::try_from(it).ok());
                    length.fixed = length.fixed.max(Some(number.unwrap_or(0)));
                }
                Some(_) => {}
                None => length.fixed = length.fixed.max(*default),
            }
        }
        if list.requires_one && given != 1 {
            let names: Vec<&str> = list.slicing.iter().map(|(name, _)| name.as_str()).collect();
            let message = format!(
                "the field `{}` takes exactly one of the arguments {}",
                field.name,
                names.join(", ")
            );
            let error = GraphQLError::new(code::VALIDATION_FAILED, message);
            return Err(error.at(field.position.line, field.position.column).into());
        }
        Ok(length)
    }
}

fn is_list(field_type: &TypeRef) -> bool {
    match field_type {
        TypeRef::Named(_) => false,
        TypeRef::List(_) => true,
        TypeRef::NonNull(inner) => is_list(inner),
    }
}
