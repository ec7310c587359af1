//! Says why a field cannot be reached, subgraph by subgraph.

use std::collections::BTreeSet;

use super::positions::{Position, Positions};
use super::reach::Reach;
use super::selection::{Selected, Selection};
use crate::composition::model::{Field, GraphIndex, TypeDef};

/// The reasons in words, and the subgraphs that have the field.
pub(super) fn unreachable<'a>(
    reach: &Reach<'a>,
    object: &str,
    start: &Positions,
    reached: &Positions,
    name: &str,
) -> (String, Vec<&'a str>) {
    let graphs = reach.graphs;
    let mut reasons = Vec::new();
    let mut having = Vec::new();
    let at: BTreeSet<&str> = start.iter().map(|it| graphs.name(it.graph)).collect();
    let at: Vec<&str> = at.into_iter().collect();
    for graph in 0..graphs.subgraphs.len() {
        for type_name in graphs.guises(graph, object) {
            let Some(ty) = graphs.ty(graph, type_name) else {
                continue;
            };
            let Some(field) = ty.fields.get(name) else {
                continue;
            };
            having.push(graphs.name(graph));
            let found = reached
                .iter()
                .find(|it| it.graph == graph && it.type_name == type_name);
            let why = match found {
                Some(position) => field_reason(reach, object, position, name, field),
                None if field.external => "has it only as `@external`".to_owned(),
                None => entry_reason(reach, object, reached, graph, type_name, ty),
            };
            reasons.push(format!("`{}` {why}", graphs.name(graph)));
        }
    }
    if reasons.is_empty() {
        reasons.push("no subgraph has it on this type".to_owned());
    }
    let from = format!("it comes to `{object}` in `{}`", at.join("`, `"));
    (format!("{from}, and {}", reasons.join("; ")), having)
}

fn field_reason(
    reach: &Reach<'_>,
    object: &str,
    at: &Position,
    name: &str,
    field: &Field,
) -> String {
    let graphs = reach.graphs;
    if field.external {
        return "has it only as `@external`".to_owned();
    }
    if graphs
        .overrides
        .lost(at.graph, &at.type_name, name)
        .is_some()
    {
        return "has lost it to an `@override`".to_owned();
    }
    let ty = graphs.ty(at.graph, &at.type_name);
    if ty.is_some_and(|ty| !ty.keys.iter().any(|key| key.resolvable)) {
        return format!(
            "requires other fields for it, but has no resolvable `@key` of `{}` to be told them by",
            at.type_name
        );
    }
    let required = field.requires.as_deref().unwrap_or_default();
    let reached = reach.closure(object, &Positions::from([at.clone()]));
    let missing = missing(reach, object, &reached, &Selection::read(required));
    format!("requires \"{required}\" for it, of which {missing} cannot be had there")
}

fn entry_reason(
    reach: &Reach<'_>,
    object: &str,
    reached: &Positions,
    graph: GraphIndex,
    type_name: &str,
    ty: &TypeDef,
) -> String {
    let keys: Vec<&str> = ty
        .keys
        .iter()
        .filter(|key| key.resolvable)
        .map(|key| key.fields.as_str())
        .collect();
    if keys.is_empty() {
        let graph = reach.graphs.name(graph);
        return format!("has it, but no resolvable `@key` of `{type_name}` leads into `{graph}`");
    }
    if type_name == object && !reach.knows_type(object, reached) {
        return "has it, but nobody tells that the interface object is of this type".to_owned();
    }
    let keys = keys.iter().map(|key| {
        let missing = missing(reach, object, reached, &Selection::read(key));
        format!("the key \"{key}\" needs {missing}")
    });
    let keys: Vec<String> = keys.collect();
    format!(
        "has it, but cannot be entered: {}, which cannot be had there",
        keys.join(", and ")
    )
}

/// The fields of the selection that cannot be had.
fn missing(reach: &Reach<'_>, object: &str, reached: &Positions, selection: &Selection) -> String {
    let names: Vec<String> = selection
        .0
        .iter()
        .filter(|selected| !reach.can_have(object, reached, &Selection(vec![(*selected).clone()])))
        .map(|selected| match selected {
            Selected::Field { name, .. } => format!("`{name}`"),
            Selected::On { type_name, .. } => format!("what it names of `{type_name}`"),
        })
        .collect();
    if names.is_empty() {
        return "all".to_owned();
    }
    names.join(", ")
}
