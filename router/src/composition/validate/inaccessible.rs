//! `@inaccessible` hides parts of the graph from clients; what is left must still be a schema.
//!
//! <https://specs.apollo.dev/inaccessible/v0.2>

use async_graphql_value::ConstValue;

use crate::composition::{
    diagnostic::{Code, Diagnostic, Report},
    model::{Kind, Subgraph},
    supergraph::{MergedArgument, MergedField, MergedGraph, MergedType},
};

pub(in crate::composition) fn check(
    graph: &MergedGraph,
    subgraphs: &[Subgraph],
    report: &mut Report,
) {
    let mut check = Check {
        graph,
        subgraphs,
        report,
    };
    for (name, ty) in &graph.types {
        if ty.metadata.inaccessible {
            if name == "Query" {
                let diagnostic = check.diagnostic(
                    Code::QueryRootTypeInaccessible,
                    name,
                    ty,
                    "The query root is hidden.",
                );
                check.report.error(diagnostic);
            }
            continue;
        }
        check.children(name, ty);
        for (field_name, field) in &ty.fields {
            check.field(&format!("{name}.{field_name}"), ty, field);
        }
        for interface in &ty.implements {
            check.implementation(name, ty, interface);
        }
    }
}

struct Check<'a> {
    graph: &'a MergedGraph,
    subgraphs: &'a [Subgraph],
    report: &'a mut Report,
}

impl Check<'_> {
    fn diagnostic(
        &self,
        code: Code,
        at: &str,
        ty: &MergedType,
        message: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic::new(code, message)
            .at(at)
            .within(ty.subgraphs(self.subgraphs))
    }

    fn error(&mut self, code: Code, at: &str, ty: &MergedType, message: impl Into<String>) {
        let diagnostic = self.diagnostic(code, at, ty, message);
        self.report.error(diagnostic);
    }

    fn is_hidden(&self, type_name: &str) -> bool {
        self.graph
            .types
            .get(type_name)
            .is_some_and(|ty| ty.metadata.inaccessible)
    }

    fn children(&mut self, name: &str, ty: &MergedType) {
        let empty = match ty.kind {
            Kind::Scalar => false,
            Kind::Enum => ty.values.values().all(|value| value.metadata.inaccessible),
            Kind::Union => ty.members.iter().all(|member| self.is_hidden(member)),
            Kind::Object | Kind::Interface | Kind::Input => {
                ty.fields.values().all(|field| field.metadata.inaccessible)
            }
        };
        if empty {
            self.error(
                Code::OnlyInaccessibleChildren,
                name,
                ty,
                "All parts of the type are hidden, but not the type.",
            );
        }
    }

    fn field(&mut self, coordinate: &str, ty: &MergedType, field: &MergedField) {
        if field.metadata.inaccessible {
            if ty.kind == Kind::Input && field.ty.is_non_null() && field.default.is_none() {
                self.error(
                    Code::RequiredInaccessible,
                    coordinate,
                    ty,
                    "The input field is required and hidden.",
                );
            }
            return;
        }
        if self.is_hidden(field.ty.inner()) {
            let message = format!("The field's type `{}` is hidden.", field.ty.inner());
            self.error(Code::ReferencedInaccessible, coordinate, ty, message);
        }
        if let Some(default) = &field.default {
            self.default(coordinate, ty, field.ty.inner(), default);
        }
        for (name, argument) in &field.arguments {
            self.argument(&format!("{coordinate}({name}:)"), ty, argument);
        }
    }

    fn argument(&mut self, place: &str, ty: &MergedType, argument: &MergedArgument) {
        if argument.metadata.inaccessible {
            if argument.ty.is_non_null() && argument.default.is_none() {
                self.error(
                    Code::RequiredInaccessible,
                    place,
                    ty,
                    "The argument is required and hidden.",
                );
            }
            return;
        }
        if self.is_hidden(argument.ty.inner()) {
            let message = format!("The argument's type `{}` is hidden.", argument.ty.inner());
            self.error(Code::ReferencedInaccessible, place, ty, message);
        }
        if let Some(default) = &argument.default {
            self.default(place, ty, argument.ty.inner(), default);
        }
    }

    fn default(&mut self, place: &str, ty: &MergedType, type_name: &str, default: &ConstValue) {
        let Some(definition) = self.graph.types.get(type_name) else {
            return;
        };
        match default {
            ConstValue::Enum(value) => {
                let value = definition.values.get_key_value(value.as_str());
                if let Some((value, _)) = value.filter(|(_, value)| value.metadata.inaccessible) {
                    let message = format!("The default value `{value}` is hidden.");
                    self.error(Code::DefaultValueUsesInaccessible, place, ty, message);
                }
            }
            ConstValue::List(values) => values
                .iter()
                .for_each(|value| self.default(place, ty, type_name, value)),
            ConstValue::Object(object) => {
                for (name, value) in object {
                    let Some(field) = definition.fields.get(name.as_str()) else {
                        continue;
                    };
                    if field.metadata.inaccessible {
                        let message = format!(
                            "The default value uses `{type_name}.{name}`, which is hidden."
                        );
                        self.error(Code::DefaultValueUsesInaccessible, place, ty, message);
                    }
                    self.default(place, ty, field.ty.inner(), value);
                }
            }
            _ => {}
        }
    }

    fn implementation(&mut self, name: &str, ty: &MergedType, interface_name: &str) {
        let Some(interface) = self.graph.types.get(interface_name) else {
            return;
        };
        if interface.metadata.inaccessible {
            return;
        }
        let visible = interface
            .fields
            .iter()
            .filter(|(_, field)| !field.metadata.inaccessible);
        for (field_name, _) in visible {
            if ty
                .fields
                .get(field_name)
                .is_some_and(|own| own.metadata.inaccessible)
            {
                let coordinate = format!("{name}.{field_name}");
                let message =
                    format!("The field is hidden, but `{interface_name}.{field_name}` is not.");
                self.error(Code::ImplementedByInaccessible, &coordinate, ty, message);
            }
        }
    }
}
