//! Merges input objects: the fields that all subgraphs take.

use indexmap::IndexSet;

use super::{
    Merger, Part,
    arguments::{InputCodes, InputPart},
};
use crate::composition::{
    diagnostic::Code,
    model::{Field, GraphIndex, Map},
    supergraph::{FieldJoin, MergedField},
};

const INPUT_FIELD: InputCodes = InputCodes {
    types: Code::FieldTypeMismatch,
    defaults: Code::InputFieldDefaultMismatch,
};

impl<'a> Merger<'a> {
    pub(super) fn merge_input_fields(
        &mut self,
        type_name: &str,
        parts: &[Part<'a>],
    ) -> Map<MergedField> {
        let names: IndexSet<&str> = parts
            .iter()
            .flat_map(|(_, ty)| ty.fields.keys())
            .map(String::as_str)
            .collect();
        let mut fields = Map::new();
        for name in names {
            let place = format!("{type_name}.{name}");
            let having: Vec<(GraphIndex, &Field)> = parts
                .iter()
                .filter_map(|(graph, ty)| Some((*graph, ty.fields.get(name)?)))
                .collect();
            if having.len() < parts.len() {
                self.partial_input_field(&place, &having, parts);
            } else if let Some(field) = self.merge_input_field(&place, &having) {
                fields.insert(name.to_owned(), field);
            }
        }
        if fields.is_empty() {
            let message = "The input type has no field that all its subgraphs have.";
            self.error(
                Code::EmptyMergedInputType,
                type_name,
                parts.iter().map(|(graph, _)| *graph),
                message,
            );
        }
        fields
    }

    fn partial_input_field(
        &mut self,
        place: &str,
        having: &[(GraphIndex, &Field)],
        parts: &[Part<'_>],
    ) {
        let requiring: Vec<GraphIndex> = having
            .iter()
            .filter(|(_, field)| field.ty.is_non_null() && field.default.is_none())
            .map(|(graph, _)| *graph)
            .collect();
        let lacking = parts
            .iter()
            .map(|(graph, _)| *graph)
            .filter(|graph| !having.iter().any(|(has, _)| has == graph));
        let lacking = self.names(lacking).join("`, `");
        let graphs = parts.iter().map(|(graph, _)| *graph);
        if requiring.is_empty() {
            let message = format!("The input field is left out, since `{lacking}` lacks it.");
            self.hint(Code::InconsistentInputObjectField, place, graphs, message);
        } else {
            let requiring = self.names(requiring).join("`, `");
            let message =
                format!("The input field is required in `{requiring}` and missing in `{lacking}`.");
            self.error(
                Code::RequiredInputFieldMissingInSomeSubgraph,
                place,
                graphs,
                message,
            );
        }
    }

    fn merge_input_field(
        &mut self,
        place: &str,
        having: &[(GraphIndex, &Field)],
    ) -> Option<MergedField> {
        let parts: Vec<InputPart<'_>> = having
            .iter()
            .map(|(graph, field)| (*graph, &field.ty, field.default.as_ref()))
            .collect();
        let (ty, default) = self.merge_input(place, &parts, INPUT_FIELD)?;
        let metadata = self.merge_metadata(
            place,
            having
                .iter()
                .map(|(graph, field)| (*graph, &field.metadata)),
        );
        let differs = having.iter().any(|(_, field)| field.ty != ty);
        let joins = if differs {
            having
                .iter()
                .map(|(graph, field)| FieldJoin {
                    graph: Some(*graph),
                    ty: Some(field.ty.clone()),
                    ..FieldJoin::default()
                })
                .collect()
        } else {
            Vec::new()
        };
        Some(MergedField {
            ty,
            arguments: Map::new(),
            default,
            joins,
            metadata,
        })
    }
}
