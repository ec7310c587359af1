//! Interface objects stand for an interface that other subgraphs define, whose implementations all have its keys.

use crate::composition::{
    diagnostic::{Code, Diagnostic, Report},
    model::{Kind, Subgraph},
};

pub(in crate::composition) fn check(subgraphs: &[Subgraph], report: &mut Report) {
    for subgraph in subgraphs {
        for (name, ty) in &subgraph.types {
            if ty.interface_object {
                needs_interface(subgraph, name, subgraphs, report);
            }
            if ty.kind == Kind::Interface && subgraph.is_federation_2() && !ty.keys.is_empty() {
                implementations_have_keys(subgraph, name, report);
                all_implementations_are_here(subgraph, name, subgraphs, report);
            }
        }
    }
}

fn needs_interface(subgraph: &Subgraph, name: &str, subgraphs: &[Subgraph], report: &mut Report) {
    let defined = subgraphs
        .iter()
        .filter_map(|subgraph| subgraph.types.get(name))
        .any(|ty| ty.kind == Kind::Interface);
    if !defined {
        let message = "No subgraph defines the interface that the `@interfaceObject` stands for.";
        report.error(
            Diagnostic::new(Code::InterfaceObjectUsageError, message)
                .at(name)
                .within([subgraph.name.as_str()]),
        );
    }
    for (implementation, _) in subgraph.implementations(name) {
        let message =
            format!("`{implementation}` implements the interface object in the same subgraph.");
        report.error(
            Diagnostic::new(Code::InterfaceObjectUsageError, message)
                .at(name)
                .within([subgraph.name.as_str()]),
        );
    }
}

fn implementations_have_keys(subgraph: &Subgraph, name: &str, report: &mut Report) {
    for key in subgraph.types.get(name).into_iter().flat_map(|ty| &ty.keys) {
        for (implementation, ty) in subgraph
            .implementations(name)
            .filter(|(_, ty)| ty.kind == Kind::Object)
        {
            let same = |fields: &str| words(fields) == words(&key.fields);
            if !ty
                .keys
                .iter()
                .any(|own| same(&own.fields) && (own.resolvable || !key.resolvable))
            {
                let message = format!(
                    "The interface `{name}` has the key \"{}\", and this type does not.",
                    key.fields
                );
                report.error(
                    Diagnostic::new(Code::InterfaceKeyNotOnImplementation, message)
                        .at(implementation)
                        .within([subgraph.name.as_str()]),
                );
            }
        }
    }
}

/// Who resolves an interface by its key must know the concrete type of whatever key it is given.
fn all_implementations_are_here(
    subgraph: &Subgraph,
    name: &str,
    subgraphs: &[Subgraph],
    report: &mut Report,
) {
    for other in subgraphs {
        for (implementation, ty) in other.implementations(name) {
            let known = subgraph
                .types
                .get(implementation)
                .is_some_and(|ty| ty.implements.contains(name));
            if ty.kind == Kind::Object && !known {
                let message = format!(
                    "The interface has a key here, but its implementation `{implementation}` is missing."
                );
                report.error(
                    Diagnostic::new(Code::InterfaceKeyMissingImplementationType, message)
                        .at(name)
                        .within([subgraph.name.as_str(), other.name.as_str()]),
                );
            }
        }
    }
}

/// A field set's names, in any order.
fn words(fields: &str) -> Vec<&str> {
    let mut words: Vec<&str> = fields
        .split([' ', ','])
        .filter(|word| !word.is_empty())
        .collect();
    if !fields.contains('{') {
        words.sort_unstable();
    }
    words
}
