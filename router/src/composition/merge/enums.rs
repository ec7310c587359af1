//! Merges enums, by where they are used: what is read may be any subgraph's value, what is given must be everyone's.

use std::collections::HashSet;

use indexmap::IndexSet;

use super::{Merger, Part};
use crate::composition::{
    diagnostic::Code,
    model::{GraphIndex, Kind, Map, Metadata, Subgraph},
    supergraph::MergedValue,
};

/// Which types are given and which are answered, anywhere.
#[derive(Debug, Default)]
pub(super) struct Positions {
    input: HashSet<String>,
    output: HashSet<String>,
}

impl Positions {
    pub fn collect(subgraphs: &[Subgraph]) -> Self {
        let mut this = Self::default();
        for ty in subgraphs
            .iter()
            .flat_map(|subgraph| subgraph.types.values())
        {
            let side = if ty.kind == Kind::Input {
                &mut this.input
            } else {
                &mut this.output
            };
            side.extend(ty.fields.values().map(|field| field.ty.inner().to_owned()));
            let arguments = ty
                .fields
                .values()
                .flat_map(|field| field.arguments.values());
            this.input
                .extend(arguments.map(|argument| argument.ty.inner().to_owned()));
        }
        this
    }
}

impl<'a> Merger<'a> {
    pub(super) fn merge_enum_values(
        &mut self,
        type_name: &str,
        parts: &[Part<'a>],
    ) -> Map<MergedValue> {
        let all: Vec<GraphIndex> = parts.iter().map(|(graph, _)| *graph).collect();
        let (input, output) = (
            self.positions.input.contains(type_name),
            self.positions.output.contains(type_name),
        );
        if !input && !output {
            let message = "The enum is defined, but no field or argument uses it.";
            self.hint(
                Code::UnusedEnumType,
                type_name,
                all.iter().copied(),
                message,
            );
        }
        let names: IndexSet<&str> = parts
            .iter()
            .flat_map(|(_, ty)| ty.values.keys())
            .map(String::as_str)
            .collect();
        let mut values = Map::new();
        for name in names {
            let having: Vec<(GraphIndex, &Metadata)> = parts
                .iter()
                .filter_map(|(graph, ty)| Some((*graph, ty.values.get(name)?)))
                .collect();
            let coordinate = format!("{type_name}.{name}");
            let metadata = self.merge_metadata(&coordinate, having.iter().copied());
            let graphs: Vec<GraphIndex> = having.iter().map(|(graph, _)| *graph).collect();
            let kept = graphs.len() == all.len()
                || self.keep_partial_value(&coordinate, &graphs, &all, &metadata, (input, output));
            if kept {
                values.insert(name.to_owned(), MergedValue { graphs, metadata });
            }
        }
        if values.is_empty() {
            let message = "The enum has no value that all its subgraphs have.";
            self.error(Code::EmptyMergedEnumType, type_name, all, message);
        }
        values
    }

    /// What becomes of a value that only some subgraphs have.
    fn keep_partial_value(
        &mut self,
        coordinate: &str,
        having: &[GraphIndex],
        all: &[GraphIndex],
        metadata: &Metadata,
        (input, output): (bool, bool),
    ) -> bool {
        let lacking = self
            .names(all.iter().copied().filter(|graph| !having.contains(graph)))
            .join("`, `");
        let graphs = all.iter().copied();
        match (input, output) {
            // No client can name or see it, so that it can be sent to no subgraph that does not know it.
            (true, true) if metadata.inaccessible => true,
            (true, true) => {
                let message = format!(
                    "The enum is both given and answered, and `{lacking}` lacks the value."
                );
                self.error(Code::EnumValueMismatch, coordinate, graphs, message);
                true
            }
            (true, false) => {
                let message = format!(
                    "The value is left out, since `{lacking}` lacks it and the enum is an input."
                );
                self.hint(
                    Code::InconsistentEnumValueForInputEnum,
                    coordinate,
                    graphs,
                    message,
                );
                false
            }
            (false, _) => {
                let message = format!("`{lacking}` lacks the value.");
                self.hint(
                    Code::InconsistentEnumValueForOutputEnum,
                    coordinate,
                    graphs,
                    message,
                );
                true
            }
        }
    }
}
