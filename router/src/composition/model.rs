//! A subgraph as composition sees it: its types with federation's directives read into fields of their own.

use std::fmt;

use async_graphql_value::ConstValue;
use indexmap::{IndexMap, IndexSet};

/// By name, in the order of the SDL.
pub(super) type Map<V> = IndexMap<String, V>;

/// A subgraph's place among the subgraphs, which are sorted by name.
pub(super) type GraphIndex = usize;

/// Which federation a subgraph speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Federation {
    /// No `@link` to the federation specification: every field may be shared, `@external` is taken lightly.
    One,
    /// Linked to this minor version of 2.
    Two(u32),
}

#[derive(Debug)]
pub(super) struct Subgraph {
    pub name: String,
    pub url: String,
    /// Its value in the enum `join__Graph`.
    pub graph_id: String,
    pub federation: Federation,
    /// The directives that it imports and that are written into the supergraph: their names in the specification, with
    /// those that they have here.
    pub imported: Map<String>,
    pub types: Map<TypeDef>,
    /// The directives that `@composeDirective` asks to keep.
    pub composed: Vec<ComposedDirective>,
    /// The directives for operations that it defines.
    pub executable: Map<ExecutableDirective>,
}

impl Subgraph {
    pub fn is_federation_2(&self) -> bool {
        matches!(self.federation, Federation::Two(_))
    }

    pub fn field(&self, type_name: &str, field: &str) -> Option<&Field> {
        self.types.get(type_name)?.fields.get(field)
    }

    /// The types of this subgraph that implement the interface.
    pub fn implementations<'a>(
        &'a self,
        interface: &'a str,
    ) -> impl Iterator<Item = (&'a String, &'a TypeDef)> {
        self.types
            .iter()
            .filter(move |(_, ty)| ty.implements.contains(interface))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Scalar,
    Object,
    Interface,
    Union,
    Enum,
    Input,
}

impl Kind {
    /// The SDL's keyword.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Object => "type",
            Self::Interface => "interface",
            Self::Union => "union",
            Self::Enum => "enum",
            Self::Input => "input",
        }
    }

    /// Whether fields can be selected on it.
    pub fn is_composite(self) -> bool {
        matches!(self, Self::Object | Self::Interface | Self::Union)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scalar => "scalar",
            Self::Object => "object",
            Self::Interface => "interface",
            Self::Union => "union",
            Self::Enum => "enum",
            Self::Input => "input object",
        })
    }
}

/// A type of one subgraph, its definition and extensions taken together. What its kind does not have is empty.
#[derive(Clone, Debug)]
pub(super) struct TypeDef {
    pub kind: Kind,
    pub keys: Vec<Key>,
    /// Only ever extended here (`extend type`, or Federation 1's `@extends`).
    pub extension: bool,
    /// An object here that stands for an interface of other subgraphs (`@interfaceObject`).
    pub interface_object: bool,
    pub implements: IndexSet<String>,
    pub fields: Map<Field>,
    pub members: IndexSet<String>,
    pub values: Map<Metadata>,
    pub metadata: Metadata,
}

impl TypeDef {
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            keys: Vec::new(),
            extension: true,
            interface_object: false,
            implements: IndexSet::new(),
            fields: Map::new(),
            members: IndexSet::new(),
            values: Map::new(),
            metadata: Metadata::default(),
        }
    }

    /// The kind that the type has in the supergraph.
    pub fn merged_kind(&self) -> Kind {
        if self.interface_object {
            Kind::Interface
        } else {
            self.kind
        }
    }
}

/// One `@key`.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub fields: String,
    pub resolvable: bool,
}

/// A field of an object, interface or input object.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub ty: TypeRef,
    pub arguments: Map<Argument>,
    /// Input fields only.
    pub default: Option<ConstValue>,
    pub external: bool,
    /// A `@provides` of the subgraph names it: there the subgraph answers for it though it is external.
    pub provided: bool,
    pub shareable: bool,
    pub requires: Option<String>,
    pub provides: Option<String>,
    pub overrides: Option<Override>,
    pub metadata: Metadata,
}

/// One `@override`: this subgraph takes the field over from another.
#[derive(Clone, Debug)]
pub(super) struct Override {
    pub from: String,
    /// For which part of the requests; `None` for all.
    pub label: Option<String>,
}

#[derive(Clone, Debug)]
pub(super) struct Argument {
    pub ty: TypeRef,
    pub default: Option<ConstValue>,
    pub metadata: Metadata,
}

/// Who may have an element: one of the lists, and of that list everything.
pub(super) type Requirement = Vec<Vec<String>>;

/// What any element may carry and composition passes on.
#[derive(Clone, Debug, Default)]
pub(super) struct Metadata {
    pub description: Option<String>,
    pub deprecated: Option<Deprecated>,
    pub inaccessible: bool,
    pub tags: IndexSet<String>,
    pub authenticated: bool,
    /// `@requiresScopes`, one requirement per subgraph; all of them hold.
    pub scopes: Vec<Requirement>,
    /// `@policy`, in the same way.
    pub policies: Vec<Requirement>,
    pub cost: Option<u64>,
    pub list_size: Option<ListSize>,
    pub specified_by: Option<String>,
    pub one_of: bool,
    /// Applications of directives named by `@composeDirective`, as they are written, with the `@`.
    pub composed: IndexSet<String>,
}

impl Metadata {
    /// Whether not everybody may see the element.
    pub fn demands_something(&self) -> bool {
        self.authenticated || !self.scopes.is_empty() || !self.policies.is_empty()
    }

    /// One of the directives here that would be written into the supergraph as if the subgraph resolved the element.
    pub fn merged_directive(&self) -> Option<&'static str> {
        let directives = [
            (!self.tags.is_empty(), "@tag"),
            (self.inaccessible, "@inaccessible"),
            (self.authenticated, "@authenticated"),
            (!self.scopes.is_empty(), "@requiresScopes"),
            (!self.policies.is_empty(), "@policy"),
            (self.cost.is_some(), "@cost"),
            (self.list_size.is_some(), "@listSize"),
        ];
        let mut directives = directives.into_iter().filter(|(is_there, _)| *is_there);
        directives.next().map(|(_, name)| name)
    }
}

/// `@deprecated`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Deprecated {
    pub reason: Option<String>,
}

/// `@listSize`.
#[derive(Clone, Debug, Default)]
pub(super) struct ListSize {
    pub assumed_size: Option<u64>,
    pub slicing_arguments: IndexSet<String>,
    pub sized_fields: IndexSet<String>,
    pub require_one_slicing_argument: Option<bool>,
}

/// A directive that one subgraph asks to keep in the supergraph.
#[derive(Clone, Debug)]
pub(super) struct ComposedDirective {
    /// Its name in the subgraphs, without the `@`.
    pub name: String,
    /// Its name in its specification.
    pub canonical_name: String,
    /// The specification's URL without the version.
    pub identity: String,
    pub version: (u32, u32),
    /// What it takes, as SDL in parentheses; empty if it takes nothing.
    pub arguments: String,
    pub repeatable: bool,
    pub locations: IndexSet<&'static str>,
    /// How many of its arguments must be given.
    pub required_arguments: usize,
}

impl ComposedDirective {
    /// The definition as SDL.
    pub fn definition(&self) -> String {
        let repeatable = if self.repeatable { " repeatable" } else { "" };
        let locations: Vec<&str> = self.locations.iter().copied().collect();
        format!(
            "directive @{}{}{repeatable} on {}",
            self.name,
            self.arguments,
            locations.join(" | ")
        )
    }
}

/// A directive for operations. Locations in schemas are left out.
#[derive(Clone, Debug)]
pub(super) struct ExecutableDirective {
    /// Types as they are written, with the default values.
    pub arguments: Map<(String, Option<ConstValue>)>,
    pub repeatable: bool,
    pub locations: Vec<&'static str>,
}

/// The type of a field or argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TypeRef {
    Named(String),
    List(Box<TypeRef>),
    NonNull(Box<TypeRef>),
}

impl TypeRef {
    /// The name inside all lists and exclamation marks.
    pub fn inner(&self) -> &str {
        match self {
            Self::Named(name) => name,
            Self::List(ty) | Self::NonNull(ty) => ty.inner(),
        }
    }

    pub fn is_non_null(&self) -> bool {
        matches!(self, Self::NonNull(_))
    }
}

impl fmt::Display for TypeRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::List(ty) => write!(f, "[{ty}]"),
            Self::NonNull(ty) => write!(f, "{ty}!"),
        }
    }
}

/// Whether GraphQL itself defines the scalar.
pub(super) fn is_builtin_scalar(name: &str) -> bool {
    matches!(name, "ID" | "String" | "Int" | "Float" | "Boolean")
}
