//! What several subgraphs import goes by one name in all of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::composition::{
    diagnostic::{Code, Diagnostic, Report},
    model::Subgraph,
};

/// A directive that is written into the supergraph has one name there, whichever subgraph it is from.
pub(in crate::composition) fn check(subgraphs: &[Subgraph], report: &mut Report) {
    let mut names: BTreeMap<&str, BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
    for subgraph in subgraphs {
        for (directive, name) in &subgraph.imported {
            let of_directive = names.entry(directive).or_default();
            of_directive.entry(name).or_default().insert(&subgraph.name);
        }
    }
    for (directive, names) in names.iter().filter(|(_, names)| names.len() > 1) {
        let listed = names.iter().map(|(name, subgraphs)| {
            let subgraphs: Vec<&str> = subgraphs.iter().copied().collect();
            format!("`@{name}` in `{}`", subgraphs.join("`, `"))
        });
        let listed: Vec<String> = listed.collect();
        let message = format!("The directive is called {}.", listed.join(", and "));
        report.error(
            Diagnostic::new(Code::LinkImportNameMismatch, message)
                .at(format!("@{directive}"))
                .within(names.values().flatten().copied()),
        );
    }
}
