//! Merges the arguments of a field, and default values.

use async_graphql_value::ConstValue;
use indexmap::IndexSet;

use super::{Merger, fields::Source};
use crate::composition::{
    diagnostic::Code,
    model::{Argument, GraphIndex, Map, TypeRef},
    supergraph::{MergedArgument, strictest},
};

/// The codes for arguments and for input fields, which follow the same rules.
#[derive(Clone, Copy)]
pub(super) struct InputCodes {
    pub types: Code,
    pub defaults: Code,
}

const ARGUMENT: InputCodes = InputCodes {
    types: Code::FieldArgumentTypeMismatch,
    defaults: Code::FieldArgumentDefaultMismatch,
};

/// An input's type and default value in one subgraph.
pub(super) type InputPart<'a> = (GraphIndex, &'a TypeRef, Option<&'a ConstValue>);

impl Merger<'_> {
    /// An argument can be passed on only to subgraphs that know it; so only what all know is kept.
    pub(super) fn merge_arguments(
        &mut self,
        coordinate: &str,
        sources: &[&Source<'_>],
    ) -> Map<MergedArgument> {
        let names: IndexSet<&str> = sources
            .iter()
            .flat_map(|source| source.field.arguments.keys())
            .map(String::as_str)
            .collect();
        let mut merged = Map::new();
        for name in names {
            let place = format!("{coordinate}({name}:)");
            let having: Vec<(GraphIndex, &Argument)> = sources
                .iter()
                .filter_map(|source| Some((source.graph, source.field.arguments.get(name)?)))
                .collect();
            if having.len() < sources.len() {
                self.partial_argument(&place, &having, sources);
                continue;
            }
            let parts: Vec<InputPart<'_>> = having
                .iter()
                .map(|(graph, argument)| (*graph, &argument.ty, argument.default.as_ref()))
                .collect();
            let metadata = self.merge_metadata(
                &place,
                having
                    .iter()
                    .map(|(graph, argument)| (*graph, &argument.metadata)),
            );
            if let Some((ty, default)) = self.merge_input(&place, &parts, ARGUMENT) {
                merged.insert(
                    name.to_owned(),
                    MergedArgument {
                        ty,
                        default,
                        metadata,
                    },
                );
            }
        }
        merged
    }

    fn partial_argument(
        &mut self,
        place: &str,
        having: &[(GraphIndex, &Argument)],
        sources: &[&Source<'_>],
    ) {
        let requiring: Vec<GraphIndex> = having
            .iter()
            .filter(|(_, argument)| argument.ty.is_non_null() && argument.default.is_none())
            .map(|(graph, _)| *graph)
            .collect();
        let lacking = sources
            .iter()
            .map(|source| source.graph)
            .filter(|graph| !having.iter().any(|(has, _)| has == graph));
        let lacking = self.names(lacking).join("`, `");
        let graphs = sources.iter().map(|source| source.graph);
        if requiring.is_empty() {
            let message = format!("The argument is left out, since `{lacking}` lacks it.");
            self.hint(Code::InconsistentArgumentPresence, place, graphs, message);
        } else {
            let requiring = self.names(requiring).join("`, `");
            let message =
                format!("The argument is required in `{requiring}` and missing in `{lacking}`.");
            self.error(
                Code::RequiredArgumentMissingInSomeSubgraph,
                place,
                graphs,
                message,
            );
        }
    }

    /// The type that every subgraph takes, with the default that all agree on.
    pub(super) fn merge_input(
        &mut self,
        place: &str,
        parts: &[InputPart<'_>],
        codes: InputCodes,
    ) -> Option<(TypeRef, Option<ConstValue>)> {
        let mut types = parts.iter().map(|(_, ty, _)| *ty);
        let first = types.next()?.clone();
        let graphs: Vec<GraphIndex> = parts.iter().map(|(graph, ..)| *graph).collect();
        let listed: Vec<String> = parts
            .iter()
            .map(|(graph, ty, _)| format!("`{ty}` in `{}`", self.subgraphs[*graph].name))
            .collect();
        let listed = listed.join(", ");
        let Some(ty) = types.try_fold(first, |merged, ty| strictest(&merged, ty)) else {
            self.error(
                codes.types,
                place,
                graphs,
                format!("The types do not fit together: {listed}."),
            );
            return None;
        };
        if parts.iter().any(|(_, other, _)| **other != ty) {
            let message = format!("The types differ: {listed}. The graph has `{ty}`.");
            self.hint(
                Code::InconsistentButCompatibleArgumentType,
                place,
                graphs,
                message,
            );
        }
        Some((ty, self.merge_default(place, parts, codes)))
    }

    /// A default that one subgraph lacks is dropped: a client that relies on it would send that subgraph nothing.
    fn merge_default(
        &mut self,
        place: &str,
        parts: &[InputPart<'_>],
        codes: InputCodes,
    ) -> Option<ConstValue> {
        let given: Vec<&ConstValue> = parts
            .iter()
            .filter_map(|(_, _, default)| *default)
            .collect();
        let first = *given.first()?;
        let graphs: Vec<GraphIndex> = parts.iter().map(|(graph, ..)| *graph).collect();
        if given.iter().any(|value| *value != first) {
            let listed: Vec<String> = parts
                .iter()
                .map(|(graph, _, default)| {
                    let default =
                        default.map_or_else(|| "none".to_owned(), |value| format!("`{value}`"));
                    format!("{default} in `{}`", self.subgraphs[*graph].name)
                })
                .collect();
            self.error(
                codes.defaults,
                place,
                graphs,
                format!("The default values differ: {}.", listed.join(", ")),
            );
            return None;
        }
        if given.len() < parts.len() {
            let message = format!(
                "The default value `{first}` is left out, since not every subgraph has it."
            );
            self.hint(
                Code::InconsistentDefaultValuePresence,
                place,
                graphs,
                message,
            );
            return None;
        }
        Some(first.clone())
    }
}
