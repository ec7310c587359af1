//! `@cost` and `@listSize`: what operations are weighed by must be there to weigh.
//!
//! <https://specs.apollo.dev/cost/v0.1>

use crate::composition::{
    diagnostic::{Code, Diagnostic, Report},
    model::{Field, Kind, ListSize, Subgraph, TypeRef},
};

pub(in crate::composition) fn check(subgraph: &Subgraph, report: &mut Report) {
    for (name, ty) in &subgraph.types {
        for (field_name, field) in &ty.fields {
            let mut check = Check {
                subgraph,
                coordinate: format!("{name}.{field_name}"),
                report,
            };
            if ty.kind == Kind::Interface && field.metadata.cost.is_some() {
                check.error(
                    Code::CostAppliedToInterfaceField,
                    "`@cost` stands on a field of an interface.".to_owned(),
                );
            }
            if let Some(size) = &field.metadata.list_size {
                check.list_size(field, size);
            }
        }
    }
}

struct Check<'a> {
    subgraph: &'a Subgraph,
    coordinate: String,
    report: &'a mut Report,
}

impl Check<'_> {
    fn error(&mut self, code: Code, message: String) {
        let diagnostic = Diagnostic::new(code, message)
            .at(self.coordinate.as_str())
            .within([self.subgraph.name.as_str()]);
        self.report.error(diagnostic);
    }

    fn list_size(&mut self, field: &Field, size: &ListSize) {
        if !is_list(&field.ty) && size.sized_fields.is_empty() {
            let message = format!("`@listSize` stands on a field of type `{}`.", field.ty);
            self.error(Code::ListSizeAppliedToNonList, message);
        }
        for argument in &size.slicing_arguments {
            // `input.first` is a field of an input object.
            let mut steps = argument.split('.');
            let first = steps.next().unwrap_or_default();
            let mut ty = field.arguments.get(first).map(|it| &it.ty);
            for step in steps {
                ty = ty.and_then(|it| Some(&self.subgraph.field(it.inner(), step)?.ty));
            }
            let message = match ty {
                None => format!("The slicing argument `{argument}` is no argument of the field."),
                Some(ty) if is_list(ty) || ty.inner() != "Int" => {
                    format!("The slicing argument `{argument}` is of type `{ty}`, not `Int`.")
                }
                Some(_) => continue,
            };
            self.error(Code::ListSizeInvalidSlicingArgument, message);
        }
        for sized in &size.sized_fields {
            // A selection such as `edges { node }` is for whoever reads it.
            if sized.contains(['{', '.', ' ']) {
                continue;
            }
            let message = match self.subgraph.field(field.ty.inner(), sized) {
                None => format!(
                    "The sized field `{sized}` is no field of `{}`.",
                    field.ty.inner()
                ),
                Some(found) if !is_list(&found.ty) => {
                    format!(
                        "The sized field `{sized}` is of type `{}`, which is no list.",
                        found.ty
                    )
                }
                Some(_) => continue,
            };
            self.error(Code::ListSizeInvalidSizedField, message);
        }
    }
}

fn is_list(ty: &TypeRef) -> bool {
    match ty {
        TypeRef::Named(_) => false,
        TypeRef::List(_) => true,
        TypeRef::NonNull(inner) => is_list(inner),
    }
}
