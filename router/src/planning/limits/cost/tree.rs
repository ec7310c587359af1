//! Walks an operation and adds up what it costs, as far as that is known without its variables.

use graphql_tools::static_graphql::query::{
    Field, FragmentDefinition, Selection, SelectionSet, TypeCondition, Value,
};
use indexmap::{IndexMap, IndexSet};
use rustc_hash::FxHashMap;

use super::amount::{Cost, Length, Said};
use super::weights::{FieldWeight, ListSize, Slicing};
use super::{CostOptions, Weights};
use crate::error::{GraphQLError, Refusal, code};
use crate::planning::{OperationKind, Schema, TypeRef};

/// Finds out what validated operations cost.
pub(crate) struct Costing<'a> {
    pub schema: &'a Schema,
    pub weights: &'a Weights,
    pub options: &'a CostOptions,
    pub fragments: FxHashMap<&'a str, &'a FragmentDefinition>,
}

/// Costs by the types that an object must be of, in the order of their names, to be asked for them; none is
/// for all.
type Gathered<'d> = IndexMap<Vec<&'d str>, Cost, rustc_hash::FxBuildHasher>;

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
        let mut gathered = self.gather(set, parent, sized, each)?;
        let mut cost = gathered.shift_remove(&[][..]).unwrap_or_default();
        if gathered.is_empty() {
            return Ok(cost);
        }
        // An object has one type, so what it costs is the most that one of its types costs.
        let fits = |runtime: &str| -> Vec<usize> {
            let all = |types: &Vec<&str>| types.iter().all(|it| self.schema.satisfies(runtime, it));
            let types = gathered.keys().enumerate();
            types
                .filter_map(|(at, types)| all(types).then_some(at))
                .collect()
        };
        let runtimes = self.schema.possible_types(parent);
        let mut sums: IndexSet<Vec<usize>> = runtimes.map(&fits).collect();
        if sums.is_empty() {
            // It is an object's type, and its own only one.
            sums.insert(fits(parent));
        }
        let costs = gathered.into_values().collect();
        cost.and(Cost::most(costs, sums.into_iter().collect()));
        Ok(cost)
    }

    /// The costs in a selection set, by the types that an object must be of to be asked for them.
    fn gather<'d>(
        &'d self,
        set: &'d SelectionSet,
        parent: &'d str,
        sized: &Sized<'_>,
        each: u64,
    ) -> Result<Gathered<'d>, Refusal> {
        let mut gathered = Gathered::default();
        for selection in &set.items {
            let (condition, set, directives) = match selection {
                Selection::Field(field) => {
                    let cost = self.field(field, parent, sized, each)?;
                    let cost = cost.under(&field.directives);
                    gathered.entry(Vec::new()).or_default().and(cost);
                    continue;
                }
                Selection::InlineFragment(fragment) => {
                    let condition = match &fragment.type_condition {
                        Some(TypeCondition::On(name)) => name,
                        None => parent,
                    };
                    (condition, &fragment.selection_set, &fragment.directives)
                }
                Selection::FragmentSpread(spread) => {
                    let Some(fragment) = self.fragments.get(spread.fragment_name.as_str()) else {
                        continue;
                    };
                    let TypeCondition::On(condition) = &fragment.type_condition;
                    let set = &fragment.selection_set;
                    (condition.as_str(), set, &spread.directives)
                }
            };
            let is_certain = self.schema.always_satisfies(parent, condition);
            for (mut types, cost) in self.gather(set, condition, sized, each)? {
                if !is_certain && let Err(at) = types.binary_search(&condition) {
                    types.insert(at, condition);
                }
                let cost = cost.under(directives);
                gathered.entry(types).or_default().and(cost);
            }
        }
        Ok(gathered)
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
        cost.fixed = cost.fixed.saturating_add(besides);
        if let Some(said) = said {
            cost.and(self.arguments(said, field));
        }
        Ok(cost)
    }

    fn arguments(&self, said: &FieldWeight, field: &Field) -> Cost {
        let mut cost = Cost::default();
        for (name, value) in &field.arguments {
            let of_this = said.arguments.iter().filter(|it| it.name == *name);
            for argument in of_this {
                cost.fixed = cost.fixed.saturating_add(argument.weight);
                cost.and(self.input(&argument.type_name, value));
            }
        }
        cost
    }

    /// What the input objects of this type in a value cost.
    fn input(&self, type_name: &str, value: &Value) -> Cost {
        let weights = self.weights.inputs();
        let mut cost = Cost::default();
        if !weights.is_costly(type_name) {
            return cost;
        }
        match value {
            Value::Variable(name) => return Cost::of_input(name, type_name, weights),
            Value::List(items) => {
                for item in items {
                    cost.and(self.input(type_name, item));
                }
            }
            Value::Object(fields) => {
                for (name, value) in fields {
                    if let Some(field) = weights.field(type_name, name) {
                        cost.fixed = cost.fixed.saturating_add(field.weight);
                        cost.and(self.input(&field.type_name, value));
                    }
                }
            }
            _ => {}
        }
        cost
    }

    fn length(&self, list: &ListSize, field: &Field) -> Result<Length, Refusal> {
        let otherwise = match list.is_page {
            true => self.options.page_size,
            false => self.options.list_size,
        };
        let mut length = Length {
            fixed: None,
            variables: Vec::new(),
            otherwise: list.assumed.unwrap_or(otherwise),
        };
        let mut given = 0;
        let mut has_default = false;
        for slicing in &list.slicing {
            match slicing.find(field) {
                Found::Said(said) => {
                    given += 1;
                    length.variables.push(said);
                }
                Found::Number(number) => {
                    given += 1;
                    length.fixed = length.fixed.max(Some(number));
                }
                Found::Nothing(default) => {
                    has_default |= default.is_some();
                    length.fixed = length.fixed.max(default);
                }
            }
        }
        if list.requires_one && given != 1 && !(given == 0 && has_default) {
            let names: Vec<String> = list.slicing.iter().map(|it| it.path.join(".")).collect();
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

/// What a field's arguments say of the length of its list.
enum Found {
    Number(u64),
    Said(Said),
    /// Nothing, so that this default holds, if there is one.
    Nothing(Option<u64>),
}

impl Slicing {
    fn find(&self, field: &Field) -> Found {
        let mut arguments = field.arguments.iter();
        let mut steps = self.path.iter();
        let Some(first) = steps.next() else {
            return Found::Nothing(None);
        };
        let Some(mut value) = arguments.find_map(|(name, value)| (name == first).then_some(value))
        else {
            // The default of a field holds in an object that is given.
            let is_argument = self.path.len() == 1;
            return Found::Nothing(self.default.filter(|_| is_argument));
        };
        loop {
            match value {
                Value::Variable(variable) => {
                    return Found::Said(Said {
                        variable: variable.clone(),
                        path: steps.cloned().collect(),
                        default: self.default,
                    });
                }
                Value::Int(number) => {
                    let number = number.as_i64().and_then(|it| u64::try_from(it).ok());
                    return Found::Number(number.unwrap_or(0));
                }
                Value::Object(fields) => {
                    let Some(step) = steps.next() else {
                        return Found::Nothing(None);
                    };
                    match fields.iter().find(|(name, _)| name == step) {
                        Some((_, inner)) => value = inner,
                        None => return Found::Nothing(self.default),
                    }
                }
                _ => return Found::Nothing(None),
            }
        }
    }
}

fn is_list(field_type: &TypeRef) -> bool {
    match field_type {
        TypeRef::Named(_) => false,
        TypeRef::List(_) => true,
        TypeRef::NonNull(inner) => is_list(inner),
    }
}
