//! What clients see of a supergraph: its types without the machinery of federation and without what is hidden.

use std::{collections::HashSet, fmt::Write as _};

use async_graphql_parser::{
    Positioned, parse_schema,
    types::{
        ConstDirective, DirectiveDefinition, FieldDefinition, InputValueDefinition,
        SchemaDefinition, ServiceDocument, TypeDefinition, TypeKind, TypeSystemDefinition,
    },
};
use async_graphql_value::Name;

use super::{
    emit::printer::{Definition, Input, Item, quote},
    ingest::{Links, application, description_text, is_executable, is_repeatable, location_name},
};

/// The directives that mean something to a client. The rest, scopes included, is for routers.
const FOR_CLIENTS: [&str; 3] = ["deprecated", "oneOf", "specifiedBy"];

/// The text is no supergraph SDL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the supergraph does not parse: {0}")]
pub struct ApiSchemaError(String);

impl ApiSchemaError {
    pub(super) fn new(cause: &async_graphql_parser::Error) -> Self {
        Self(cause.to_string())
    }
}

/// The public schema of a supergraph as SDL, its types sorted by name: what is `@inaccessible` is left out, and so is
/// every directive but `@deprecated`, `@oneOf` and `@specifiedBy`.
///
/// # Errors
///
/// When the text does not parse.
pub fn api_schema(supergraph_sdl: &str) -> Result<String, ApiSchemaError> {
    let document = parse_schema(supergraph_sdl).map_err(|error| ApiSchemaError::new(&error))?;
    let visible = Visible::of(&document);
    let mut definitions: Vec<Definition> = visible
        .types
        .iter()
        .map(|definition| visible.definition(definition))
        .collect();
    definitions.sort_by(|a, b| a.name.cmp(&b.name));
    let mut sdl = String::new();
    if let Some(schema) = document
        .definitions
        .iter()
        .find_map(|definition| match definition {
            TypeSystemDefinition::Schema(schema) => Some(&schema.node),
            _ => None,
        })
    {
        print_roots(&mut sdl, schema);
    }
    for definition in &document.definitions {
        if let TypeSystemDefinition::Directive(directive) = definition {
            print_directive(&mut sdl, &directive.node, supergraph_sdl);
        }
    }
    for definition in definitions {
        if !sdl.is_empty() {
            sdl.push('\n');
        }
        definition.print(&mut sdl);
    }
    Ok(sdl)
}

/// Needed only for roots that are not called what they are called by default.
fn print_roots(sdl: &mut String, schema: &SchemaDefinition) {
    let roots: Vec<(&str, &str, &Name)> = [
        ("query", "Query", &schema.query),
        ("mutation", "Mutation", &schema.mutation),
        ("subscription", "Subscription", &schema.subscription),
    ]
    .into_iter()
    .filter_map(|(operation, default, name)| Some((operation, default, &name.as_ref()?.node)))
    .collect();
    if roots.iter().all(|(_, default, name)| *name == *default) {
        return;
    }
    sdl.push_str("schema {\n");
    for (operation, _, name) in roots {
        _ = writeln!(sdl, "  {operation}: {name}");
    }
    sdl.push_str("}\n");
}

/// A directive that clients may write in operations. Where else it may stand is not their concern.
fn print_directive(sdl: &mut String, directive: &DirectiveDefinition, supergraph_sdl: &str) {
    let locations = directive.locations.iter();
    let locations = locations.map(|it| location_name(it.node));
    let locations: Vec<&str> = locations.filter(|it| is_executable(it)).collect();
    if locations.is_empty() {
        return;
    }
    if !sdl.is_empty() {
        sdl.push('\n');
    }
    if let Some(description) = &directive.description {
        _ = writeln!(sdl, "{}", quote(&description_text(description)));
    }
    let arguments: Vec<String> = inputs(&directive.arguments).map(|it| it.print()).collect();
    let arguments = if arguments.is_empty() {
        String::new()
    } else {
        format!("({})", arguments.join(", "))
    };
    let repeatable = if is_repeatable(supergraph_sdl, directive) {
        " repeatable"
    } else {
        ""
    };
    _ = writeln!(
        sdl,
        "directive @{}{arguments}{repeatable} on {}",
        directive.name.node,
        locations.join(" | ")
    );
}

struct Visible<'a> {
    types: Vec<&'a TypeDefinition>,
    hidden: HashSet<&'a str>,
}

impl<'a> Visible<'a> {
    fn of(document: &'a ServiceDocument) -> Self {
        let links = Links::of_supergraph(document);
        let mut this = Self {
            types: Vec::new(),
            hidden: HashSet::new(),
        };
        for definition in &document.definitions {
            let TypeSystemDefinition::Type(ty) = definition else {
                continue;
            };
            let ty = &ty.node;
            if links.is_internal_type(&ty.name.node) {
                continue;
            }
            if is_inaccessible(&ty.directives) {
                this.hidden.insert(ty.name.node.as_str());
            } else {
                this.types.push(ty);
            }
        }
        this
    }

    fn names(&self, names: &[Positioned<Name>]) -> Vec<String> {
        let visible = names
            .iter()
            .filter(|name| !self.hidden.contains(name.node.as_str()));
        visible.map(|name| name.node.to_string()).collect()
    }

    fn definition(&self, ty: &TypeDefinition) -> Definition {
        let mut definition = Definition {
            description: ty.description.as_ref().map(description_text),
            name: ty.name.node.to_string(),
            directives: for_clients(&ty.directives),
            ..Definition::default()
        };
        match &ty.kind {
            TypeKind::Scalar => definition.keyword = "scalar",
            TypeKind::Object(object) => {
                definition.keyword = "type";
                definition.implements = self.names(&object.implements);
                definition.items = fields(&object.fields);
            }
            TypeKind::Interface(interface) => {
                definition.keyword = "interface";
                definition.implements = self.names(&interface.implements);
                definition.items = fields(&interface.fields);
            }
            TypeKind::Union(union) => {
                definition.keyword = "union";
                definition.members = self.names(&union.members);
            }
            TypeKind::Enum(values) => {
                definition.keyword = "enum";
                definition.items = values
                    .values
                    .iter()
                    .map(|value| &value.node)
                    .filter(|value| !is_inaccessible(&value.directives))
                    .map(|value| Item {
                        description: value.description.as_ref().map(description_text),
                        name: value.value.node.to_string(),
                        directives: for_clients(&value.directives),
                        ..Item::default()
                    })
                    .collect();
            }
            TypeKind::InputObject(object) => {
                definition.keyword = "input";
                definition.items = inputs(&object.fields)
                    .map(|input| Item {
                        description: input.description,
                        name: input.name,
                        arguments: Vec::new(),
                        ty: Some(input.ty),
                        default: input.default,
                        directives: input.directives,
                    })
                    .collect();
            }
        }
        definition
    }
}

fn fields(fields: &[Positioned<FieldDefinition>]) -> Vec<Item> {
    fields
        .iter()
        .map(|field| &field.node)
        .filter(|field| !is_inaccessible(&field.directives))
        .map(|field| Item {
            description: field.description.as_ref().map(description_text),
            name: field.name.node.to_string(),
            arguments: inputs(&field.arguments).collect(),
            ty: Some(field.ty.node.to_string()),
            default: None,
            directives: for_clients(&field.directives),
        })
        .collect()
}

fn inputs(definitions: &[Positioned<InputValueDefinition>]) -> impl Iterator<Item = Input> {
    definitions
        .iter()
        .map(|input| &input.node)
        .filter(|input| !is_inaccessible(&input.directives))
        .map(|input| Input {
            description: input.description.as_ref().map(description_text),
            name: input.name.node.to_string(),
            ty: input.ty.node.to_string(),
            default: input
                .default_value
                .as_ref()
                .map(|value| value.node.to_string()),
            directives: for_clients(&input.directives),
        })
}

fn is_inaccessible(directives: &[Positioned<ConstDirective>]) -> bool {
    directives
        .iter()
        .any(|directive| directive.node.name.node == "inaccessible")
}

fn for_clients(directives: &[Positioned<ConstDirective>]) -> Vec<String> {
    directives
        .iter()
        .map(|directive| &directive.node)
        .filter(|directive| FOR_CLIENTS.contains(&directive.name.node.as_str()))
        .map(application)
        .collect()
}
