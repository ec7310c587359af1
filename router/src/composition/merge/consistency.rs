//! Hints about types that subgraphs know differently, where it is no fault.

use indexmap::IndexSet;

use super::{Merger, Part};
use crate::composition::{
    diagnostic::Code,
    model::{GraphIndex, Kind, Metadata},
};

impl Merger<'_> {
    pub(super) fn hint_at_differences(&mut self, type_name: &str, kind: Kind, parts: &[Part<'_>]) {
        let is_root = matches!(type_name, "Query" | "Mutation" | "Subscription");
        if is_root || !matches!(kind, Kind::Object | Kind::Interface) {
            return;
        }
        let (entities, values): (Vec<&Part<'_>>, Vec<&Part<'_>>) =
            parts.iter().partition(|(_, ty)| !ty.keys.is_empty());
        if entities.is_empty() {
            self.hint_partial_fields(type_name, kind, parts);
        } else if !values.is_empty() && kind == Kind::Object {
            let lacking = self.names(values.iter().map(|(graph, _)| *graph));
            let message = format!("The type has no `@key` in `{}`.", lacking.join("`, `"));
            let graphs = parts.iter().map(|(graph, _)| *graph);
            self.hint(Code::InconsistentEntity, type_name, graphs, message);
        }
    }

    fn hint_partial_fields(&mut self, type_name: &str, kind: Kind, parts: &[Part<'_>]) {
        let code = if kind == Kind::Object {
            Code::InconsistentObjectValueTypeField
        } else {
            Code::InconsistentInterfaceValueTypeField
        };
        let fields: IndexSet<&String> = parts.iter().flat_map(|(_, ty)| ty.fields.keys()).collect();
        for field in fields {
            let lacking: Vec<GraphIndex> = parts
                .iter()
                .filter(|(_, ty)| !ty.fields.contains_key(field))
                .map(|(graph, _)| *graph)
                .collect();
            if lacking.is_empty() {
                continue;
            }
            let lacking = self.names(lacking).join("`, `");
            let message = format!("The field is not in `{lacking}`.");
            let graphs = parts.iter().map(|(graph, _)| *graph);
            self.hint(code, &format!("{type_name}.{field}"), graphs, message);
        }
    }

    /// Of a directive that stands once, one application is left.
    pub(super) fn hint_at_applications(
        &mut self,
        coordinate: &str,
        sources: &[(GraphIndex, &Metadata)],
    ) {
        let graphs = || sources.iter().map(|(graph, _)| *graph);
        let differ = |one: &dyn Fn(&Metadata) -> Option<String>| {
            let mut found = sources.iter().filter_map(|(_, it)| one(it));
            let first = found.next();
            found.any(|other| Some(&other) != first.as_ref())
        };
        let reason = |it: &Metadata| Some(format!("{:?}", it.deprecated.as_ref()?.reason));
        for (name, differs) in [
            ("@deprecated", differ(&reason)),
            ("@specifiedBy", differ(&|it| it.specified_by.clone())),
        ] {
            if differs {
                let message =
                    format!("The arguments of `{name}` differ; those of the first are kept.");
                let code = Code::InconsistentNonRepeatableDirectiveArguments;
                self.hint(code, coordinate, graphs(), message);
            }
        }
        let size = |it: &Metadata| Some(format!("{:?}", it.list_size.as_ref()?));
        for (name, differs) in [
            ("@cost", differ(&|it| Some(it.cost?.to_string()))),
            ("@listSize", differ(&size)),
        ] {
            if differs {
                let message = format!("The arguments of `{name}` differ; the largest are kept.");
                let code = Code::MergedNonRepeatableDirectiveArguments;
                self.hint(code, coordinate, graphs(), message);
            }
        }
    }
}
