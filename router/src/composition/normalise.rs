//! Makes what is only said between the lines explicit, so that merging need not know of Federation 1.

use super::{
    diagnostic::{Code, Diagnostic, Report},
    model::{Kind, Subgraph},
    validate::uses::Uses,
};

/// Brings the subgraph to Federation 2's terms.
pub(super) fn normalise(subgraph: &mut Subgraph, uses: &Uses, report: &mut Report) {
    let federation_2 = subgraph.is_federation_2();
    for (type_name, ty) in &mut subgraph.types {
        let (extension, kind) = (ty.extension, ty.kind);
        if !federation_2 && kind == Kind::Interface {
            // Allowed there, and never honoured: an entity was found by its own type only.
            ty.keys.clear();
        }
        for (field_name, field) in &mut ty.fields {
            let in_key = uses.keys.contains(type_name, field_name);
            // A Federation 1 subgraph had to repeat the key of a type that it extends as `@external`, though it does
            // know its value. Its interfaces may carry the mark too, where it means nothing.
            let nominal = (extension && in_key) || (!federation_2 && kind == Kind::Interface);
            if field.external && nominal {
                field.external = false;
            }
            // Every subgraph that has a key can answer with it.
            field.shareable |= in_key;
            field.provided = uses.provided.contains(type_name, field_name);
        }
    }
    if federation_2 {
        report_unused_externals(subgraph, uses, report);
    } else {
        drop_unused_externals(subgraph, uses, report);
    }
}

/// Federation 1 tolerated external fields without use; they say nothing, so they go, and with them
/// the types that have nothing else.
fn drop_unused_externals(subgraph: &mut Subgraph, uses: &Uses, report: &mut Report) {
    let mut dropped = Vec::new();
    subgraph.types.retain(|type_name, ty| {
        let had_fields = !ty.fields.is_empty();
        ty.fields
            .retain(|field_name, field| !field.external || uses.contains(type_name, field_name));
        let keep = !had_fields || !ty.fields.is_empty() || type_name == "Query";
        if !keep {
            dropped.push(type_name.clone());
        }
        keep
    });
    for type_name in dropped {
        let mut fields = subgraph.types.values().flat_map(|ty| ty.fields.values());
        if fields.any(|field| field.ty.inner() == type_name) {
            let message = "The type has `@external` fields only, none is used, and yet a field is of this type.";
            report.error(
                Diagnostic::new(Code::TypeWithOnlyUnusedExternal, message)
                    .at(type_name)
                    .within([subgraph.name.as_str()]),
            );
        }
    }
}

fn report_unused_externals(subgraph: &Subgraph, uses: &Uses, report: &mut Report) {
    for (type_name, ty) in &subgraph.types {
        for (field_name, field) in &ty.fields {
            if field.external && ty.kind == Kind::Object && !uses.contains(type_name, field_name) {
                let message = "The field is `@external`, but no `@key`, `@requires`, `@provides` or interface uses it.";
                report.error(
                    Diagnostic::new(Code::ExternalUnused, message)
                        .at(format!("{type_name}.{field_name}"))
                        .within([subgraph.name.as_str()]),
                );
            }
        }
    }
}
