//! What the client asked for, compiled per runtime type from the operation as it was written: this
//! decides the fields of the answer and their order, whatever the plan fetched besides.

mod compile;
mod write;

use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde_json::Value;

use crate::error::PathSegment;
use crate::planning::{EnumValues, Schema, TypeRef};

/// A directive that depends on a variable.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Condition {
    /// `@skip(if: $name)`
    Skip(Arc<str>),
    /// `@include(if: $name)`
    Include(Arc<str>),
}

/// What a field's value looks like inside its lists and non-nulls.
enum Shape {
    /// `__typename`
    Typename,
    /// A scalar or an enum.
    Leaf(Leaf),
    /// An object, interface or union: the fields to write for each type that it can have.
    Composite {
        named: Arc<str>,
        by_type: FxHashMap<Arc<str>, Arc<[Field]>>,
    },
}

/// What a value without fields may be.
enum Leaf {
    Int,
    Float,
    String,
    Boolean,
    Id,
    /// One of these, which are the values that clients can see.
    Enum(EnumValues),
    /// A custom scalar may be anything.
    Custom,
}

impl Leaf {
    fn of(schema: &Schema, name: &str) -> Self {
        match name {
            "Int" => Leaf::Int,
            "Float" => Leaf::Float,
            "String" => Leaf::String,
            "Boolean" => Leaf::Boolean,
            "ID" => Leaf::Id,
            _ => match schema.enum_values(name) {
                Some(values) => Leaf::Enum(Arc::clone(values)),
                None => Leaf::Custom,
            },
        }
    }

    /// Whether a value that is not null may be written as it is.
    fn allows(&self, value: &Value) -> bool {
        match self {
            Leaf::Int => value.as_i64().is_some_and(|it| i32::try_from(it).is_ok()),
            Leaf::Float => value.is_number(),
            Leaf::String => value.is_string(),
            Leaf::Boolean => value.is_boolean(),
            // Many servers write numeric identifiers as numbers.
            Leaf::Id => value.is_string() || value.is_i64() || value.is_u64(),
            Leaf::Enum(values) => value.as_str().is_some_and(|it| values.contains(it)),
            Leaf::Custom => true,
        }
    }
}

/// A field of the answer.
struct Field {
    /// Response key.
    key: Arc<str>,
    /// Where its value stands in the merged data, see [`crate::planning::Schema::data_key`].
    data_key: Arc<str>,
    /// The key as JSON, with quotes and colon.
    json_key: Box<[u8]>,
    /// The field's name in the schema.
    name: Arc<str>,
    field_type: TypeRef,
    /// The field is there if all conditions of any of these hold; always, if there are none.
    any_of: Vec<Vec<Condition>>,
    shape: Shape,
}

/// The compiled shape of an answer.
pub(crate) struct Projection {
    root: Arc<str>,
    fields: Arc<[Field]>,
    /// How many fields were compiled, for all types that objects can have.
    compiled: usize,
}

/// Bytes that lie behind the pointers of a field, roughly.
const BYTES_BEHIND_A_FIELD: usize = 256;

impl Projection {
    /// About how many bytes it takes.
    pub fn bytes(&self) -> usize {
        self.compiled
            .saturating_mul(size_of::<Field>() + BYTES_BEHIND_A_FIELD)
    }

    /// How many leading segments of a path in the merged data the client's selection covers.
    pub fn selected_prefix(&self, path: &[PathSegment]) -> usize {
        self.follow(path, |_, _| {})
    }

    /// Turns a path in the merged data into the response path, as far as the client's selection
    /// goes.
    pub fn response_path(&self, path: &mut Vec<PathSegment>) {
        let mut keys = Vec::new();
        let selected = self.follow(path, |position, field| {
            if field.key != field.data_key {
                keys.push((position, Arc::clone(&field.key)));
            }
        });
        path.truncate(selected);
        for (position, key) in keys {
            path[position] = PathSegment::from(&*key);
        }
    }

    fn follow<'p>(
        &'p self,
        path: &[PathSegment],
        mut on_field: impl FnMut(usize, &'p Field),
    ) -> usize {
        let mut lists: Vec<&[Field]> = vec![&self.fields];
        for (position, segment) in path.iter().enumerate() {
            let PathSegment::Key(key) = segment else {
                continue;
            };
            let mut fields = lists.iter().flat_map(|fields| fields.iter());
            let Some(field) = fields.find(|field| *field.data_key == **key) else {
                return position;
            };
            on_field(position, field);
            match &field.shape {
                Shape::Composite { by_type, .. } => {
                    lists = by_type.values().map(AsRef::as_ref).collect();
                }
                Shape::Leaf(_) | Shape::Typename => {
                    let indexes = path[position + 1..].iter();
                    let indexes = indexes.take_while(|it| matches!(it, PathSegment::Index(_)));
                    return position + 1 + indexes.count();
                }
            }
        }
        path.len()
    }
}
