//! Who may see a field that requires others must be allowed to see those: its answer may tell of them.

use crate::composition::{
    diagnostic::{Code, Diagnostic, Report},
    field_set,
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
                let Ok(selected) = field_set::resolve(subgraph, type_name, required) else {
                    continue;
                };
                // What an interface's field tells is told by an object, which may have demands of its own.
                let read = selected.iter().flat_map(|it| {
                    let objects = graph.types.iter();
                    let objects = objects.filter(|(name, ty)| {
                        **name == it.parent || ty.implements.contains(&it.parent)
                    });
                    objects.map(|(parent, ty)| (parent, ty, it.name.as_str()))
                });
                let mut unseen = read.filter_map(|(parent, ty, name)| {
                    let field = ty.fields.get(name)?;
                    let inner = graph.types.get(field.ty.inner());
                    let mut needed = [&field.metadata]
                        .into_iter()
                        .chain(inner.map(|it| &it.metadata))
                        .chain((parent != type_name).then_some(&ty.metadata));
                    let is_unmet = needed.any(|needed| !covers(&told, needed));
                    is_unmet.then(|| format!("{parent}.{name}"))
                });
                let unseen = unseen.next();
                if let Some(unseen) = unseen {
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
        let told: Vec<&Requirement> = told.iter().flat_map(|it| pick(it)).collect();
        pick(needed).iter().all(|needed| implies(&told, needed))
    };
    (!needed.authenticated || told.iter().any(|it| it.authenticated))
        && of(|it| &it.scopes)
        && of(|it| &it.policies)
}

/// Whether every way to meet all the requirements meets the needed one.
fn implies(told: &[&Requirement], needed: &Requirement) -> bool {
    let mut ways: Vec<Vec<&String>> = vec![Vec::new()];
    for requirement in told {
        let longer = ways.iter().flat_map(|way| {
            let alternatives = requirement.iter();
            alternatives.map(|it| way.iter().copied().chain(it).collect())
        });
        ways = longer.collect();
    }
    let meets = |way: &Vec<&String>| {
        let mut alternatives = needed.iter();
        alternatives.any(|it| it.iter().all(|scope| way.contains(&scope)))
    };
    ways.iter().all(meets)
}
