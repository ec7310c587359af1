//! Composes small subgraphs, and plans queries on what comes out.

use hive_router_query_planner::{
    ast::normalization::normalize_operation,
    graph::PlannerOverrideContext,
    planner::{Planner, QueryPlannerOptions},
    utils::{
        cancellation::CancellationToken,
        parsing::{safe_parse_operation, safe_parse_schema},
    },
};
use stockgraph_router::composition::{Code, Diagnostic, SubgraphSdl, Supergraph, compose};

/// The import of everything that these tests use.
pub const FEDERATION_2: &str = r#"extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@authenticated" "@composeDirective" "@cost" "@external" "@extends" "@inaccessible" "@interfaceObject" "@key"
  "@listSize" "@override" "@policy" "@provides" "@requires" "@requiresScopes" "@shareable" "@tag"
])
"#;

/// Subgraphs by name, with SDL as it stands.
fn subgraphs<'a>(sources: &'a [(&'a str, String)]) -> Vec<SubgraphSdl<'a>> {
    sources
        .iter()
        .map(|(name, sdl)| SubgraphSdl {
            name,
            url: "http://subgraph.test",
            sdl,
        })
        .collect()
}

/// Federation 2 subgraphs, which need not link it themselves.
fn linked<'a>(sources: &[(&'a str, &str)]) -> Vec<(&'a str, String)> {
    sources
        .iter()
        .map(|(name, sdl)| (*name, format!("{FEDERATION_2}{sdl}")))
        .collect()
}

/// Composes Federation 2 subgraphs that fit together, and has the planner load the result.
pub fn composed(sources: &[(&str, &str)]) -> Supergraph {
    composed_as_is(&linked(sources))
}

/// The same with SDL as it stands, e.g. of Federation 1.
pub fn composed_as_is(sources: &[(&str, String)]) -> Supergraph {
    let supergraph =
        compose(&subgraphs(sources)).unwrap_or_else(|errors| panic!("should compose: {errors}"));
    planner(&supergraph.sdl);
    supergraph
}

/// The errors of Federation 2 subgraphs that do not fit together.
pub fn errors(sources: &[(&str, &str)]) -> Vec<Diagnostic> {
    errors_as_is(&linked(sources))
}

/// The same with SDL as it stands.
pub fn errors_as_is(sources: &[(&str, String)]) -> Vec<Diagnostic> {
    match compose(&subgraphs(sources)) {
        Ok(supergraph) => panic!("should not compose:\n{}", supergraph.sdl),
        Err(errors) => errors.diagnostics().to_vec(),
    }
}

/// Asserts that the subgraphs do not compose for this one reason.
#[track_caller]
pub fn assert_error(
    sources: &[(&str, &str)],
    code: Code,
    subgraphs: &[&str],
    at: &str,
    message: &str,
) {
    assert_only(&errors(sources), code, subgraphs, at, message);
}

/// Asserts that there is one finding and that it is this.
#[track_caller]
pub fn assert_only(found: &[Diagnostic], code: Code, subgraphs: &[&str], at: &str, message: &str) {
    let expected = Diagnostic {
        code,
        subgraphs: subgraphs.iter().map(ToString::to_string).collect(),
        coordinate: (!at.is_empty()).then(|| at.to_owned()),
        message: message.to_owned(),
    };
    assert_eq!(found, [expected]);
}

/// Asserts that the subgraphs compose with this hint, perhaps among others.
#[track_caller]
pub fn assert_hint(
    sources: &[(&str, &str)],
    code: Code,
    subgraphs: &[&str],
    at: &str,
    message: &str,
) {
    let hints = composed(sources).hints;
    let found: Vec<Diagnostic> = hints
        .iter()
        .filter(|hint| hint.code == code)
        .cloned()
        .collect();
    assert_only(&found, code, subgraphs, at, message);
}

/// The definition of one type in the SDL, with its description.
pub fn definition(sdl: &str, name: &str) -> String {
    let is_head = |block: &str| {
        block.lines().any(|line| {
            let mut words = line.split([' ', '(']);
            let keyword = words.next().unwrap_or_default();
            [
                "scalar",
                "type",
                "interface",
                "union",
                "enum",
                "input",
                "directive",
                "schema",
            ]
            .contains(&keyword)
                && words.next().unwrap_or_default() == name
        })
    };
    // Types are set apart by blank lines, which their own text may hold only within descriptions.
    let block = sdl.split("\n\n").find(|block| is_head(block));
    block
        .unwrap_or_else(|| panic!("no `{name}` in:\n{sdl}"))
        .trim_end()
        .to_owned()
}

/// The planner, once it has read the supergraph.
pub fn planner(sdl: &str) -> Planner {
    let document = safe_parse_schema(sdl).unwrap_or_else(|error| panic!("{error} in:\n{sdl}"));
    Planner::new_from_supergraph(&document, QueryPlannerOptions::default())
        .unwrap_or_else(|error| panic!("{error} for:\n{sdl}"))
}

/// The plan of a query, as text.
pub fn plan(sdl: &str, query: &str) -> String {
    plan_for(sdl, query, PlannerOverrideContext::default())
}

/// The plan for a request to which the labels of overrides apply as the context says.
pub fn plan_for(sdl: &str, query: &str, overrides: PlannerOverrideContext) -> String {
    let planner = planner(sdl);
    let query = safe_parse_operation(query).expect("the query parses");
    let document = normalize_operation(&planner.supergraph, &query, None).expect("the query fits");
    let plan = planner
        .plan_from_normalized_operation(
            document.executable_operation(),
            overrides,
            &CancellationToken::new(),
        )
        .unwrap_or_else(|error| panic!("{error} for:\n{sdl}"));
    plan.to_string()
}
