//! A schema as its SDL tells it: what can be asked for, with which arguments, and what is refused without which scope.

use std::collections::BTreeMap;

use async_graphql::{
    Positioned,
    parser::{
        parse_schema,
        types::{
            BaseType, ConstDirective, FieldDefinition, InputValueDefinition, Type, TypeDefinition,
            TypeKind, TypeSystemDefinition,
        },
    },
};

/// The types of a schema by name.
#[derive(Default)]
pub struct Schema {
    types: BTreeMap<String, Kind>,
    /// What can be asked for by reference.
    pub entities: Vec<Entity>,
}

/// What a type is.
pub enum Kind {
    Object(Vec<Field>),
    Interface,
    Union(Vec<String>),
    Enum(Vec<String>),
    Input(Vec<Input>),
    Scalar,
}

/// A field of an object.
pub struct Field {
    pub name: String,
    pub args: Vec<Input>,
    /// What it answers, without lists and non-null.
    pub of: String,
    /// The scope that the SDL requires.
    pub scope: Option<String>,
}

/// An argument, or a field of an input object.
pub struct Input {
    pub name: String,
    pub ty: Type,
    /// Whether it may be left out.
    pub optional: bool,
}

/// A type that other subgraphs refer to by these fields.
pub struct Entity {
    pub name: String,
    pub key: String,
}

impl Schema {
    pub fn parse(sdl: &str) -> Self {
        let mut schema = Self::default();
        for definition in parse_schema(sdl).unwrap().definitions {
            if let TypeSystemDefinition::Type(definition) = definition {
                schema.add(definition.node);
            }
        }
        schema
    }

    fn add(&mut self, definition: TypeDefinition) {
        let name = definition.name.node.to_string();
        for key in directives(&definition.directives, "key") {
            let resolvable = key.get_argument("resolvable").map(ToString::to_string);
            if resolvable.as_deref() != Some("false") {
                let fields = key.get_argument("fields").unwrap().to_string();
                self.entities.push(Entity {
                    name: name.clone(),
                    key: fields.trim_matches('"').to_owned(),
                });
            }
        }
        let kind = match definition.kind {
            TypeKind::Object(object) => Kind::Object(fields(object.fields)),
            TypeKind::Interface(_) => Kind::Interface,
            TypeKind::Union(union) => Kind::Union(
                union
                    .members
                    .into_iter()
                    .map(|member| member.node.to_string())
                    .collect(),
            ),
            TypeKind::Enum(values) => Kind::Enum(
                values
                    .values
                    .into_iter()
                    .map(|value| value.node.value.node.to_string())
                    .collect(),
            ),
            TypeKind::InputObject(input) => Kind::Input(inputs(input.fields)),
            TypeKind::Scalar => Kind::Scalar,
        };
        self.types.insert(name, kind);
    }

    pub fn kind(&self, name: &str) -> &Kind {
        self.types.get(name).unwrap_or(&Kind::Scalar)
    }

    /// The fields of an object; none of anything else.
    pub fn fields(&self, name: &str) -> &[Field] {
        match self.kind(name) {
            Kind::Object(fields) => fields,
            _ => &[],
        }
    }

    /// Every field that requires a scope, as `Type.field`.
    pub fn scoped(&self) -> Vec<(String, String)> {
        let mut scoped = Vec::new();
        for (name, kind) in &self.types {
            let Kind::Object(fields) = kind else { continue };
            for field in fields {
                if let Some(scope) = &field.scope {
                    scoped.push((format!("{name}.{}", field.name), scope.clone()));
                }
            }
        }
        scoped
    }
}

fn directives<'a>(
    all: &'a [Positioned<ConstDirective>],
    name: &'a str,
) -> impl Iterator<Item = &'a ConstDirective> {
    all.iter()
        .map(|directive| &directive.node)
        .filter(move |directive| directive.name.node == name)
}

fn fields(fields: Vec<Positioned<FieldDefinition>>) -> Vec<Field> {
    fields
        .into_iter()
        .map(|field| {
            let field = field.node;
            let scope = directives(&field.directives, "requiresScopes")
                .next()
                .map(|directive| {
                    let scopes = directive.get_argument("scopes").unwrap().to_string();
                    scopes.trim_matches(['[', ']', '"']).to_owned()
                });
            Field {
                name: field.name.node.to_string(),
                args: inputs(field.arguments),
                of: named(&field.ty.node).to_owned(),
                scope,
            }
        })
        .collect()
}

fn inputs(inputs: Vec<Positioned<InputValueDefinition>>) -> Vec<Input> {
    inputs
        .into_iter()
        .map(|input| {
            let input = input.node;
            Input {
                name: input.name.node.to_string(),
                optional: input.ty.node.nullable || input.default_value.is_some(),
                ty: input.ty.node,
            }
        })
        .collect()
}

/// The name of a type, without lists and non-null.
pub fn named(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(of) => named(of),
    }
}
