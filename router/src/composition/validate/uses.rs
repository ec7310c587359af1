//! Which fields of a subgraph its keys, `@requires`, `@provides` and interfaces name, and whether they name them rightly.

use crate::composition::{
    diagnostic::{Code, Diagnostic, Report},
    field_set::{self, FieldNames, SelectedField},
    model::{Kind, Subgraph, TypeDef},
};

/// The fields that federation itself uses in a subgraph, apart from those that clients ask for.
#[derive(Debug, Default)]
pub(in crate::composition) struct Uses {
    /// In a `@key`.
    pub keys: FieldNames,
    /// In a `@requires` or `@provides`, or to implement an interface.
    pub others: FieldNames,
    /// In a `@provides`; of an interface's field, that of every implementation.
    pub provided: FieldNames,
}

impl Uses {
    pub fn contains(&self, type_name: &str, field: &str) -> bool {
        self.keys.contains(type_name, field) || self.others.contains(type_name, field)
    }
}

/// The three directives that hold a field set.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holder {
    Key,
    Requires,
    Provides,
}

impl Holder {
    fn name(self) -> &'static str {
        match self {
            Self::Key => "@key",
            Self::Requires => "@requires",
            Self::Provides => "@provides",
        }
    }

    fn invalid_fields(self) -> Code {
        match self {
            Self::Key => Code::KeyInvalidFields,
            Self::Requires => Code::RequiresInvalidFields,
            Self::Provides => Code::ProvidesInvalidFields,
        }
    }

    fn directive_in_fields(self) -> Code {
        match self {
            Self::Key => Code::KeyDirectiveInFieldsArg,
            Self::Requires => Code::RequiresDirectiveInFieldsArg,
            Self::Provides => Code::ProvidesDirectiveInFieldsArg,
        }
    }
}

pub(in crate::composition) fn collect(subgraph: &Subgraph, report: &mut Report) -> Uses {
    let mut collector = Collector { subgraph, report };
    let mut uses = Uses::default();
    for (name, ty) in &subgraph.types {
        for key in &ty.keys {
            for field in collector.resolve(Holder::Key, name, name, &key.fields) {
                collector.key_field(name, &field);
                uses.keys.insert(&field.parent, &field.name);
            }
        }
        for (field_name, field) in &ty.fields {
            let coordinate = format!("{name}.{field_name}");
            if let Some(fields) = &field.requires {
                collector.not_on_interface(
                    ty,
                    Code::RequiresUnsupportedOnInterface,
                    Holder::Requires,
                    &coordinate,
                );
                for selected in collector.resolve(Holder::Requires, &coordinate, name, fields) {
                    collector.must_be_external(Holder::Requires, &coordinate, &selected);
                    uses.others.insert(&selected.parent, &selected.name);
                }
            }
            if field.provides.is_some() && field.external && subgraph.is_federation_2() {
                let message = "The field has both `@external` and `@provides`.";
                let code = Code::ExternalCollisionWithAnotherDirective;
                collector.error(code, &coordinate, message);
            }
            if let Some(fields) = &field.provides {
                collector.not_on_interface(
                    ty,
                    Code::ProvidesUnsupportedOnInterface,
                    Holder::Provides,
                    &coordinate,
                );
                for selected in collector.provided(&coordinate, field.ty.inner(), fields) {
                    uses.others.insert(&selected.parent, &selected.name);
                    uses.provided.insert(&selected.parent, &selected.name);
                    for (implementation, _) in subgraph.implementations(&selected.parent) {
                        uses.provided.insert(implementation, &selected.name);
                    }
                }
            }
        }
        for interface in &ty.implements {
            for field in subgraph
                .types
                .get(interface)
                .into_iter()
                .flat_map(|interface| interface.fields.keys())
            {
                uses.others.insert(name, field);
            }
        }
    }
    uses
}

struct Collector<'a> {
    subgraph: &'a Subgraph,
    report: &'a mut Report,
}

impl Collector<'_> {
    fn error(&mut self, code: Code, coordinate: &str, message: impl Into<String>) {
        let diagnostic = Diagnostic::new(code, message)
            .at(coordinate)
            .within([self.subgraph.name.as_str()]);
        self.report.error(diagnostic);
    }

    fn resolve(
        &mut self,
        holder: Holder,
        coordinate: &str,
        on: &str,
        fields: &str,
    ) -> Vec<SelectedField> {
        match field_set::resolve(self.subgraph, on, fields) {
            Ok(selected) => {
                for field in selected.iter().filter(|field| field.has_directives) {
                    let message = format!(
                        "`{}(fields: \"{fields}\")` has a directive on `{}`.",
                        holder.name(),
                        field.name
                    );
                    self.error(holder.directive_in_fields(), coordinate, message);
                }
                selected
            }
            Err(problem) => {
                let message = format!(
                    "`{}(fields: \"{fields}\")` is wrong: {problem}",
                    holder.name()
                );
                self.error(holder.invalid_fields(), coordinate, message);
                Vec::new()
            }
        }
    }

    fn not_on_interface(&mut self, ty: &TypeDef, code: Code, holder: Holder, coordinate: &str) {
        if ty.kind == Kind::Interface && self.subgraph.is_federation_2() {
            self.error(
                code,
                coordinate,
                format!("`{}` stands on a field of an interface.", holder.name()),
            );
        }
    }

    fn key_field(&mut self, coordinate: &str, selected: &SelectedField) {
        let Some(field) = self.subgraph.field(&selected.parent, &selected.name) else {
            return;
        };
        let place = format!("{}.{}", selected.parent, selected.name);
        if !field.arguments.is_empty() {
            self.error(
                Code::KeyFieldsHasArgs,
                coordinate,
                format!("The key has `{place}`, which takes arguments."),
            );
        }
        let kind = self.subgraph.types.get(field.ty.inner()).map(|ty| ty.kind);
        if let Some(kind @ (Kind::Interface | Kind::Union)) = kind {
            let message = format!(
                "The key has `{place}`, whose type `{}` is of kind {kind}.",
                field.ty
            );
            self.error(Code::KeyFieldsSelectInvalidType, coordinate, message);
        }
    }

    fn provided(&mut self, coordinate: &str, on: &str, fields: &str) -> Vec<SelectedField> {
        if !self
            .subgraph
            .types
            .get(on)
            .is_some_and(|ty| ty.kind.is_composite())
        {
            let message =
                format!("`@provides` stands on a field of type `{on}`, which has no fields.");
            self.error(Code::ProvidesOnNonObjectField, coordinate, message);
            return Vec::new();
        }
        let selected = self.resolve(Holder::Provides, coordinate, on, fields);
        for selected in &selected {
            self.must_be_external(Holder::Provides, coordinate, selected);
            let takes_arguments = self
                .subgraph
                .field(&selected.parent, &selected.name)
                .is_some_and(|field| !field.arguments.is_empty());
            if takes_arguments {
                let message = format!(
                    "`@provides` has `{}.{}`, which takes arguments.",
                    selected.parent, selected.name
                );
                self.error(Code::ProvidesFieldsHasArgs, coordinate, message);
            }
        }
        selected
    }

    /// Requiring or providing what the subgraph resolves anyway is a sign of a forgotten `@external`.
    fn must_be_external(&mut self, holder: Holder, coordinate: &str, selected: &SelectedField) {
        // Federation 1 demanded no such thing.
        if !self.subgraph.is_federation_2() || !selected.leaf || selected.external {
            return;
        }
        // An interface's fields cannot be external; those of its implementations can.
        let external_in_implementation =
            self.subgraph
                .implementations(&selected.parent)
                .any(|(_, ty)| {
                    ty.fields
                        .get(&selected.name)
                        .is_some_and(|field| field.external)
                });
        if external_in_implementation {
            return;
        }
        let code = match holder {
            Holder::Provides => Code::ProvidesFieldsMissingExternal,
            Holder::Key | Holder::Requires => Code::RequiresFieldsMissingExternal,
        };
        let message = format!(
            "`{}` names `{}.{}`, which is not `@external`.",
            holder.name(),
            selected.parent,
            selected.name
        );
        self.error(code, coordinate, message);
    }
}
