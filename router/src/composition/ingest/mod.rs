//! Reads a subgraph's SDL into the [model](super::model).

mod arguments;
mod composed;
mod definitions;
mod element;
mod executable;
mod field;
mod known;
mod link;

use std::collections::{HashMap, HashSet};

use async_graphql_parser::{
    Positioned, parse_schema,
    types::{ConstDirective, ServiceDocument, TypeDefinition, TypeKind, TypeSystemDefinition},
};
use async_graphql_value::Name;

pub(super) use self::{
    composed::{is_repeatable, location_name},
    element::{application, description_text},
    executable::is_executable,
    link::Links,
};
use self::{field::EveryField, known::Meaning};
use super::{
    SubgraphSdl,
    diagnostic::{Code, Diagnostic, Report},
    model::{Field, Key, Kind, Map, Metadata, Subgraph, TypeDef},
};

/// Reads one subgraph; `None` when it is not even GraphQL.
pub(super) fn ingest(
    source: &SubgraphSdl<'_>,
    graph_id: String,
    report: &mut Report,
) -> Option<Subgraph> {
    let document = match parse_schema(source.sdl) {
        Ok(document) => document,
        Err(error) => {
            let message = format!("The SDL does not parse: {error}.");
            report.error(Diagnostic::new(Code::InvalidGraphql, message).within([source.name]));
            return None;
        }
    };
    let links = Links::read(&document, source.name, report);
    definitions::check(&document, &links, source.name, report);
    let composed = composed::read(source, &document, &links, report);
    let executable = executable::read(source.sdl, &document, &links, |name| {
        composed.iter().any(|directive| directive.name == name)
    });
    let mut ingest = Ingest {
        subgraph: source.name,
        roots: root_names(&document),
        composed: composed
            .iter()
            .map(|directive| directive.name.clone())
            .collect(),
        declared: declared_directives(&document),
        links,
        types: Map::new(),
        defined: HashSet::new(),
        report,
    };
    for definition in &document.definitions {
        if let TypeSystemDefinition::Type(ty) = definition {
            ingest.type_definition(&ty.node);
        }
    }
    // Every subgraph can be asked for entities, so every subgraph has a query root.
    ingest
        .types
        .entry("Query".to_owned())
        .or_insert_with(|| TypeDef::new(Kind::Object));
    Some(Subgraph {
        name: source.name.to_owned(),
        url: source.url.to_owned(),
        graph_id,
        federation: ingest.links.federation,
        imported: ingest.links.merged,
        types: ingest.types,
        composed,
        executable,
    })
}

/// The root types' names in the subgraph, with those they have in the supergraph.
fn root_names(document: &ServiceDocument) -> HashMap<String, &'static str> {
    let mut roots = HashMap::new();
    for definition in &document.definitions {
        let TypeSystemDefinition::Schema(schema) = definition else {
            continue;
        };
        let schema = &schema.node;
        for (root, name) in [
            (&schema.query, "Query"),
            (&schema.mutation, "Mutation"),
            (&schema.subscription, "Subscription"),
        ] {
            if let Some(root) = root {
                roots.insert(root.node.to_string(), name);
            }
        }
    }
    roots
}

fn declared_directives(document: &ServiceDocument) -> HashSet<String> {
    document
        .definitions
        .iter()
        .filter_map(|definition| match definition {
            TypeSystemDefinition::Directive(directive) => {
                Some(directive.node.name.node.to_string())
            }
            _ => None,
        })
        .collect()
}

struct Ingest<'a> {
    subgraph: &'a str,
    links: Links,
    roots: HashMap<String, &'static str>,
    /// The directives to keep, by their names here.
    composed: HashSet<String>,
    /// The directives that the SDL defines.
    declared: HashSet<String>,
    types: Map<TypeDef>,
    /// The types with a definition that is no extension.
    defined: HashSet<String>,
    report: &'a mut Report,
}

impl Ingest<'_> {
    fn error(&mut self, code: Code, coordinate: &str, message: impl Into<String>) {
        self.report.error(
            Diagnostic::new(code, message)
                .at(coordinate)
                .within([self.subgraph]),
        );
    }

    fn type_definition(&mut self, definition: &TypeDefinition) {
        let Some(name) = self.type_name(&definition.name.node) else {
            return;
        };
        let kind = kind_of(&definition.kind);
        if self.links.is_internal_type(&name) {
            // All types of federation are scalars, apart from those that it answers with.
            let is_scalar = matches!(name.as_str(), "_Any" | "_FieldSet" | "link__Import")
                || name.starts_with("federation__");
            if is_scalar && kind != Kind::Scalar {
                let message =
                    format!("The type is of a specification, as a scalar and not as {kind}.");
                self.error(Code::TypeDefinitionInvalid, &name, message);
            }
            return;
        }
        if !definition.extend && !self.defined.insert(name.clone()) {
            self.error(Code::InvalidGraphql, &name, "The type is defined twice.");
        }
        // Taken out while it grows, so that the rest of `self` can be used beside it.
        let mut ty = self
            .types
            .shift_remove(&name)
            .unwrap_or_else(|| TypeDef::new(kind));
        if ty.kind != kind {
            let message = format!("The type is defined as {} and extended as {kind}.", ty.kind);
            self.error(Code::InvalidGraphql, &name, message);
        }
        if !definition.extend {
            ty.extension = false;
        }
        let metadata = self.metadata(
            definition.description.as_ref(),
            &definition.directives,
            &name,
        );
        ty.metadata.absorb(metadata);
        let all = self.type_directives(&mut ty, &definition.directives, &name);
        self.body(&mut ty, &definition.kind, &name, all);
        self.types.insert(name, ty);
    }

    /// The type's name in the supergraph; `None` when it takes a root's name without being that root.
    fn type_name(&mut self, name: &Name) -> Option<String> {
        if let Some(root) = self.roots.get(name.as_str()) {
            return Some((*root).to_owned());
        }
        let code = match name.as_str() {
            "Query" => Code::RootQueryUsed,
            "Mutation" => Code::RootMutationUsed,
            "Subscription" => Code::RootSubscriptionUsed,
            _ => return Some(name.to_string()),
        };
        if self.roots.values().any(|root| *root == name.as_str()) {
            let message =
                format!("The type `{name}` is not the root that its name is reserved for.");
            self.error(code, name, message);
            return None;
        }
        Some(name.to_string())
    }

    /// Reads what federation says about the type as a whole.
    fn type_directives(
        &mut self,
        ty: &mut TypeDef,
        directives: &[Positioned<ConstDirective>],
        name: &str,
    ) -> EveryField {
        let mut all = EveryField::default();
        for directive in directives.iter().map(|directive| &directive.node) {
            match self.links.directive(&directive.name.node) {
                Some(Meaning::Key) => match arguments::field_set(directive) {
                    Some(fields) => {
                        let resolvable =
                            arguments::argument(directive, "resolvable") != Some(&false.into());
                        ty.keys.push(Key { fields, resolvable });
                    }
                    None => self.error(
                        Code::KeyInvalidFieldsType,
                        name,
                        "`@key` needs `fields` as a string.",
                    ),
                },
                Some(Meaning::Extends) => ty.extension = true,
                Some(Meaning::Shareable) => all.shareable = true,
                Some(Meaning::External) => all.external = true,
                Some(Meaning::InterfaceObject) => ty.interface_object = true,
                _ => {}
            }
        }
        all
    }

    fn body(&mut self, ty: &mut TypeDef, kind: &TypeKind, name: &str, all: EveryField) {
        match kind {
            TypeKind::Object(object) => {
                self.implement(ty, &object.implements);
                self.fields(ty, &object.fields, name, all);
            }
            TypeKind::Interface(interface) => {
                self.implement(ty, &interface.implements);
                self.fields(ty, &interface.fields, name, all);
            }
            TypeKind::InputObject(input) => {
                for definition in &input.fields {
                    let definition = &definition.node;
                    let coordinate = format!("{name}.{}", definition.name.node);
                    let input = self.argument(definition, &coordinate);
                    let field = Field {
                        ty: input.ty,
                        arguments: Map::new(),
                        default: input.default,
                        external: false,
                        provided: false,
                        shareable: false,
                        requires: None,
                        provides: None,
                        overrides: None,
                        metadata: input.metadata,
                    };
                    self.insert_field(ty, &definition.name.node, field, &coordinate);
                }
            }
            TypeKind::Union(union) => ty
                .members
                .extend(union.members.iter().map(|member| member.node.to_string())),
            TypeKind::Enum(values) => {
                for value in &values.values {
                    let value = &value.node;
                    let coordinate = format!("{name}.{}", value.value.node);
                    let metadata =
                        self.metadata(value.description.as_ref(), &value.directives, &coordinate);
                    if ty
                        .values
                        .insert(value.value.node.to_string(), metadata)
                        .is_some()
                    {
                        self.error(
                            Code::InvalidGraphql,
                            &coordinate,
                            "The value is defined twice.",
                        );
                    }
                }
            }
            TypeKind::Scalar => {}
        }
    }

    fn implement(&self, ty: &mut TypeDef, interfaces: &[Positioned<Name>]) {
        ty.implements.extend(
            interfaces
                .iter()
                .map(|interface| interface.node.to_string()),
        );
    }

    fn metadata(
        &mut self,
        description: Option<&Positioned<String>>,
        directives: &[Positioned<ConstDirective>],
        coordinate: &str,
    ) -> Metadata {
        let (metadata, wrong) = element::metadata(
            description,
            directives,
            &self.links,
            &self.composed,
            &self.declared,
        );
        for (code, message) in wrong {
            self.error(code, coordinate, message);
        }
        metadata
    }
}

fn kind_of(kind: &TypeKind) -> Kind {
    match kind {
        TypeKind::Scalar => Kind::Scalar,
        TypeKind::Object(_) => Kind::Object,
        TypeKind::Interface(_) => Kind::Interface,
        TypeKind::Union(_) => Kind::Union,
        TypeKind::Enum(_) => Kind::Enum,
        TypeKind::InputObject(_) => Kind::Input,
    }
}
