//! Who may see a field that requires others must be allowed to see those: its answer may tell of them.

use crate::composition::{
    diagnostic::{Code, Diagnostic, Report},
    field_set::{self, SelectedField},
    merge::metadata::every,
    model::{Metadata, Requirement, Subgraph},
    supergraph::{MergedField, MergedGraph},
};

/// Looks at each `@requires` of the graph.
pub(in crate::composition) fn check(
    graph: &MergedGraph,
    subgraphs: &[Subgraph],
    report: &mut Report,
) {
    for (type_name, ty) in &graph.types {
        for (field_name, field) in &ty.fields {
            let told = [&ty.metadata, &field.metadata];
            for (subgraph, required) in requirements(field, subgraphs) {
                // A set that does not resolve was reported before.
                let selected = field_set::resolve(subgraph, type_name, required);
                let Some(unseen) = selected
                    .iter()
                    .flatten()
                    .find_map(|it| unseen(graph, type_name, &told, it))
                else {
                    continue;
                };
                let message = format!(
                    "The field requires `{unseen}`, which not everybody may see who may see the field."
                );
                report.error(
                    Diagnostic::new(Code::MissingTransitiveAuthRequirements, message)
                        .at(format!("{type_name}.{field_name}"))
                        .within([subgraph.name.as_str()]),
                );
            }
        }
    }
}

/// Where what is selected asks for more than is told. What an interface's field tells is told by an object, which may
/// have demands of its own.
fn unseen(
    graph: &MergedGraph,
    type_name: &str,
    told: &[&Metadata; 2],
    selected: &SelectedField,
) -> Option<String> {
    let SelectedField { parent, name, .. } = selected;
    let mut objects = graph
        .types
        .iter()
        .filter(|(object, ty)| *object == parent || ty.implements.contains(parent));
    objects.find_map(|(object, ty)| {
        let field = ty.fields.get(name)?;
        let answered = graph.types.get(field.ty.inner());
        let mut needed = [&field.metadata]
            .into_iter()
            .chain(answered.map(|it| &it.metadata))
            .chain((object != type_name).then_some(&ty.metadata));
        let is_unmet = needed.any(|needed| !covers(told, needed));
        is_unmet.then(|| format!("{object}.{name}"))
    })
}

/// What the field requires, with the subgraphs that do.
fn requirements<'a>(
    field: &'a MergedField,
    subgraphs: &'a [Subgraph],
) -> impl Iterator<Item = (&'a Subgraph, &'a str)> {
    field.joins.iter().filter_map(|join| {
        let required = join.requires.as_deref()?;
        Some((&subgraphs[join.graph?], required))
    })
}

/// Whether whoever meets all that is told meets what is needed.
fn covers(told: &[&Metadata; 2], needed: &Metadata) -> bool {
    let of = |pick: fn(&Metadata) -> &Vec<Requirement>| {
        let told = every(told.iter().flat_map(|it| pick(it))).pop();
        let told = told.unwrap_or_else(|| vec![Vec::new()]);
        pick(needed).iter().all(|needed| implies(&told, needed))
    };
    (!needed.authenticated || told.iter().any(|it| it.authenticated))
        && of(|it| &it.scopes)
        && of(|it| &it.policies)
}

/// Whether every way to meet the one meets the other.
fn implies(told: &Requirement, needed: &Requirement) -> bool {
    told.iter().all(|way| {
        let mut alternatives = needed.iter();
        alternatives.any(|it| it.iter().all(|scope| way.contains(scope)))
    })
}
