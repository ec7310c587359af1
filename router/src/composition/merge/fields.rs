//! Merges the fields of objects and interfaces.

use indexmap::IndexSet;

use super::{Merger, Part};
use crate::composition::{
    diagnostic::Code,
    model::{Field, GraphIndex, Kind, Map, Subgraph, TypeRef},
    overrides::Lost,
    supergraph::{FieldJoin, MergedField},
};

/// A field as one subgraph has it.
pub(super) struct Source<'a> {
    pub graph: GraphIndex,
    pub field: &'a Field,
    /// The type is an interface object in this subgraph.
    pub interface_object: bool,
    /// Another subgraph has taken the field over.
    pub lost: Option<Lost>,
}

impl Source<'_> {
    /// The subgraph answers for the field.
    fn resolves(&self) -> bool {
        !self.field.external && self.lost.is_none()
    }

    /// The subgraph answers for the field on some ways to it.
    fn provides(&self) -> bool {
        self.field.external && self.field.provided && self.lost.is_none()
    }
}

impl<'a> Merger<'a> {
    pub(super) fn merge_fields(
        &mut self,
        type_name: &str,
        kind: Kind,
        parts: &[Part<'a>],
    ) -> Map<MergedField> {
        let names: IndexSet<&str> = parts
            .iter()
            .flat_map(|(_, ty)| ty.fields.keys())
            .map(String::as_str)
            .collect();
        let mut fields = Map::new();
        for name in names {
            let sources: Vec<Source<'_>> = parts
                .iter()
                .filter_map(|(graph, ty)| {
                    Some(Source {
                        graph: *graph,
                        field: ty.fields.get(name)?,
                        interface_object: ty.interface_object,
                        lost: self.overrides.lost(*graph, type_name, name),
                    })
                })
                .collect();
            let coordinate = format!("{type_name}.{name}");
            if let Some(field) = self.merge_field(&coordinate, kind, &sources, parts.len()) {
                fields.insert(name.to_owned(), field);
            }
        }
        fields
    }

    fn merge_field(
        &mut self,
        coordinate: &str,
        kind: Kind,
        sources: &[Source<'a>],
        part_count: usize,
    ) -> Option<MergedField> {
        let (external, defined): (Vec<_>, Vec<_>) =
            sources.iter().partition(|source| source.field.external);
        if defined.is_empty() {
            let message =
                "The field is `@external` in every subgraph that has it, so that none resolves it.";
            self.error(
                Code::ExternalMissingOnBase,
                coordinate,
                sources.iter().map(|source| source.graph),
                message,
            );
            return None;
        }
        self.check_sharing(coordinate, kind, sources);
        // Both are looked at before either failure counts, so that both are told.
        let ty = self.merge_field_type(coordinate, &defined);
        let arguments = self.merge_arguments(coordinate, &defined);
        let ty = ty?;
        let metadata = self.merge_metadata(
            coordinate,
            sources
                .iter()
                .map(|source| (source.graph, &source.field.metadata)),
        );
        let mut merged = MergedField {
            ty,
            arguments,
            default: None,
            joins: Vec::new(),
            metadata,
        };
        self.check_externals(coordinate, &merged, &external);
        merged.joins = joins(sources, &merged.ty, part_count, self.subgraphs);
        Some(merged)
    }

    /// A field may be resolved in several places only where all of them say so.
    fn check_sharing(&mut self, coordinate: &str, kind: Kind, sources: &[Source<'_>]) {
        let owners: Vec<&Source<'_>> = sources
            .iter()
            // An interface's own fields are no resolvers; an interface object's are.
            .filter(|source| kind == Kind::Object || source.interface_object)
            .filter(|source| source.resolves() || source.provides())
            .filter(|source| !self.is_source_of_labelled_override(source.graph, sources))
            .collect();
        let is_shared = |owner: &Source<'_>| owner.field.shareable || owner.field.provided;
        if owners.len() < 2 || owners.iter().all(|owner| is_shared(owner)) {
            return;
        }
        let unshared: Vec<String> = owners
            .iter()
            .filter(|owner| !is_shared(owner))
            .map(|owner| format!("`{}`", self.subgraphs[owner.graph].name))
            .collect();
        let message = format!(
            "Several subgraphs resolve the field, and it is not `@shareable` in {}.",
            unshared.join(", ")
        );
        self.error(
            Code::InvalidFieldSharing,
            coordinate,
            owners.iter().map(|owner| owner.graph),
            message,
        );
    }

    /// With a labelled override two subgraphs have the field, but each request sees one of them.
    fn is_source_of_labelled_override(&self, graph: GraphIndex, sources: &[Source<'_>]) -> bool {
        let name = &self.subgraphs[graph].name;
        sources
            .iter()
            .filter_map(|source| source.field.overrides.as_ref())
            .any(|overrides| overrides.label.is_some() && overrides.from == *name)
    }

    fn merge_field_type(&mut self, coordinate: &str, defined: &[&Source<'_>]) -> Option<TypeRef> {
        let mut types = defined.iter().map(|source| &source.field.ty);
        let first = types.next()?.clone();
        let merged = types.try_fold(first, |merged, ty| self.subtypes.widest(&merged, ty));
        let differ = defined
            .windows(2)
            .any(|pair| pair[0].field.ty != pair[1].field.ty);
        let listed = || {
            let listed: Vec<String> = defined
                .iter()
                .map(|source| {
                    format!(
                        "`{}` in `{}`",
                        source.field.ty, self.subgraphs[source.graph].name
                    )
                })
                .collect();
            listed.join(", ")
        };
        let graphs = defined.iter().map(|source| source.graph);
        match &merged {
            None => {
                let message = format!("The field's types do not fit together: {}.", listed());
                self.error(Code::FieldTypeMismatch, coordinate, graphs, message);
            }
            Some(merged) if differ => {
                let message = format!(
                    "The field's types differ: {}. The graph has `{merged}`.",
                    listed()
                );
                self.hint(
                    Code::InconsistentButCompatibleFieldType,
                    coordinate,
                    graphs,
                    message,
                );
            }
            Some(_) => {}
        }
        merged
    }

    /// An external field is a copy of another subgraph's field, and must be a true one.
    fn check_externals(
        &mut self,
        coordinate: &str,
        merged: &MergedField,
        external: &[&Source<'_>],
    ) {
        for source in external {
            let field = source.field;
            if let Some(directive) = field.metadata.merged_directive() {
                let message = format!("`{directive}` stands beside `@external`.");
                let code = Code::MergedDirectiveApplicationOnExternal;
                self.error(code, coordinate, [source.graph], message);
            }
            let fits = self.subtypes.accepts(&merged.ty, &field.ty);
            if !fits {
                let message = format!(
                    "The `@external` field is `{}` here and `{}` in the graph.",
                    field.ty, merged.ty
                );
                self.error(
                    Code::ExternalTypeMismatch,
                    coordinate,
                    [source.graph],
                    message,
                );
            }
            for (name, argument) in &merged.arguments {
                let place = format!("{coordinate}({name}:)");
                let Some(declared) = field.arguments.get(name) else {
                    let message = "The `@external` field lacks the argument.";
                    self.error(
                        Code::ExternalArgumentMissing,
                        &place,
                        [source.graph],
                        message,
                    );
                    continue;
                };
                if !self.subtypes.accepts(&declared.ty, &argument.ty) {
                    let message = format!(
                        "The argument is `{}` here and `{}` in the graph.",
                        declared.ty, argument.ty
                    );
                    self.error(
                        Code::ExternalArgumentTypeMismatch,
                        &place,
                        [source.graph],
                        message,
                    );
                }
                if declared.default != argument.default {
                    let message = "The argument's default value is not the graph's.";
                    self.error(
                        Code::ExternalArgumentDefaultMismatch,
                        &place,
                        [source.graph],
                        message,
                    );
                }
            }
        }
    }
}

/// Says of each subgraph how it has the field; nothing when all have it alike, which is the rule.
fn joins(
    sources: &[Source<'_>],
    ty: &TypeRef,
    part_count: usize,
    subgraphs: &[Subgraph],
) -> Vec<FieldJoin> {
    let differs = sources.iter().any(|source| source.field.ty != *ty);
    let plain = |source: &Source<'_>| {
        source.resolves()
            && source.field.requires.is_none()
            && source.field.provides.is_none()
            && source.field.overrides.is_none()
    };
    if sources.len() == part_count && !differs && sources.iter().all(plain) {
        return Vec::new();
    }
    sources
        .iter()
        .filter(|source| source.lost != Some(Lost::Entirely))
        .map(|source| {
            let overrides = source.field.overrides.as_ref();
            FieldJoin {
                graph: Some(source.graph),
                requires: source.field.requires.clone(),
                provides: source.field.provides.clone(),
                ty: differs.then(|| source.field.ty.clone()),
                external: source.field.external,
                override_from: overrides.map(|overrides| overrides.from.clone()),
                override_label: label(source, sources, subgraphs),
                used_overridden: source.lost == Some(Lost::ButUsed),
            }
        })
        .collect()
}

/// The label that decides between two subgraphs stands with both. One that has nobody to decide
/// against would only keep the field from being found.
fn label(source: &Source<'_>, sources: &[Source<'_>], subgraphs: &[Subgraph]) -> Option<String> {
    let name = |source: &Source<'_>| subgraphs[source.graph].name.as_str();
    let pair = |from: &Source<'_>, to: &Source<'_>| {
        let overrides = to.field.overrides.as_ref()?;
        let label = overrides.label.as_ref()?;
        (overrides.from == name(from)).then(|| label.clone())
    };
    sources
        .iter()
        .find_map(|other| pair(other, source).or_else(|| pair(source, other)))
}
