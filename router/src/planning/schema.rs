//! What execution needs to know of the schema, indexed: types of fields, possible types, enums and
//! inputs.

use graphql_tools::static_graphql::schema::{Document, Type, TypeDefinition};
use indexmap::IndexMap;
use rustc_hash::{FxHashMap, FxHashSet};
use std::borrow::Cow;
use std::sync::Arc;

use super::Definition;
use super::public_schema::{PublicSchema, type_name};
use crate::operation::OperationKind;

/// A reference to a type, as a field or a variable has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeRef {
    /// A named type.
    Named(Arc<str>),
    /// A list of items of a type.
    List(Box<TypeRef>),
    /// A type whose value is never null.
    NonNull(Box<TypeRef>),
}

impl TypeRef {
    /// The name inside all lists and non-nulls.
    pub fn inner_name(&self) -> &Arc<str> {
        match self {
            TypeRef::Named(name) => name,
            TypeRef::List(inner) | TypeRef::NonNull(inner) => inner.inner_name(),
        }
    }

    pub(crate) fn read(read: &Type) -> Self {
        match read {
            Type::NamedType(name) => TypeRef::Named(name.as_str().into()),
            Type::ListType(inner) => TypeRef::List(Box::new(TypeRef::read(inner))),
            Type::NonNullType(inner) => TypeRef::NonNull(Box::new(TypeRef::read(inner))),
        }
    }
}

impl std::fmt::Display for TypeRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TypeRef::Named(name) => f.write_str(name),
            TypeRef::List(inner) => write!(f, "[{inner}]"),
            TypeRef::NonNull(inner) => write!(f, "{inner}!"),
        }
    }
}

/// Stands before aliases that could be taken for a field.
const ALIAS_PREFIX: &str = "_client_";

/// The values of an enum that clients may see and give.
pub type EnumValues = Arc<FxHashSet<String>>;

/// An input object.
#[derive(Debug)]
pub struct InputObject {
    /// Its fields, in the schema's order.
    pub fields: IndexMap<String, InputField>,
    /// Whether exactly one field must be given (`@oneOf`).
    pub one_of: bool,
}

/// A field of an input object.
#[derive(Debug)]
pub struct InputField {
    /// Its type.
    pub field_type: TypeRef,
    /// Whether it may be left out because the schema gives a default.
    pub has_default: bool,
}

/// The indexed schema.
pub struct Schema {
    public: PublicSchema,
    query_type: Arc<str>,
    mutation_type: Option<Arc<str>>,
    subscription_type: Option<Arc<str>>,
    fields: FxHashMap<String, FxHashMap<String, TypeRef>>,
    possible: FxHashMap<String, FxHashSet<String>>,
    enums: FxHashMap<String, EnumValues>,
    inputs: FxHashMap<String, InputObject>,
    definitions: FxHashMap<String, usize>,
    /// Names of all fields of the supergraph, whatever type they stand on.
    field_names: FxHashSet<String>,
}

impl Schema {
    /// Indexes the public schema. Possible types come from the whole supergraph, for a subgraph may
    /// answer with types that clients cannot see.
    pub(super) fn new(public: PublicSchema, supergraph: &Document) -> Result<Self, String> {
        let query_type = public
            .document
            .query_type_name()
            .ok_or("there is no query type")?;
        let mut schema = Schema {
            query_type: query_type.as_str().into(),
            mutation_type: existing(&public.document, public.document.mutation_type_name()),
            subscription_type: existing(&public.document, public.document.subscription_type_name()),
            fields: FxHashMap::default(),
            possible: FxHashMap::default(),
            enums: FxHashMap::default(),
            inputs: FxHashMap::default(),
            definitions: FxHashMap::default(),
            field_names: FxHashSet::default(),
            public,
        };
        schema.index_public();
        schema.index_possible_types(supergraph);
        schema.index_field_names(supergraph);
        Ok(schema)
    }

    fn index_public(&mut self) {
        for (position, definition) in self.public.document.definitions.iter().enumerate() {
            let Definition::TypeDefinition(definition) = definition else {
                continue;
            };
            let name = type_name(definition).to_owned();
            self.definitions.insert(name.clone(), position);
            match definition {
                TypeDefinition::Object(object) => {
                    let fields = object.fields.iter();
                    let fields = fields.map(|f| (f.name.clone(), TypeRef::read(&f.field_type)));
                    self.fields.insert(name, fields.collect());
                }
                TypeDefinition::Interface(interface) => {
                    let fields = interface.fields.iter();
                    let fields = fields.map(|f| (f.name.clone(), TypeRef::read(&f.field_type)));
                    self.fields.insert(name, fields.collect());
                }
                TypeDefinition::Enum(values) => {
                    let values = values.values.iter().map(|value| value.name.clone());
                    self.enums.insert(name, Arc::new(values.collect()));
                }
                TypeDefinition::InputObject(input) => {
                    let read = |field: &graphql_tools::static_graphql::schema::InputValue| {
                        let read = InputField {
                            field_type: TypeRef::read(&field.value_type),
                            has_default: field.default_value.is_some(),
                        };
                        (field.name.clone(), read)
                    };
                    let input = InputObject {
                        fields: input.fields.iter().map(read).collect(),
                        one_of: input.directives.iter().any(|d| d.name == "oneOf"),
                    };
                    self.inputs.insert(name, input);
                }
                TypeDefinition::Scalar(_) | TypeDefinition::Union(_) => {}
            }
        }
    }

    fn index_possible_types(&mut self, supergraph: &Document) {
        for definition in &supergraph.definitions {
            match definition {
                Definition::TypeDefinition(TypeDefinition::Object(object)) => {
                    for interface in &object.implements_interfaces {
                        let possible = self.possible.entry(interface.clone()).or_default();
                        possible.insert(object.name.clone());
                    }
                }
                Definition::TypeDefinition(TypeDefinition::Union(union)) => {
                    let possible = self.possible.entry(union.name.clone()).or_default();
                    possible.extend(union.types.iter().cloned());
                }
                _ => {}
            }
        }
    }

    fn index_field_names(&mut self, supergraph: &Document) {
        for definition in &supergraph.definitions {
            let fields = match definition {
                Definition::TypeDefinition(TypeDefinition::Object(object)) => &object.fields,
                Definition::TypeDefinition(TypeDefinition::Interface(it)) => &it.fields,
                _ => continue,
            };
            let names = fields.iter().map(|field| field.name.clone());
            self.field_names.extend(names);
        }
    }

    /// The key under which a field that the client asked for is fetched and kept. It is the response
    /// key, unless that could be taken for another field: with `{ user { id: name orders } }` the
    /// name must not become the key by which the user's orders are asked for.
    pub fn data_key<'f>(&self, alias: Option<&'f str>, name: &'f str) -> Cow<'f, str> {
        match alias {
            Some(alias)
                if alias != name
                    && (alias.starts_with('_') || self.field_names.contains(alias)) =>
            {
                Cow::Owned(format!("{ALIAS_PREFIX}{alias}"))
            }
            alias => Cow::Borrowed(alias.unwrap_or(name)),
        }
    }

    /// How many types, fields, arguments and values clients can see.
    pub(crate) fn size(&self) -> usize {
        let arguments = |fields: &[graphql_tools::static_graphql::schema::Field]| {
            fields.iter().map(|it| 1 + it.arguments.len()).sum()
        };
        let size = |definition: &Definition| match definition {
            Definition::TypeDefinition(TypeDefinition::Object(it)) => arguments(&it.fields),
            Definition::TypeDefinition(TypeDefinition::Interface(it)) => arguments(&it.fields),
            Definition::TypeDefinition(TypeDefinition::Enum(it)) => it.values.len(),
            Definition::TypeDefinition(TypeDefinition::InputObject(it)) => it.fields.len(),
            _ => 0,
        };
        let definitions = self.public.document.definitions.iter();
        definitions.map(|it| 1 + size(it)).sum()
    }

    /// The schema that clients see, as text.
    pub fn public_sdl(&self) -> &str {
        &self.public.sdl
    }

    /// The public schema with built-in definitions.
    pub(crate) fn document(&self) -> &Document {
        &self.public.document
    }

    /// The definition of a type that clients can see.
    pub(crate) fn definition(&self, name: &str) -> Option<&TypeDefinition> {
        match self
            .public
            .document
            .definitions
            .get(*self.definitions.get(name)?)
        {
            Some(Definition::TypeDefinition(definition)) => Some(definition),
            _ => None,
        }
    }

    /// The name of the query type.
    pub fn query_type(&self) -> &Arc<str> {
        &self.query_type
    }

    /// The name of the mutation type, if there is one.
    pub fn mutation_type(&self) -> Option<&Arc<str>> {
        self.mutation_type.as_ref()
    }

    /// The type at the root of subscriptions, if there is one.
    pub fn subscription_type(&self) -> Option<&Arc<str>> {
        self.subscription_type.as_ref()
    }

    /// The type at the root of operations of a kind, if the schema has any.
    pub(crate) fn root_type(&self, kind: OperationKind) -> Option<&Arc<str>> {
        match kind {
            OperationKind::Query => Some(&self.query_type),
            OperationKind::Mutation => self.mutation_type.as_ref(),
            OperationKind::Subscription => self.subscription_type.as_ref(),
        }
    }

    /// The type of a field of an object or interface that clients can see.
    pub fn field_type(&self, parent: &str, field: &str) -> Option<&TypeRef> {
        self.fields.get(parent)?.get(field)
    }

    /// Whether the type has fields or members, that is, needs a selection.
    pub fn is_composite(&self, name: &str) -> bool {
        self.fields.contains_key(name) || self.possible.contains_key(name)
    }

    /// Whether it is an object or interface that clients can see.
    pub fn has_fields(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// The objects that an interface or union can be, also those that clients cannot see.
    pub fn possible_types(&self, name: &str) -> impl Iterator<Item = &str> {
        self.possible
            .get(name)
            .into_iter()
            .flatten()
            .map(String::as_str)
    }

    /// Whether an object of the type `runtime` fits a type condition.
    pub fn satisfies(&self, runtime: &str, condition: &str) -> bool {
        runtime == condition
            || self
                .possible
                .get(condition)
                .is_some_and(|possible| possible.contains(runtime))
    }

    /// Whether every value of a type, abstract or not, fits a type condition.
    pub fn always_satisfies(&self, name: &str, condition: &str) -> bool {
        self.satisfies(name, condition)
            || self.possible.get(name).is_some_and(|possible| {
                possible
                    .iter()
                    .all(|runtime| self.satisfies(runtime, condition))
            })
    }

    /// The values of an enum.
    pub fn enum_values(&self, name: &str) -> Option<&EnumValues> {
        self.enums.get(name)
    }

    /// An input object.
    pub fn input_object(&self, name: &str) -> Option<&InputObject> {
        self.inputs.get(name)
    }
}

fn existing(document: &Document, name: Option<&String>) -> Option<Arc<str>> {
    let name = name?;
    let is_it = |definition: &Definition| match definition {
        Definition::TypeDefinition(definition) => type_name(definition) == name,
        _ => false,
    };
    document
        .definitions
        .iter()
        .any(is_it)
        .then(|| name.as_str().into())
}
