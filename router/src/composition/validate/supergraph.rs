//! The rules that the merged graph keeps or breaks.

use crate::composition::{
    diagnostic::{Code, Diagnostic, Report},
    model::{Kind, Subgraph},
    supergraph::{MergedGraph, MergedType, Subtypes},
};

pub(in crate::composition) fn check(
    graph: &MergedGraph,
    subgraphs: &[Subgraph],
    report: &mut Report,
) {
    let subtypes = Subtypes::collect(subgraphs);
    let mut check = Check {
        graph,
        subgraphs,
        subtypes: &subtypes,
        report,
    };
    check.queries();
    for (name, ty) in &graph.types {
        if matches!(ty.kind, Kind::Object | Kind::Interface) {
            check.has_fields(name, ty);
            for interface in &ty.implements {
                check.implementation(name, ty, interface);
            }
        }
    }
}

struct Check<'a> {
    graph: &'a MergedGraph,
    subgraphs: &'a [Subgraph],
    subtypes: &'a Subtypes,
    report: &'a mut Report,
}

impl Check<'_> {
    fn queries(&mut self) {
        // Those that did not merge have been reported, and count here all the same.
        let mut roots = self
            .subgraphs
            .iter()
            .filter_map(|subgraph| subgraph.types.get("Query"));
        if roots.all(|query| query.fields.is_empty()) {
            let message = "No subgraph has a query.";
            self.report
                .error(Diagnostic::new(Code::NoQueries, message).at("Query"));
        }
    }

    fn has_fields(&mut self, name: &str, ty: &MergedType) {
        let mut parts = self
            .subgraphs
            .iter()
            .filter_map(|subgraph| subgraph.types.get(name));
        if name != "Query" && parts.all(|part| part.fields.is_empty()) {
            let diagnostic = Diagnostic::new(Code::InvalidGraphql, "The type has no fields.")
                .at(name)
                .within(ty.subgraphs(self.subgraphs));
            self.report.error(diagnostic);
        }
    }

    fn implementation(&mut self, name: &str, ty: &MergedType, interface_name: &str) {
        let Some(interface) = self.graph.types.get(interface_name) else {
            return;
        };
        let named = || {
            ty.subgraphs(self.subgraphs)
                .chain(interface.subgraphs(self.subgraphs))
        };
        for (field_name, promised) in &interface.fields {
            let coordinate = format!("{name}.{field_name}");
            let Some(field) = ty.fields.get(field_name) else {
                // One that is there but did not merge has been reported.
                let missing = self
                    .subgraphs
                    .iter()
                    .all(|subgraph| subgraph.field(name, field_name).is_none());
                if missing {
                    let message = format!(
                        "`{interface_name}` has the field, and `{name}`, which implements it, has it nowhere."
                    );
                    let diagnostic = Diagnostic::new(Code::InterfaceFieldNoImplem, message);
                    self.report.error(diagnostic.at(coordinate).within(named()));
                }
                continue;
            };
            if !self.subtypes.accepts(&promised.ty, &field.ty) {
                let message = format!(
                    "The field is `{}`, but `{}` in `{interface_name}`.",
                    field.ty, promised.ty
                );
                let diagnostic = Diagnostic::new(Code::InterfaceFieldImplemTypeMismatch, message);
                self.report.error(diagnostic.at(coordinate).within(named()));
            }
        }
    }
}
