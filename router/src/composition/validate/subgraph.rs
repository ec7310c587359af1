//! The rules that one subgraph keeps or breaks by itself.

use std::collections::HashSet;

use crate::composition::{
    SubgraphSdl,
    diagnostic::{Code, Diagnostic, Report},
    model::{Federation, Kind, Subgraph, TypeDef, is_builtin_scalar},
};

/// Every subgraph has a name, and no two the same.
pub(in crate::composition) fn names(sources: &[SubgraphSdl<'_>], report: &mut Report) {
    let mut seen = HashSet::new();
    for source in sources {
        if source.name.trim().is_empty() {
            report.error(Diagnostic::new(
                Code::InvalidSubgraphName,
                "A subgraph has no name.",
            ));
        } else if source.name == "_" {
            let message = "`_` is reserved for the graph as a whole.";
            report.error(Diagnostic::new(Code::InvalidSubgraphName, message).within([source.name]));
        } else if !seen.insert(source.name) {
            let message = format!("Two subgraphs are named `{}`.", source.name);
            report.error(Diagnostic::new(Code::InvalidSubgraphName, message).within([source.name]));
        }
    }
}

pub(in crate::composition) fn check(subgraph: &Subgraph, report: &mut Report) {
    let mut check = Check { subgraph, report };
    for (name, ty) in &subgraph.types {
        check.references(name, ty);
        if ty.interface_object {
            check.interface_object(name, ty);
        }
        let too_old = matches!(subgraph.federation, Federation::Two(minor) if minor < 3);
        if too_old && ty.kind == Kind::Interface && !ty.keys.is_empty() {
            let message =
                "`@key` stands on an interface, which came with version 2.3 of federation.";
            check.error(Code::KeyUnsupportedOnInterface, name, message);
        }
        if subgraph.is_federation_2() {
            check.directives_on_fields(name, ty);
        }
        if ty.kind == Kind::Interface || ty.interface_object {
            check.demands(name, ty);
        }
    }
}

struct Check<'a> {
    subgraph: &'a Subgraph,
    report: &'a mut Report,
}

impl Check<'_> {
    fn error(&mut self, code: Code, coordinate: &str, message: impl Into<String>) {
        let diagnostic = Diagnostic::new(code, message)
            .at(coordinate)
            .within([self.subgraph.name.as_str()]);
        self.report.error(diagnostic);
    }

    /// Every type that is mentioned is defined, and is of a kind that can stand there.
    fn references(&mut self, name: &str, ty: &TypeDef) {
        for (field_name, field) in &ty.fields {
            let coordinate = format!("{name}.{field_name}");
            self.reference(&coordinate, field.ty.inner(), ty.kind == Kind::Input);
            for (argument_name, argument) in &field.arguments {
                self.reference(
                    &format!("{coordinate}({argument_name}:)"),
                    argument.ty.inner(),
                    true,
                );
            }
        }
        for interface in &ty.implements {
            let kind = self.subgraph.types.get(interface).map(|ty| ty.kind);
            if kind != Some(Kind::Interface) {
                self.error(
                    Code::InvalidGraphql,
                    name,
                    format!("`{interface}` is no interface of this subgraph."),
                );
            }
        }
        for member in &ty.members {
            if self.subgraph.types.get(member).map(|ty| ty.kind) != Some(Kind::Object) {
                self.error(
                    Code::InvalidGraphql,
                    name,
                    format!("`{member}` is no object type of this subgraph."),
                );
            }
        }
    }

    fn reference(&mut self, coordinate: &str, to: &str, input: bool) {
        if is_builtin_scalar(to) {
            return;
        }
        match self.subgraph.types.get(to).map(|ty| ty.kind) {
            None => self.error(
                Code::InvalidGraphql,
                coordinate,
                format!("The type `{to}` is not defined."),
            ),
            Some(kind) if input && kind.is_composite() => {
                let message = format!("`{to}` is of kind {kind}, which cannot be given.");
                self.error(Code::InvalidGraphql, coordinate, message);
            }
            Some(Kind::Input) if !input => {
                let message = format!("`{to}` is of kind input object, which cannot be answered.");
                self.error(Code::InvalidGraphql, coordinate, message);
            }
            Some(_) => {}
        }
    }

    fn interface_object(&mut self, name: &str, ty: &TypeDef) {
        if ty.kind != Kind::Object {
            let message = format!("`@interfaceObject` stands on a type of kind {}.", ty.kind);
            self.error(Code::InterfaceObjectUsageError, name, message);
        } else if ty.keys.is_empty() {
            self.error(
                Code::InterfaceObjectUsageError,
                name,
                "The interface object has no `@key`.",
            );
        }
    }

    /// Who may see an object is said of the object: it may be reached without the interface.
    fn demands(&mut self, name: &str, ty: &TypeDef) {
        let message = "Who may see it is demanded of an interface.";
        let fields = ty.fields.iter().filter(|_| ty.kind == Kind::Interface);
        let fields = fields.map(|(field, it)| (format!("{name}.{field}"), &it.metadata));
        let all = [(name.to_owned(), &ty.metadata)].into_iter().chain(fields);
        for (coordinate, _) in all.filter(|(_, metadata)| metadata.demands_something()) {
            let code = Code::AuthRequirementsAppliedOnInterface;
            self.error(code, &coordinate, message);
        }
    }

    fn directives_on_fields(&mut self, name: &str, ty: &TypeDef) {
        for (field_name, field) in &ty.fields {
            let coordinate = format!("{name}.{field_name}");
            if ty.kind == Kind::Interface && field.external {
                self.error(
                    Code::ExternalOnInterface,
                    &coordinate,
                    "A field of an interface is `@external`.",
                );
            }
            if ty.kind == Kind::Interface && field.shareable {
                self.error(
                    Code::InvalidShareableUsage,
                    &coordinate,
                    "A field of an interface is `@shareable`.",
                );
            }
            // Which of two streams a client would get could not be told.
            if name == "Subscription" && field.shareable {
                self.error(
                    Code::InvalidFieldSharing,
                    &coordinate,
                    "A subscription is `@shareable`.",
                );
            }
        }
    }
}
