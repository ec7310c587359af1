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
    if graph
        .types
        .get("Query")
        .is_none_or(|query| query.fields.is_empty())
    {
        report.error(Diagnostic::new(Code::NoQueries, "No subgraph has a query.").at("Query"));
    }
    let subtypes = Subtypes::collect(subgraphs);
    for (name, ty) in &graph.types {
        if matches!(ty.kind, Kind::Object | Kind::Interface) {
            if ty.fields.is_empty() && name != "Query" {
                let message = "The type has no fields.";
                report.error(
                    Diagnostic::new(Code::InvalidGraphql, message)
                        .at(name)
                        .within(ty.subgraphs(subgraphs)),
                );
            }
            for interface in &ty.implements {
                if let Some(definition) = graph.types.get(interface) {
                    implementation(
                        name, ty, interface, definition, subgraphs, &subtypes, report,
                    );
                }
            }
        }
    }
}

fn implementation(
    name: &str,
    ty: &MergedType,
    interface_name: &str,
    interface: &MergedType,
    subgraphs: &[Subgraph],
    subtypes: &Subtypes,
    report: &mut Report,
) {
    for (field_name, promised) in &interface.fields {
        let coordinate = format!("{name}.{field_name}");
        let Some(field) = ty.fields.get(field_name) else {
            let message = format!(
                "`{interface_name}` has the field, and `{name}`, which implements it, has it nowhere."
            );
            report.error(
                Diagnostic::new(Code::InterfaceFieldNoImplem, message)
                    .at(coordinate)
                    .within(ty.subgraphs(subgraphs)),
            );
            continue;
        };
        if !subtypes.accepts(&promised.ty, &field.ty) {
            let message = format!(
                "The field is `{}`, but `{}` in `{interface_name}`.",
                field.ty, promised.ty
            );
            report.error(
                Diagnostic::new(Code::InterfaceFieldImplemTypeMismatch, message)
                    .at(coordinate)
                    .within(ty.subgraphs(subgraphs)),
            );
        }
    }
}
