//! Merges the subgraphs' types into one graph.

mod arguments;
mod consistency;
mod directives;
mod enums;
mod executable;
mod fields;
mod inputs;
mod interface_objects;
pub(super) mod metadata;
mod unions;

use std::collections::BTreeSet;

use indexmap::IndexSet;

use self::enums::Positions;
use super::{
    diagnostic::{Code, Diagnostic, Report},
    model::{GraphIndex, Kind, Map, Subgraph, TypeDef, is_builtin_scalar},
    overrides::Overrides,
    supergraph::{MergedGraph, MergedType, Subtypes, TypeJoin},
};

pub(super) fn merge(
    subgraphs: &[Subgraph],
    overrides: &Overrides,
    report: &mut Report,
) -> MergedGraph {
    let names: BTreeSet<&str> = subgraphs
        .iter()
        .flat_map(|subgraph| subgraph.types.keys())
        .map(String::as_str)
        .collect();
    let mut merger = Merger {
        subgraphs,
        overrides,
        subtypes: Subtypes::collect(subgraphs),
        positions: Positions::collect(subgraphs),
        report,
    };
    let mut types = Map::new();
    for name in names {
        if let Some(merged) = merger.merge_type(name) {
            types.insert(name.to_owned(), merged);
        }
    }
    merger.add_interface_object_fields(&mut types);
    let composed = merger.merge_composed_directives();
    let executable = merger.merge_executable_directives();
    MergedGraph {
        types,
        composed,
        executable,
    }
}

/// A type with the subgraph that it is of.
type Part<'a> = (GraphIndex, &'a TypeDef);

struct Merger<'a> {
    subgraphs: &'a [Subgraph],
    overrides: &'a Overrides,
    subtypes: Subtypes,
    positions: Positions,
    report: &'a mut Report,
}

impl<'a> Merger<'a> {
    /// Every subgraph's type of the name.
    fn parts(&self, name: &str) -> Vec<Part<'a>> {
        let subgraphs: &'a [Subgraph] = self.subgraphs;
        subgraphs
            .iter()
            .enumerate()
            .filter_map(|(graph, subgraph)| Some((graph, subgraph.types.get(name)?)))
            .collect()
    }

    fn names(&self, graphs: impl IntoIterator<Item = GraphIndex>) -> Vec<&'a str> {
        let subgraphs: &'a [Subgraph] = self.subgraphs;
        graphs
            .into_iter()
            .map(|graph| subgraphs[graph].name.as_str())
            .collect()
    }

    fn error(
        &mut self,
        code: Code,
        coordinate: &str,
        graphs: impl IntoIterator<Item = GraphIndex>,
        message: impl Into<String>,
    ) {
        let names = self.names(graphs);
        self.report
            .error(Diagnostic::new(code, message).at(coordinate).within(names));
    }

    fn hint(
        &mut self,
        code: Code,
        coordinate: &str,
        graphs: impl IntoIterator<Item = GraphIndex>,
        message: impl Into<String>,
    ) {
        let names = self.names(graphs);
        self.report
            .hint(Diagnostic::new(code, message).at(coordinate).within(names));
    }

    fn merge_type(&mut self, name: &str) -> Option<MergedType> {
        let parts = self.parts(name);
        let kind = self.common_kind(name, &parts)?;
        if kind == Kind::Scalar && is_builtin_scalar(name) {
            return None;
        }
        self.check_base(name, &parts);
        self.hint_at_differences(name, kind, &parts);
        let metadata =
            self.merge_metadata(name, parts.iter().map(|(graph, ty)| (*graph, &ty.metadata)));
        let mut merged = MergedType {
            kind,
            joins: parts
                .iter()
                .flat_map(|part| self.type_joins(part))
                .collect(),
            implements: parts
                .iter()
                .flat_map(|(_, ty)| ty.implements.iter().cloned())
                .collect(),
            implement_joins: each(&parts, |ty| &ty.implements),
            fields: Map::new(),
            members: IndexSet::new(),
            member_joins: Vec::new(),
            values: Map::new(),
            metadata,
        };
        match kind {
            Kind::Scalar => {}
            Kind::Object | Kind::Interface => merged.fields = self.merge_fields(name, kind, &parts),
            Kind::Input => merged.fields = self.merge_input_fields(name, &parts),
            Kind::Union => {
                self.hint_partial_members(name, &parts);
                merged.members = parts
                    .iter()
                    .flat_map(|(_, ty)| ty.members.iter().cloned())
                    .collect();
                merged.member_joins = each(&parts, |ty| &ty.members);
            }
            Kind::Enum => merged.values = self.merge_enum_values(name, &parts),
        }
        Some(merged)
    }

    fn common_kind(&mut self, name: &str, parts: &[Part<'_>]) -> Option<Kind> {
        let kind = parts.first()?.1.merged_kind();
        if parts.iter().all(|(_, ty)| ty.merged_kind() == kind) {
            return Some(kind);
        }
        let kinds: Vec<String> = parts
            .iter()
            .map(|(graph, ty)| {
                let what = if ty.interface_object {
                    "interface object".to_owned()
                } else {
                    ty.kind.to_string()
                };
                format!("{what} in `{}`", self.subgraphs[*graph].name)
            })
            .collect();
        let message = format!("The type is of different kinds: {}.", kinds.join(", "));
        self.error(
            Code::TypeKindMismatch,
            name,
            parts.iter().map(|(graph, _)| *graph),
            message,
        );
        None
    }

    /// Something must be there to extend. (The roots need no definition: `extend type Query` is how many begin.)
    fn check_base(&mut self, name: &str, parts: &[Part<'_>]) {
        let root = matches!(name, "Query" | "Mutation" | "Subscription");
        if !root && parts.iter().all(|(_, ty)| ty.extension) {
            let message = "The type is extended, but no subgraph defines it.";
            self.error(
                Code::ExtensionWithNoBase,
                name,
                parts.iter().map(|(graph, _)| *graph),
                message,
            );
        }
    }

    fn type_joins(&self, (graph, ty): &Part<'_>) -> Vec<TypeJoin> {
        let join = |key: Option<String>, resolvable| TypeJoin {
            graph: *graph,
            // Of consequence for entities only, and in Federation 2 for nothing.
            extension: ty.extension && key.is_some() && !self.subgraphs[*graph].is_federation_2(),
            key,
            resolvable,
            interface_object: ty.interface_object,
        };
        if ty.keys.is_empty() {
            vec![join(None, true)]
        } else {
            ty.keys
                .iter()
                .map(|key| join(Some(key.fields.clone()), key.resolvable))
                .collect()
        }
    }
}

/// Names with the subgraphs that have them.
fn each(
    parts: &[Part<'_>],
    names: impl Fn(&TypeDef) -> &IndexSet<String>,
) -> Vec<(GraphIndex, String)> {
    parts
        .iter()
        .flat_map(|(graph, ty)| names(ty).iter().map(move |name| (*graph, name.clone())))
        .collect()
}
