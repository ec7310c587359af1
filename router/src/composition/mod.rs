//! Federation 2 composition: the SDLs of the subgraphs in, the SDL of the supergraph out.
//!
//! The stages, each a module: [`ingest`] reads every subgraph into the [`model`]; [`validate`] looks at each by itself and
//! [`normalise`] brings Federation 1 subgraphs to Federation 2's terms; [`overrides`] settles who owns what; [`merge`]
//! makes one graph of them, which is validated as a whole. [`satisfiability`] looks whether every query can be answered, and
//! [`emit`] writes the graph. What is wrong is gathered and told together at the end of a stage.
//!
//! The rules are those of <https://www.apollographql.com/docs/graphos/reference/federation/composition-rules>, the output
//! is <https://specs.apollo.dev/join/v0.5>.

mod api_schema;
mod diagnostic;
mod emit;
mod endpoints;
mod field_set;
mod ingest;
mod merge;
mod model;
mod normalise;
mod overrides;
mod satisfiability;
mod supergraph;
mod validate;

use std::collections::HashSet;

pub use self::{
    api_schema::{ApiSchemaError, api_schema},
    diagnostic::{Code, CompositionErrors, Diagnostic},
    endpoints::{Endpoint, endpoints},
};
use self::{diagnostic::Report, overrides::Overrides};

/// One subgraph to compose.
#[derive(Clone, Copy, Debug)]
pub struct SubgraphSdl<'a> {
    /// Its name, by which the plan, errors and `@override` know it.
    pub name: &'a str,
    /// Where it is served; only written into the supergraph.
    pub url: &'a str,
    /// Its SDL, as its `_service { sdl }` gives it. Federation 1 or 2.
    pub sdl: &'a str,
}

/// A composed graph.
#[derive(Clone, Debug)]
pub struct Supergraph {
    /// The supergraph SDL. The same subgraphs give the same text, in whatever order they come.
    pub sdl: String,
    /// What is legal but odd.
    pub hints: Vec<Diagnostic>,
}

/// Composes the subgraphs into one supergraph.
///
/// # Errors
///
/// Everything that is wrong, at once: of the subgraphs by themselves, or, when each is right, of the graph they make.
pub fn compose(subgraphs: &[SubgraphSdl<'_>]) -> Result<Supergraph, CompositionErrors> {
    let mut report = Report::default();
    let mut sources = subgraphs.to_vec();
    sources.sort_by_key(|source| source.name);
    validate::subgraph::names(&sources, &mut report);
    let graph_ids = graph_ids(&sources);
    let mut subgraphs: Vec<_> = sources
        .iter()
        .zip(graph_ids)
        .filter_map(|(source, graph_id)| ingest::ingest(source, graph_id, &mut report))
        .collect();
    let mut uses = Vec::with_capacity(subgraphs.len());
    for subgraph in &mut subgraphs {
        validate::subgraph::check(subgraph, &mut report);
        validate::cost::check(subgraph, &mut report);
        let used = validate::uses::collect(subgraph, &mut report);
        normalise::normalise(subgraph, &used, &mut report);
        uses.push(used);
    }
    validate::names::check(&subgraphs, &mut report);
    report.check()?;

    validate::interface_objects::check(&subgraphs, &mut report);
    let overrides = Overrides::collect(&subgraphs, &uses, &mut report);
    let graph = merge::merge(&subgraphs, &overrides, &mut report);
    validate::supergraph::check(&graph, &subgraphs, &mut report);
    // A type that failed to merge is missing now, and would only be reported as such once more.
    report.check()?;
    validate::inaccessible::check(&graph, &subgraphs, &mut report);
    validate::demands::check(&graph, &subgraphs, &mut report);
    report.check()?;
    satisfiability::check(&graph, &subgraphs, &overrides, &mut report);
    report.check()?;
    Ok(Supergraph {
        sdl: emit::emit(&graph, &subgraphs),
        hints: report.into_hints(),
    })
}

/// The subgraphs' values in the enum `join__Graph`: their names in capitals, made unique.
fn graph_ids(sources: &[SubgraphSdl<'_>]) -> Vec<String> {
    let mut taken = HashSet::new();
    sources
        .iter()
        .map(|source| {
            let mut id: String = source
                .name
                .chars()
                .map(|char| {
                    if char.is_ascii_alphanumeric() {
                        char.to_ascii_uppercase()
                    } else {
                        '_'
                    }
                })
                .collect();
            if id.starts_with(|first: char| first.is_ascii_digit()) {
                id.insert(0, '_');
            }
            let base = id.clone();
            let mut suffix = 1;
            while !taken.insert(id.clone()) {
                id = format!("{base}_{suffix}");
                suffix += 1;
            }
            id
        })
        .collect()
}
