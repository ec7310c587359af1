//! Writes the answer's `data` straight to bytes, and propagates nulls as the specification says.

use rustc_hash::FxHashSet;
use serde_json::{Map, Value};

use super::{Condition, Field, Leaf, Projection, Shape};
use crate::error::{GraphQLError, PathSegment, code};
use crate::execution::Outcome;
use crate::execution::places::{Step, owned};
use crate::planning::TypeRef;

/// A non-null value is null: the nearest nullable field above becomes null.
struct Bubble;

/// What was written.
#[derive(PartialEq, Eq)]
enum Written {
    Null,
    Value,
}

struct Writer<'a> {
    out: Vec<u8>,
    variables: &'a Map<String, Value>,
    errors: &'a mut Vec<GraphQLError>,
    taken_along: &'a FxHashSet<Vec<PathSegment>>,
    path: Vec<Step<'a>>,
}

impl Projection {
    /// Appends the value of `data` to `out`, and errors of its own to the outcome's: values that the
    /// schema does not allow and that no subgraph has explained.
    pub fn write(
        &self,
        outcome: &mut Outcome,
        variables: &Map<String, Value>,
        out: Vec<u8>,
    ) -> Vec<u8> {
        let start = out.len();
        let mut writer = Writer {
            out,
            variables,
            errors: &mut outcome.errors,
            taken_along: &outcome.taken_along,
            path: Vec::new(),
        };
        let nothing = Map::new();
        let object = outcome.data.as_object().unwrap_or(&nothing);
        if writer.object(object, &self.fields, &self.root).is_err() {
            writer.out.truncate(start);
            writer.out.extend_from_slice(b"null");
        }
        writer.out
    }
}

impl<'a> Writer<'a> {
    fn object(
        &mut self,
        object: &Map<String, Value>,
        fields: &'a [Field],
        type_name: &str,
    ) -> Result<(), Bubble> {
        self.out.push(b'{');
        let mut is_first = true;
        for field in fields {
            if !self.is_on(&field.any_of) {
                continue;
            }
            if !is_first {
                self.out.push(b',');
            }
            is_first = false;
            self.out.extend_from_slice(&field.json_key);
            if let Shape::Typename = field.shape {
                self.leaf(type_name);
                continue;
            }
            self.path.push(Step::Key(&field.key));
            let value = object.get(&*field.data_key).unwrap_or(&Value::Null);
            let written = self.value(value, &field.field_type, field, type_name);
            self.path.pop();
            written?;
        }
        self.out.push(b'}');
        Ok(())
    }

    fn value(
        &mut self,
        value: &Value,
        value_type: &TypeRef,
        field: &'a Field,
        parent: &str,
    ) -> Result<Written, Bubble> {
        match value_type {
            TypeRef::NonNull(inner) => match self.value(value, inner, field, parent)? {
                Written::Value => Ok(Written::Value),
                Written::Null => {
                    self.report_null(parent, &field.name);
                    Err(Bubble)
                }
            },
            _ if value.is_null() => Ok(self.null()),
            TypeRef::List(inner) => match value {
                Value::Array(items) => Ok(self.list(items, inner, field, parent)),
                _ => Ok(self.wrong(parent, &field.name, "a list")),
            },
            TypeRef::Named(name) => match &field.shape {
                Shape::Composite { named, by_type } => {
                    let Value::Object(object) = value else {
                        return Ok(self.wrong(parent, &field.name, "an object"));
                    };
                    let runtime = object.get("__typename").and_then(Value::as_str);
                    let runtime = runtime.unwrap_or(named);
                    let start = self.out.len();
                    // An object of a type that clients cannot see does not exist for them.
                    match by_type
                        .get(runtime)
                        .map(|fields| self.object(object, fields, runtime))
                    {
                        Some(Ok(())) => Ok(Written::Value),
                        Some(Err(Bubble)) | None => {
                            self.out.truncate(start);
                            Ok(self.null())
                        }
                    }
                }
                Shape::Leaf(leaf) if !leaf.allows(value) => {
                    Ok(self.wrong(parent, &field.name, &expected(leaf, name)))
                }
                Shape::Leaf(_) | Shape::Typename => {
                    self.leaf(value);
                    Ok(Written::Value)
                }
            },
        }
    }

    fn list(
        &mut self,
        items: &[Value],
        item_type: &TypeRef,
        field: &'a Field,
        parent: &str,
    ) -> Written {
        let start = self.out.len();
        self.out.push(b'[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.path.push(Step::Index(index));
            let written = self.value(item, item_type, field, parent);
            self.path.pop();
            if written.is_err() {
                self.out.truncate(start);
                return self.null();
            }
        }
        self.out.push(b']');
        Written::Value
    }

    fn null(&mut self) -> Written {
        self.out.extend_from_slice(b"null");
        Written::Null
    }

    fn leaf(&mut self, value: &(impl serde::Serialize + ?Sized)) {
        serde_json::to_writer(&mut self.out, value)
            .expect("JSON values and strings are always written, and a vector takes every byte");
    }

    /// A value that is not what the schema says becomes null.
    fn wrong(&mut self, parent: &str, name: &str, expected: &str) -> Written {
        let message = format!("the value of {parent}.{name} is not {expected}");
        let error = GraphQLError::new(code::SUBGRAPH_BAD_ANSWER, message);
        self.errors.push(error.with_path(owned(&self.path)));
        self.null()
    }

    /// Reports a null where none may be, unless an error at, above or below the place says why.
    fn report_null(&mut self, parent: &str, name: &str) {
        let path = &self.path;
        if self
            .errors
            .iter()
            .any(|error| is_related(&error.path, path))
            || (!self.taken_along.is_empty() && self.taken_along.contains(&owned(path)))
        {
            return;
        }
        let message = format!("{parent}.{name} is null, which its type does not allow");
        let error = GraphQLError::new(code::UNEXPECTED_NULL, message);
        self.errors.push(error.with_path(owned(&self.path)));
    }

    fn is_on(&self, any_of: &[Vec<Condition>]) -> bool {
        let holds = |name: &str| self.variables.get(name).and_then(Value::as_bool) == Some(true);
        any_of.is_empty()
            || any_of.iter().any(|all_of| {
                all_of.iter().all(|condition| match condition {
                    Condition::Skip(name) => !holds(name),
                    Condition::Include(name) => holds(name),
                })
            })
    }
}

fn expected(leaf: &Leaf, name: &str) -> String {
    match leaf {
        Leaf::Enum(_) => format!("a value of the enum {name}"),
        _ => format!("of the type {name}"),
    }
}

/// Whether one path leads to the other. An error without a path may concern anything.
fn is_related(error: &[PathSegment], path: &[Step<'_>]) -> bool {
    error
        .iter()
        .zip(path)
        .all(|(error, step)| match (error, step) {
            (PathSegment::Key(error), Step::Key(key)) => error == key,
            (PathSegment::Index(error), Step::Index(index)) => error == index,
            _ => false,
        })
}
