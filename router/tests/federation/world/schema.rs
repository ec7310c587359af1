//! A schema as the servers of a [`World`](super::World) read it.

use graphql_tools::static_graphql::{query, schema};
use indexmap::IndexMap;
use schema::{Definition, Directive, Document, Field, Type, TypeDefinition, TypeExtension};

/// What GraphQL and Federation define in every subgraph.
const PRELUDE: &str = "
scalar Int scalar Float scalar String scalar Boolean scalar ID scalar _Any
directive @include(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @skip(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
";

pub struct Schema {
    /// Without extensions and with `_entities`: what operations are validated against.
    pub document: Document,
    pub types: IndexMap<String, TypeInfo>,
    pub query: String,
    pub mutation: String,
}

#[derive(Default)]
pub struct TypeInfo {
    pub is_object: bool,
    pub is_composite: bool,
    pub fields: IndexMap<String, FieldInfo>,
    pub interfaces: Vec<String>,
    pub members: Vec<String>,
    pub keys: Vec<query::SelectionSet>,
}

pub struct FieldInfo {
    pub ty: Type,
    pub defaults: Vec<(String, query::Value)>,
    pub external: bool,
    pub requires: Option<query::SelectionSet>,
    pub provides: Option<query::SelectionSet>,
    pub overrides: Option<String>,
}

impl Schema {
    pub fn read(sdl: &str) -> Self {
        let parsed = graphql_tools::parser::parse_schema::<String>(sdl).unwrap();
        let mut types: IndexMap<String, TypeDefinition> = IndexMap::new();
        let mut rest = Vec::new();
        for definition in parsed.into_static().definitions {
            match definition {
                Definition::TypeDefinition(ty) => add(&mut types, ty),
                Definition::TypeExtension(extension) => add(&mut types, defined(extension)),
                other => rest.push(other),
            }
        }
        let infos: IndexMap<String, TypeInfo> = types
            .iter()
            .map(|(name, ty)| (name.clone(), info(ty)))
            .collect();
        rest.extend(types.into_values().map(Definition::TypeDefinition));
        let prelude = graphql_tools::parser::parse_schema::<String>(PRELUDE).unwrap();
        rest.extend(prelude.into_static().definitions);
        let mut schema = Schema {
            document: Document { definitions: rest },
            types: infos,
            query: "Query".to_owned(),
            mutation: "Mutation".to_owned(),
        };
        let roots = schema.document.definitions.iter().find_map(|it| match it {
            Definition::SchemaDefinition(it) => Some((it.query.clone(), it.mutation.clone())),
            _ => None,
        });
        if let Some((query, mutation)) = roots {
            schema.query = query.unwrap_or(schema.query);
            schema.mutation = mutation.unwrap_or(schema.mutation);
        }
        schema.add_entities();
        schema
    }

    /// `_entities`, which every subgraph with a key has.
    fn add_entities(&mut self) {
        let entities: Vec<&str> = self
            .types
            .iter()
            .filter(|(_, info)| info.is_object && !info.keys.is_empty())
            .map(|(name, _)| name.as_str())
            .collect();
        if entities.is_empty() {
            return;
        }
        let extra = format!(
            "union _Entity = {} type Q {{ _entities(representations: [_Any!]!): [_Entity]! }}",
            entities.join(" | ")
        );
        let extra = graphql_tools::parser::parse_schema::<String>(&extra).unwrap();
        let mut field = None;
        for definition in extra.into_static().definitions {
            match definition {
                Definition::TypeDefinition(TypeDefinition::Object(mut object)) => {
                    field = object.fields.pop();
                }
                Definition::TypeDefinition(union) => {
                    self.types.insert("_Entity".to_owned(), info(&union));
                    self.document
                        .definitions
                        .push(Definition::TypeDefinition(union));
                }
                _ => {}
            }
        }
        let field = field.unwrap();
        let root = self
            .document
            .definitions
            .iter_mut()
            .find_map(|it| match it {
                Definition::TypeDefinition(TypeDefinition::Object(it)) if it.name == self.query => {
                    Some(it)
                }
                _ => None,
            });
        match root {
            Some(root) => root.fields.push(field),
            None => {
                let mut root = schema::ObjectType::new(self.query.clone());
                root.fields.push(field);
                self.document
                    .definitions
                    .push(Definition::TypeDefinition(TypeDefinition::Object(root)));
            }
        }
    }

    pub fn field(&self, type_name: &str, field: &str) -> Option<&FieldInfo> {
        self.types.get(type_name)?.fields.get(field)
    }

    /// Whether an object of the type fits the condition.
    pub fn fits(&self, type_name: &str, condition: &str) -> bool {
        type_name == condition
            || self
                .types
                .get(type_name)
                .is_some_and(|ty| ty.interfaces.iter().any(|it| it == condition))
            || self
                .types
                .get(condition)
                .is_some_and(|ty| ty.members.iter().any(|it| it == type_name))
    }
}

/// A field set as a selection.
pub fn field_set(text: &str) -> query::SelectionSet {
    let document = graphql_tools::parser::parse_query::<String>(&format!("{{{text}}}"))
        .unwrap()
        .into_static();
    match document.definitions.into_iter().next() {
        Some(query::Definition::Operation(query::OperationDefinition::SelectionSet(set))) => set,
        other => panic!("{other:?}"),
    }
}

fn name_of(ty: &TypeDefinition) -> &str {
    match ty {
        TypeDefinition::Scalar(it) => &it.name,
        TypeDefinition::Object(it) => &it.name,
        TypeDefinition::Interface(it) => &it.name,
        TypeDefinition::Union(it) => &it.name,
        TypeDefinition::Enum(it) => &it.name,
        TypeDefinition::InputObject(it) => &it.name,
    }
}

fn defined(extension: TypeExtension<'static, String>) -> TypeDefinition {
    match extension {
        TypeExtension::Object(it) => TypeDefinition::Object(schema::ObjectType {
            position: it.position,
            description: None,
            name: it.name,
            implements_interfaces: it.implements_interfaces,
            directives: it.directives,
            fields: it.fields,
        }),
        TypeExtension::Interface(it) => TypeDefinition::Interface(schema::InterfaceType {
            position: it.position,
            description: None,
            name: it.name,
            implements_interfaces: it.implements_interfaces,
            directives: it.directives,
            fields: it.fields,
        }),
        other => panic!("the tests extend only objects and interfaces: {other:?}"),
    }
}

fn add(types: &mut IndexMap<String, TypeDefinition>, ty: TypeDefinition) {
    match (types.get_mut(name_of(&ty)), ty) {
        (Some(TypeDefinition::Object(known)), TypeDefinition::Object(more)) => {
            known.fields.extend(more.fields);
            known.directives.extend(more.directives);
            known
                .implements_interfaces
                .extend(more.implements_interfaces);
        }
        (_, ty) => {
            types.insert(name_of(&ty).to_owned(), ty);
        }
    }
}

fn info(ty: &TypeDefinition) -> TypeInfo {
    let of = |fields: &[Field], interfaces: &[String], directives: &[Directive], is_object| {
        let all_external = directives.iter().any(|it| it.name == "external");
        TypeInfo {
            is_object,
            is_composite: true,
            fields: fields
                .iter()
                .map(|it| (it.name.clone(), field_info(it, all_external)))
                .collect(),
            interfaces: interfaces.to_vec(),
            members: Vec::new(),
            keys: directives
                .iter()
                .filter(|it| it.name == "key")
                .filter(|it| {
                    !it.arguments.iter().any(|(name, value)| {
                        name == "resolvable" && *value == query::Value::Boolean(false)
                    })
                })
                .filter_map(|it| Some(field_set(&text(it, "fields")?)))
                .collect(),
        }
    };
    match ty {
        TypeDefinition::Object(it) => {
            of(&it.fields, &it.implements_interfaces, &it.directives, true)
        }
        TypeDefinition::Interface(it) => {
            of(&it.fields, &it.implements_interfaces, &it.directives, false)
        }
        TypeDefinition::Union(it) => TypeInfo {
            is_composite: true,
            members: it.types.clone(),
            ..TypeInfo::default()
        },
        _ => TypeInfo::default(),
    }
}

fn field_info(field: &Field, all_external: bool) -> FieldInfo {
    let find = |name: &str| field.directives.iter().find(|it| it.name == name);
    let set = |name: &str| find(name).and_then(|it| Some(field_set(&text(it, "fields")?)));
    FieldInfo {
        ty: field.field_type.clone(),
        defaults: field
            .arguments
            .iter()
            .filter_map(|it| Some((it.name.clone(), it.default_value.clone()?)))
            .collect(),
        external: all_external || find("external").is_some(),
        requires: set("requires"),
        provides: set("provides"),
        overrides: find("override").and_then(|it| text(it, "from")),
    }
}

fn text(directive: &Directive, argument: &str) -> Option<String> {
    directive
        .arguments
        .iter()
        .find_map(|(name, value)| match value {
            query::Value::String(text) if name == argument => Some(text.clone()),
            _ => None,
        })
}
