//! The schema that clients see: the composed public schema, with the definitions that every
//! GraphQL schema has.

use graphql_tools::static_graphql::schema::{
    Document, Field, InputValue, ObjectType, Type, TypeDefinition, Value,
};

use super::Definition;

/// Introspection types, built-in scalars and built-in directives, with descriptions.
const BUILTIN: &str = include_str!("builtin.graphql");

/// The public schema in the two forms that are needed.
pub(super) struct PublicSchema {
    /// As text, without built-in definitions.
    pub sdl: String,
    /// With built-in definitions, as validation and introspection want it.
    pub document: Document,
}

/// Takes the public schema out of a supergraph.
pub(super) fn publish(supergraph: &str) -> Result<PublicSchema, String> {
    let sdl = crate::composition::api_schema(supergraph).map_err(|error| error.to_string())?;
    let mut document = parse(&sdl)?;
    document.definitions.extend(parse(BUILTIN)?.definitions);
    if let Some(query) = query_type(&mut document) {
        query.fields.extend(introspection_fields());
    }
    Ok(PublicSchema { sdl, document })
}

fn parse(sdl: &str) -> Result<Document, String> {
    let document = graphql_tools::parser::parse_schema::<String>(sdl);
    Ok(document.map_err(|error| error.to_string())?.into_static())
}

fn query_type(document: &mut Document) -> Option<&mut ObjectType> {
    let root = document.query_type_name()?.clone();
    document
        .definitions
        .iter_mut()
        .find_map(|definition| match definition {
            Definition::TypeDefinition(TypeDefinition::Object(object)) if object.name == root => {
                Some(object)
            }
            _ => None,
        })
}

/// `__schema` and `__type`, which stand on the query type but in no list of its fields.
fn introspection_fields() -> [Field; 2] {
    let field = |name: &str, arguments, field_type| Field {
        position: graphql_tools::parser::Pos::default(),
        description: None,
        name: name.to_owned(),
        arguments,
        field_type,
        directives: Vec::new(),
    };
    let required = |name: &str| Type::NonNullType(Box::new(Type::NamedType(name.to_owned())));
    let name = InputValue {
        position: graphql_tools::parser::Pos::default(),
        description: None,
        name: "name".to_owned(),
        value_type: required("String"),
        default_value: None,
        directives: Vec::new(),
    };
    [
        field("__schema", Vec::new(), required("__Schema")),
        field("__type", vec![name], Type::NamedType("__Type".to_owned())),
    ]
}

/// The name of a type of any kind.
pub(crate) fn type_name(definition: &TypeDefinition) -> &str {
    match definition {
        TypeDefinition::Scalar(it) => &it.name,
        TypeDefinition::Object(it) => &it.name,
        TypeDefinition::Interface(it) => &it.name,
        TypeDefinition::Union(it) => &it.name,
        TypeDefinition::Enum(it) => &it.name,
        TypeDefinition::InputObject(it) => &it.name,
    }
}

/// The value of an argument of the first directive with this name.
pub(crate) fn directive_argument<'d>(
    directives: &'d [graphql_tools::static_graphql::schema::Directive],
    directive: &str,
    argument: &str,
) -> Option<&'d Value> {
    let found = directives.iter().find(|it| it.name == directive)?;
    found
        .arguments
        .iter()
        .find_map(|(name, value)| (name == argument).then_some(value))
}
