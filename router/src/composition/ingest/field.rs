//! Reads fields and arguments, with what federation says of them.

use async_graphql_parser::{
    Positioned,
    types::{BaseType, ConstDirective, FieldDefinition, InputValueDefinition, Type},
};
use async_graphql_value::Name;

use super::{Ingest, arguments, known::Meaning};
use crate::composition::{
    diagnostic::Code,
    model::{Argument, Federation, Field, Override, TypeDef, TypeRef},
};

/// What a directive on a type says of each of the fields in the same block.
#[derive(Clone, Copy, Default)]
pub(super) struct EveryField {
    pub external: bool,
    pub shareable: bool,
}

impl Ingest<'_> {
    pub(super) fn fields(
        &mut self,
        ty: &mut TypeDef,
        fields: &[Positioned<FieldDefinition>],
        name: &str,
        all: EveryField,
    ) {
        for field in fields.iter().map(|field| &field.node) {
            if name == "Query" && matches!(field.name.node.as_str(), "_service" | "_entities") {
                continue;
            }
            let coordinate = format!("{name}.{}", field.name.node);
            let read = self.field(field, &coordinate, all);
            self.insert_field(ty, &field.name.node, read, &coordinate);
        }
    }

    pub(super) fn insert_field(
        &mut self,
        ty: &mut TypeDef,
        name: &Name,
        field: Field,
        coordinate: &str,
    ) {
        if ty.fields.insert(name.to_string(), field).is_some() {
            self.error(
                Code::InvalidGraphql,
                coordinate,
                "The field is defined twice.",
            );
        }
    }

    fn field(&mut self, definition: &FieldDefinition, coordinate: &str, all: EveryField) -> Field {
        let arguments = definition
            .arguments
            .iter()
            .map(|argument| {
                let name = argument.node.name.node.to_string();
                let argument = self.argument(&argument.node, &format!("{coordinate}({name}:)"));
                (name, argument)
            })
            .collect();
        let mut field = Field {
            ty: self.type_ref(&definition.ty.node),
            arguments,
            default: None,
            external: all.external,
            provided: false,
            // Federation 1 knew no ownership of fields outside entities, and nobody could have declared it.
            shareable: all.shareable || self.links.federation == Federation::One,
            requires: None,
            provides: None,
            overrides: None,
            metadata: self.metadata(
                definition.description.as_ref(),
                &definition.directives,
                coordinate,
            ),
        };
        for directive in definition
            .directives
            .iter()
            .map(|directive| &directive.node)
        {
            self.field_directive(&mut field, directive, coordinate);
        }
        field
    }

    fn field_directive(&mut self, field: &mut Field, directive: &ConstDirective, coordinate: &str) {
        match self.links.directive(&directive.name.node) {
            Some(Meaning::External) => field.external = true,
            Some(Meaning::Shareable) => field.shareable = true,
            Some(Meaning::Requires) => {
                field.requires = arguments::field_set(directive);
                if field.requires.is_none() {
                    let message = "`@requires` needs `fields` as a string.";
                    self.error(Code::RequiresInvalidFieldsType, coordinate, message);
                }
            }
            Some(Meaning::Provides) => {
                field.provides = arguments::field_set(directive);
                if field.provides.is_none() {
                    let message = "`@provides` needs `fields` as a string.";
                    self.error(Code::ProvidesInvalidFieldsType, coordinate, message);
                }
            }
            Some(Meaning::Override) => match arguments::string(directive, "from") {
                Some(from) => {
                    field.overrides = Some(Override {
                        from,
                        label: arguments::string(directive, "label"),
                    });
                }
                None => self.error(
                    Code::InvalidGraphql,
                    coordinate,
                    "`@override` needs `from` as a string.",
                ),
            },
            _ => {}
        }
    }

    pub(super) fn argument(
        &mut self,
        definition: &InputValueDefinition,
        coordinate: &str,
    ) -> Argument {
        Argument {
            ty: self.type_ref(&definition.ty.node),
            default: definition
                .default_value
                .as_ref()
                .map(|value| value.node.clone()),
            metadata: self.metadata(
                definition.description.as_ref(),
                &definition.directives,
                coordinate,
            ),
        }
    }

    fn type_ref(&self, ty: &Type) -> TypeRef {
        let base = match &ty.base {
            BaseType::Named(name) => TypeRef::Named(
                self.roots
                    .get(name.as_str())
                    .map_or_else(|| name.to_string(), |root| (*root).to_owned()),
            ),
            BaseType::List(inner) => TypeRef::List(Box::new(self.type_ref(inner))),
        };
        if ty.nullable {
            base
        } else {
            TypeRef::NonNull(Box::new(base))
        }
    }
}
