//! A cost that may depend on variables.

use graphql_tools::static_graphql::query::{Directive, Value};
use serde_json::{Map, Value as Json};
use std::sync::Arc;

use super::inputs::InputWeights;

/// A cost that may depend on variables.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Cost {
    pub(super) fixed: u64,
    parts: Vec<Part>,
}

/// What is known only with the variables.
#[derive(Debug, Clone, PartialEq)]
enum Part {
    /// So many times.
    Times(Length, Cost),
    /// Once, if the variable has this value (`@skip` and `@include`).
    If(String, bool, Cost),
    /// The largest of several sums, for an object has one type of those that it may have.
    Most {
        costs: Vec<Cost>,
        /// Positions of the costs that are added up, one list for each sum.
        sums: Vec<Vec<usize>>,
    },
    /// The input objects in a variable.
    Input {
        variable: String,
        type_name: String,
        weights: Arc<InputWeights>,
    },
}

/// The length of a list.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Length {
    /// The largest that is written in the operation.
    pub fixed: Option<u64>,
    /// Variables that say it.
    pub variables: Vec<Said>,
    /// What it is where nothing says it.
    pub otherwise: u64,
}

/// A length that a variable says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Said {
    pub variable: String,
    /// The fields of its input objects on the way to the number.
    pub path: Vec<String>,
    /// What holds where it is not given.
    pub default: Option<u64>,
}

impl Said {
    fn with(&self, variables: &Map<String, Json>) -> Option<u64> {
        let mut value = variables.get(&self.variable);
        for step in &self.path {
            value = value.and_then(|it| it.get(step));
        }
        match value.filter(|it| !it.is_null()) {
            // What is negative or no number the subgraph refuses.
            Some(value) => Some(value.as_u64().unwrap_or(0)),
            None => self.default,
        }
    }
}

impl Length {
    pub fn of(length: u64) -> Self {
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
        let given = self.variables.iter().filter_map(|it| it.with(variables));
        let longest = given.chain(self.fixed).max();
        longest.unwrap_or(self.otherwise)
    }
}

impl Cost {
    /// What the input objects in a variable cost.
    pub(super) fn of_input(variable: &str, type_name: &str, weights: &Arc<InputWeights>) -> Cost {
        Cost::of_part(Part::Input {
            variable: variable.to_owned(),
            type_name: type_name.to_owned(),
            weights: Arc::clone(weights),
        })
    }

    /// The largest of several sums of costs, which are given by their positions.
    pub(super) fn most(costs: Vec<Cost>, sums: Vec<Vec<usize>>) -> Cost {
        let part = Part::Most { costs, sums };
        if part.costs().iter().any(|it| !it.parts.is_empty()) {
            return Cost::of_part(part);
        }
        Cost {
            fixed: part.with(&Map::new()),
            parts: Vec::new(),
        }
    }

    fn of_part(part: Part) -> Cost {
        Cost {
            fixed: 0,
            parts: vec![part],
        }
    }

    /// What it is with these values of the operation's variables.
    pub fn with(&self, variables: &Map<String, Json>) -> u64 {
        let parts = self.parts.iter().map(|part| part.with(variables));
        parts.fold(self.fixed, u64::saturating_add)
    }

    /// About how many bytes it takes.
    pub fn bytes(&self) -> usize {
        let parts = self.parts.iter().map(Part::bytes);
        size_of::<Cost>() + parts.sum::<usize>()
    }

    pub(super) fn and(&mut self, other: Cost) {
        self.fixed = self.fixed.saturating_add(other.fixed);
        self.parts.extend(other.parts);
    }

    pub(super) fn times(self, length: &Length) -> Cost {
        match length.known() {
            _ if self == Cost::default() => self,
            Some(length) if self.parts.is_empty() => Cost {
                fixed: self.fixed.saturating_mul(length),
                parts: Vec::new(),
            },
            _ => Cost::of_part(Part::Times(length.clone(), self)),
        }
    }

    /// What remains of it under `@skip` and `@include`.
    pub(super) fn under(self, directives: &[Directive]) -> Cost {
        directives.iter().fold(self, |cost, directive| {
            let wanted = match directive.name.as_str() {
                "include" => true,
                "skip" => false,
                _ => return cost,
            };
            let mut arguments = directive.arguments.iter();
            match arguments.find_map(|(name, value)| (name == "if").then_some(value)) {
                Some(Value::Boolean(value)) if *value != wanted => Cost::default(),
                Some(Value::Variable(name)) if cost != Cost::default() => {
                    Cost::of_part(Part::If(name.clone(), wanted, cost))
                }
                _ => cost,
            }
        })
    }
}

impl Part {
    fn costs(&self) -> &[Cost] {
        match self {
            Part::Times(_, cost) | Part::If(_, _, cost) => std::slice::from_ref(cost),
            Part::Most { costs, .. } => costs,
            Part::Input { .. } => &[],
        }
    }

    fn with(&self, variables: &Map<String, Json>) -> u64 {
        match self {
            Part::Times(length, cost) => {
                let length = length.with(variables);
                length.saturating_mul(cost.with(variables))
            }
            Part::If(name, wanted, cost) => {
                match variables.get(name).and_then(Json::as_bool) == Some(*wanted) {
                    true => cost.with(variables),
                    false => 0,
                }
            }
            Part::Most { costs, sums } => {
                let costs: Vec<u64> = costs.iter().map(|it| it.with(variables)).collect();
                let sums = sums.iter().map(|sum| {
                    let costs = sum.iter().filter_map(|at| costs.get(*at));
                    costs.fold(0, |sum: u64, cost| sum.saturating_add(*cost))
                });
                sums.max().unwrap_or(0)
            }
            Part::Input {
                variable,
                type_name,
                weights,
            } => {
                let value = variables.get(variable);
                value.map_or(0, |value| weights.cost(type_name, value))
            }
        }
    }

    fn bytes(&self) -> usize {
        let sums = match self {
            Part::Most { sums, .. } => sums.iter().map(|sum| 24 + 8 * sum.len()).sum(),
            Part::Times(..) | Part::If(..) | Part::Input { .. } => 0,
        };
        let costs = self.costs().iter().map(Cost::bytes);
        size_of::<Part>() + 64 + sums + costs.sum::<usize>()
    }
}
