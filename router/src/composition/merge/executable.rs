//! Merges the directives that clients may write in operations: those that every subgraph defines.

use std::collections::BTreeSet;

use super::Merger;
use crate::composition::{
    diagnostic::Code,
    model::{ExecutableDirective, GraphIndex},
};

type Part<'a> = (GraphIndex, &'a ExecutableDirective);

impl<'a> Merger<'a> {
    /// Their definitions as SDL. Clients can rely only on what all subgraphs understand.
    pub(super) fn merge_executable_directives(&mut self) -> Vec<String> {
        let subgraphs: &'a [_] = self.subgraphs;
        let names: BTreeSet<&String> = subgraphs
            .iter()
            .flat_map(|subgraph| subgraph.executable.keys())
            .collect();
        let mut merged = Vec::new();
        for name in names {
            let parts: Vec<Part<'a>> = subgraphs
                .iter()
                .enumerate()
                .filter_map(|(graph, subgraph)| Some((graph, subgraph.executable.get(name)?)))
                .collect();
            merged.extend(self.merge_executable_directive(name, &parts));
        }
        merged
    }

    fn merge_executable_directive(&mut self, name: &str, parts: &[Part<'a>]) -> Option<String> {
        let place = format!("@{name}");
        let all = 0..self.subgraphs.len();
        let graphs: Vec<GraphIndex> = parts.iter().map(|(graph, _)| *graph).collect();
        if parts.len() < self.subgraphs.len() {
            let lacking = self.names(all.filter(|graph| !graphs.contains(graph)));
            let message = format!(
                "The directive is left out, since `{}` lacks it.",
                lacking.join("`, `")
            );
            let code = Code::InconsistentExecutableDirectivePresence;
            self.hint(code, &place, graphs, message);
            return None;
        }
        let first = parts.first()?.1;
        let mut locations = first.locations.clone();
        locations.retain(|it| parts.iter().all(|(_, part)| part.locations.contains(it)));
        if locations.is_empty() {
            let message = "The directive is left out, since no location is common to all.";
            let code = Code::NoExecutableDirectiveLocationsIntersection;
            self.hint(code, &place, graphs, message);
            return None;
        }
        if parts
            .iter()
            .any(|(_, it)| it.locations.len() != locations.len())
        {
            let message = "Only the locations that are common to all are kept.";
            let code = Code::InconsistentExecutableDirectiveLocations;
            self.hint(code, &place, graphs.clone(), message);
        }
        let repeatable = parts.iter().all(|(_, it)| it.repeatable);
        if parts.iter().any(|(_, it)| it.repeatable != repeatable) {
            let message = "The directive is not `repeatable`, since it is not in all.";
            let code = Code::InconsistentExecutableDirectiveRepeatable;
            self.hint(code, &place, graphs, message);
        }
        let arguments = self.executable_arguments(&place, first, parts);
        let repeatable = if repeatable { " repeatable" } else { "" };
        let locations = locations.join(" | ");
        Some(format!(
            "directive @{name}{arguments}{repeatable} on {locations}"
        ))
    }

    fn executable_arguments(
        &mut self,
        place: &str,
        first: &ExecutableDirective,
        parts: &[Part<'_>],
    ) -> String {
        let mut kept = Vec::new();
        for (name, (ty, default)) in &first.arguments {
            let others: Vec<_> = parts
                .iter()
                .filter_map(|(_, it)| it.arguments.get(name))
                .collect();
            if others.len() < parts.len() {
                continue;
            }
            if others.iter().any(|(other, _)| other != ty) {
                let graphs = parts.iter().map(|(graph, _)| *graph);
                let message = "The argument's types differ.";
                let place = format!("{place}({name}:)");
                self.error(Code::FieldArgumentTypeMismatch, &place, graphs, message);
            }
            let default = default.as_ref().or_else(|| {
                let mut defaults = others.iter().filter_map(|(_, default)| default.as_ref());
                defaults.next()
            });
            let default = default.map(|it| format!(" = {it}")).unwrap_or_default();
            kept.push(format!("{name}: {ty}{default}"));
        }
        if kept.is_empty() {
            return String::new();
        }
        format!("({})", kept.join(", "))
    }
}
