//! Merges the directives that `@composeDirective` asks to keep.

use super::Merger;
use crate::composition::{
    diagnostic::{Code, Diagnostic},
    ingest::is_executable,
    model::{ComposedDirective, Map},
};

impl Merger<'_> {
    /// One definition per name: that of the newest version; of those that are equally new, the one that asks for the
    /// fewest arguments, so that nobody has to give what some subgraph fills in.
    pub(super) fn merge_composed_directives(&mut self) -> Vec<ComposedDirective> {
        let mut merged: Map<(String, ComposedDirective)> = Map::new();
        for subgraph in self.subgraphs {
            for directive in &subgraph.composed {
                let Some((from, known)) = merged.get_mut(&directive.name) else {
                    merged.insert(
                        directive.name.clone(),
                        (subgraph.name.clone(), directive.clone()),
                    );
                    continue;
                };
                let both = [from.as_str(), subgraph.name.as_str()];
                for hint in inconsistencies(known, directive) {
                    self.report.hint(hint.within(both));
                }
                if known.identity != directive.identity
                    || known.canonical_name != directive.canonical_name
                {
                    let message = format!(
                        "`@{}` is not the same directive in both subgraphs.",
                        directive.name
                    );
                    self.report.error(
                        Diagnostic::new(Code::DirectiveCompositionError, message)
                            .at(format!("@{}", directive.name))
                            .within([from.as_str(), subgraph.name.as_str()]),
                    );
                } else if known.version.0 != directive.version.0 {
                    let message = format!("`@{}` is of two major versions.", directive.name);
                    self.report.error(
                        Diagnostic::new(Code::DirectiveCompositionError, message)
                            .at(format!("@{}", directive.name))
                            .within([from.as_str(), subgraph.name.as_str()]),
                    );
                } else if known.version < directive.version
                    || (known.version == directive.version
                        && directive.required_arguments < known.required_arguments)
                {
                    let older = std::mem::replace(known, directive.clone());
                    admit(known, &older);
                    from.clone_from(&subgraph.name);
                } else {
                    admit(known, directive);
                }
            }
        }
        merged.sort_keys();
        merged
            .into_values()
            .map(|(_, directive)| directive)
            .collect()
    }
}

/// Lets the kept definition fit what a subgraph writes by its own. Where clients may write it is for the kept one to say.
fn admit(kept: &mut ComposedDirective, other: &ComposedDirective) {
    kept.repeatable |= other.repeatable;
    let in_schemas = other.locations.iter().filter(|it| !is_executable(it));
    kept.locations.extend(in_schemas);
}

/// How two definitions of a directive differ, apart from its arguments.
fn inconsistencies(a: &ComposedDirective, b: &ComposedDirective) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut differs = |code, what| {
        let message = format!("The definitions differ in {what}.");
        found.push(Diagnostic::new(code, message).at(format!("@{}", a.name)));
    };
    if a.repeatable != b.repeatable {
        let code = Code::InconsistentTypeSystemDirectiveRepeatable;
        differs(code, "whether the directive may be repeated");
    }
    if a.locations != b.locations {
        let code = Code::InconsistentTypeSystemDirectiveLocations;
        differs(code, "their locations");
    }
    found
}
