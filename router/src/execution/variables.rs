//! Checks the values of variables against their types before anything is executed.
//!
//! Messages say where a value is wrong and what was expected, never the value itself: it may be a
//! password that stands at the wrong place.

use graphql_tools::static_graphql::query::{Value as AstValue, VariableDefinition};
use serde_json::{Map, Value};
use std::fmt::Write;

use crate::error::{GraphQLError, Refusal, code};
use crate::planning::{InputObject, Schema, TypeRef};

/// Most faults that one request is told of. A long list of wrong items would else be answered with
/// many times its own size.
const MOST_FAULTS: usize = 50;

/// A variable as an operation declares it.
pub(crate) struct VariableSpec {
    name: String,
    value_type: TypeRef,
    default: Option<Value>,
    /// Whether it decides by `@skip` or `@include` what is fetched.
    is_condition: bool,
    line: usize,
    column: usize,
}

impl VariableSpec {
    /// Reads the declaration of a variable.
    pub fn read(definition: &VariableDefinition, is_condition: bool) -> Self {
        VariableSpec {
            name: definition.name.clone(),
            value_type: TypeRef::read(&definition.var_type),
            default: definition.default_value.as_ref().map(constant),
            is_condition,
            line: definition.position.line,
            column: definition.position.column,
        }
    }
}

/// A constant of an operation as JSON.
fn constant(value: &AstValue) -> Value {
    match value {
        AstValue::Variable(_) | AstValue::Null => Value::Null,
        AstValue::Int(number) => number.as_i64().into(),
        AstValue::Float(number) => (*number).into(),
        AstValue::String(text) | AstValue::Enum(text) => text.as_str().into(),
        AstValue::Boolean(truth) => (*truth).into(),
        AstValue::List(items) => items.iter().map(constant).collect(),
        AstValue::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), constant(value)))
            .collect(),
    }
}

/// The values of the declared variables, defaults filled in. Values that no variable is declared
/// for are dropped.
///
/// # Errors
/// Everything that is wrong, each with the code `BAD_USER_INPUT`.
pub(crate) fn coerce(
    schema: &Schema,
    specs: &[VariableSpec],
    mut given: Map<String, Value>,
) -> Result<Map<String, Value>, Refusal> {
    let mut values = Map::with_capacity(specs.len());
    let mut errors = Vec::new();
    for spec in specs {
        // A default may need coercing as well: a single value for a list, a number for an ID.
        let value = given
            .swap_remove(&spec.name)
            .or_else(|| spec.default.clone());
        match value {
            // A default lets a variable stand for a condition that may be null itself.
            None | Some(Value::Null)
                if spec.is_condition && !matches!(spec.value_type, TypeRef::NonNull(_)) =>
            {
                let message = format!(
                    "the variable ${} decides what is fetched: it must be true or false",
                    spec.name
                );
                let error = GraphQLError::new(code::BAD_USER_INPUT, message);
                errors.push(error.at(spec.line, spec.column));
            }
            Some(value) => {
                let mut check = Check {
                    schema,
                    at: spec.name.clone(),
                    faults: Vec::new(),
                };
                let value = check.value(value, &spec.value_type);
                errors.extend(check.faults.into_iter().map(|(at, fault)| {
                    let message = match at == spec.name {
                        true => format!("the variable ${at}: {fault}"),
                        false => format!("the variable ${} at `{at}`: {fault}", spec.name),
                    };
                    GraphQLError::new(code::BAD_USER_INPUT, message).at(spec.line, spec.column)
                }));
                values.insert(spec.name.clone(), value);
            }
            None if matches!(spec.value_type, TypeRef::NonNull(_)) => {
                let message = format!(
                    "the variable ${} of type {} is required",
                    spec.name, spec.value_type
                );
                let error = GraphQLError::new(code::BAD_USER_INPUT, message);
                errors.push(error.at(spec.line, spec.column));
            }
            None => {}
        }
        if errors.len() >= MOST_FAULTS {
            errors.truncate(MOST_FAULTS);
            break;
        }
    }
    if errors.is_empty() {
        Ok(values)
    } else {
        Err(errors)
    }
}

struct Check<'s> {
    schema: &'s Schema,
    /// Where in the variable's value, as `input.lines[0].quantity`.
    at: String,
    faults: Vec<(String, String)>,
}

impl Check<'_> {
    fn value(&mut self, value: Value, value_type: &TypeRef) -> Value {
        match value_type {
            TypeRef::NonNull(inner) if value.is_null() => {
                self.fault(format!("null is not allowed, {inner} is required"));
                value
            }
            TypeRef::NonNull(inner) => self.value(value, inner),
            _ if value.is_null() => value,
            TypeRef::List(inner) => match value {
                Value::Array(items) => {
                    let items = items.into_iter().enumerate();
                    let item = |(index, item)| {
                        self.inside(format_args!("[{index}]"), |check| check.value(item, inner))
                    };
                    items.map(item).collect()
                }
                // A single value stands for a list of one.
                single => Value::Array(vec![self.value(single, inner)]),
            },
            TypeRef::Named(name) => self.named(value, name),
        }
    }

    fn named(&mut self, value: Value, name: &str) -> Value {
        if let Some(input) = self.schema.input_object(name) {
            return match value {
                Value::Object(fields) => self.input_object(fields, name, input),
                other => self.unexpected(other, name),
            };
        }
        if let Some(values) = self.schema.enum_values(name) {
            match value.as_str() {
                Some(given) if values.contains(given) => {}
                Some(_) => self.fault(format!("the enum {name} has no such value")),
                None => return self.unexpected(value, name),
            }
            return value;
        }
        let fits = match name {
            "Int" => return self.int(value),
            "ID" => match value {
                Value::Number(number) if number.is_i64() || number.is_u64() => {
                    return Value::String(number.to_string());
                }
                ref other => other.is_string(),
            },
            "Float" => value.is_number(),
            "String" => value.is_string(),
            "Boolean" => value.is_boolean(),
            // What a custom scalar takes, the subgraphs know.
            _ => true,
        };
        if fits {
            value
        } else {
            self.unexpected(value, name)
        }
    }

    fn int(&mut self, value: Value) -> Value {
        let Some(number) = value.as_f64() else {
            return self.unexpected(value, "Int");
        };
        let is_whole = number.fract() == 0.0;
        if is_whole && (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&number) {
            // 1.0 is a whole number as well, but a subgraph may not take it for one.
            return match value.as_i64() {
                Some(_) => value,
                #[expect(clippy::cast_possible_truncation, reason = "whole and within 32 bits")]
                None => Value::from(number as i64),
            };
        }
        let fault = if is_whole {
            "beyond 32 bits"
        } else {
            "not a whole number"
        };
        self.fault(format!("Int is expected, but the number is {fault}"));
        value
    }

    fn input_object(
        &mut self,
        mut fields: Map<String, Value>,
        name: &str,
        input: &InputObject,
    ) -> Value {
        for unknown in fields
            .keys()
            .filter(|field| !input.fields.contains_key(*field))
        {
            let unknown: String = unknown.chars().take(64).collect();
            self.fault(format!("{name} has no field `{unknown}`"));
        }
        if input.one_of && (fields.len() != 1 || fields.values().any(Value::is_null)) {
            self.fault(format!(
                "{name} takes exactly one of its fields, and not null"
            ));
        }
        for (field, spec) in &input.fields {
            match fields.get_mut(field) {
                Some(value) => {
                    let taken = value.take();
                    *value = self.inside(format_args!(".{field}"), |check| {
                        check.value(taken, &spec.field_type)
                    });
                }
                None if !spec.has_default && matches!(spec.field_type, TypeRef::NonNull(_)) => {
                    let required = &spec.field_type;
                    self.fault(format!(
                        "the field `{field}` of type {required} is required"
                    ));
                }
                // The subgraph fills in its default.
                None => {}
            }
        }
        Value::Object(fields)
    }

    fn inside<T>(&mut self, step: std::fmt::Arguments<'_>, run: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.at.len();
        // Writing to a string does not fail.
        let _ = self.at.write_fmt(step);
        let result = run(self);
        self.at.truncate(length);
        result
    }

    fn unexpected(&mut self, value: Value, expected: &str) -> Value {
        let found = match &value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        self.fault(format!("{expected} is expected, but {found} is given"));
        value
    }

    fn fault(&mut self, fault: String) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push((self.at.clone(), fault));
        }
    }
}
