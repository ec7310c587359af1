//! Writes the merged graph as supergraph SDL: sorted, so that the same subgraphs always give the same text.

mod directives;
mod prelude;
pub(super) mod printer;

use std::collections::BTreeSet;

use self::{
    directives::Feature,
    printer::{Definition, Input, Item, quote},
};
use super::{
    model::Subgraph,
    supergraph::{MergedArgument, MergedField, MergedGraph, MergedType, MergedValue},
};

pub(super) fn emit(graph: &MergedGraph, subgraphs: &[Subgraph]) -> String {
    let mut emitter = Emitter {
        subgraphs,
        features: BTreeSet::new(),
    };
    let definitions: Vec<Definition> = graph
        .types
        .iter()
        .map(|(name, ty)| emitter.definition(name, ty))
        .collect();
    let mut sdl = String::new();
    prelude::print(&mut sdl, graph, subgraphs, &emitter.features);
    for definition in definitions {
        sdl.push('\n');
        definition.print(&mut sdl);
    }
    sdl
}

struct Emitter<'a> {
    subgraphs: &'a [Subgraph],
    features: BTreeSet<Feature>,
}

impl Emitter<'_> {
    fn definition(&mut self, name: &str, ty: &MergedType) -> Definition {
        let id = |graph: usize| self.subgraphs[graph].graph_id.as_str();
        let mut written: Vec<String> = ty
            .joins
            .iter()
            .map(|join| directives::join_type(join, self.subgraphs))
            .collect();
        for (graph, interface) in &ty.implement_joins {
            written.push(format!(
                "@join__implements(graph: {}, interface: {})",
                id(*graph),
                quote(interface)
            ));
        }
        for (graph, member) in &ty.member_joins {
            written.push(format!(
                "@join__unionMember(graph: {}, member: {})",
                id(*graph),
                quote(member)
            ));
        }
        written.extend(directives::metadata(&ty.metadata, &mut self.features));
        let fields = ty
            .fields
            .iter()
            .map(|(name, field)| self.field(name, field));
        let mut items: Vec<Item> = fields.collect();
        items.extend(
            ty.values
                .iter()
                .map(|(name, value)| self.value(name, value)),
        );
        Definition {
            description: ty.metadata.description.clone(),
            keyword: ty.kind.keyword(),
            name: name.to_owned(),
            implements: ty.implements.iter().cloned().collect(),
            directives: written,
            members: ty.members.iter().cloned().collect(),
            items,
        }
    }

    fn field(&mut self, name: &str, field: &MergedField) -> Item {
        let mut written: Vec<String> = field
            .joins
            .iter()
            .map(|join| directives::join_field(join, self.subgraphs))
            .collect();
        written.extend(directives::metadata(&field.metadata, &mut self.features));
        Item {
            description: field.metadata.description.clone(),
            name: name.to_owned(),
            arguments: field
                .arguments
                .iter()
                .map(|(name, argument)| self.argument(name, argument))
                .collect(),
            ty: Some(field.ty.to_string()),
            default: field.default.as_ref().map(ToString::to_string),
            directives: written,
        }
    }

    fn argument(&mut self, name: &str, argument: &MergedArgument) -> Input {
        Input {
            description: argument.metadata.description.clone(),
            name: name.to_owned(),
            ty: argument.ty.to_string(),
            default: argument.default.as_ref().map(ToString::to_string),
            directives: directives::metadata(&argument.metadata, &mut self.features),
        }
    }

    fn value(&mut self, name: &str, value: &MergedValue) -> Item {
        let mut written: Vec<String> = value
            .graphs
            .iter()
            .map(|graph| {
                format!(
                    "@join__enumValue(graph: {})",
                    self.subgraphs[*graph].graph_id
                )
            })
            .collect();
        written.extend(directives::metadata(&value.metadata, &mut self.features));
        Item {
            description: value.metadata.description.clone(),
            name: name.to_owned(),
            directives: written,
            ..Item::default()
        }
    }
}
