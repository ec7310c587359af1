//! What operations cost, by the schema and their variables.

use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use stockgraph_router::transport::Subgraph;
use stockgraph_router::{GraphQLRequest, Router, RouterOptions};

use crate::doubles::{Scripted, ask, ask_with, compose};

const SCHEMA: &str = "
    type Query {
        one: Thing
        things: [Thing]
        heavy: Int
        page(first: Int, last: Int): ThingConnection
        search(limit: Int = 7, most: Int, text: String): [Thing]
        found(limit: Int): Found
    }
    type Mutation { change: Thing }
    type Thing { id: ID name: String parts: [Thing] page(first: Int = 4): ThingConnection }
    type ThingConnection { nodes: [Thing!]! edges: [Edge!]! total: Int pageInfo: Info }
    type Edge { node: Thing }
    type Info { more: Boolean }
    type Found { hits: [Thing] other: [Thing] }
    scalar Dear";

/// What stands on fields of the supergraph: composition carries it there from subgraphs.
const DIRECTIVES: [(&str, &str); 3] = [
    ("heavy: Int", "@cost(weight: 50)"),
    (
        "search(limit: Int = 7, most: Int, text: String): [Thing]",
        "@listSize(slicingArguments: [\"limit\", \"most\"], requireOneSlicingArgument: false)",
    ),
    (
        "found(limit: Int): Found",
        "@listSize(slicingArguments: [\"limit\"], sizedFields: [\"hits\"])",
    ),
];

fn graph(maximum: u64) -> Router {
    let double: Arc<dyn Subgraph> = Scripted::always(json!({"data": {}}));
    let plain = compose(
        vec![("only", SCHEMA, Arc::clone(&double))],
        RouterOptions::default(),
    );
    let mut sdl = plain.unwrap().supergraph_sdl().to_owned();
    for (field, directive) in DIRECTIVES {
        assert!(sdl.contains(field), "{field} in {sdl}");
        sdl = sdl.replace(field, &format!("{field} {directive}"));
    }
    let mut options = RouterOptions::default();
    options.limits.cost.maximum = maximum;
    let transports = HashMap::from([("only".to_owned(), double)]);
    Router::from_supergraph(&sdl, transports, options).unwrap()
}

async fn cost(query: &str, variables: Value) -> u64 {
    let Value::Object(variables) = variables else {
        panic!()
    };
    let operation = graph(0).prepare(&GraphQLRequest::new(query)).await;
    operation
        .unwrap_or_else(|errors| panic!("{query}: {errors:?}"))
        .cost(&variables)
}

#[tokio::test]
async fn an_operation_costs_its_objects_times_the_lengths_of_its_lists() {
    for (query, expected) in [
        ("{ __typename }", 0),
        ("{ one { id name } }", 1),
        ("{ things { id } }", 10),
        ("{ things { parts { name } } }", 110),
        ("{ a: one { id } b: one { id } }", 2),
        ("{ heavy }", 50),
        ("mutation { change { id } }", 11),
        ("{ page(first: 100) { nodes { id } } }", 101),
        (
            "{ page(last: 30) { edges { node { id } } pageInfo { more } } }",
            62,
        ),
        ("{ page { nodes { id } } }", 11),
        (
            "{ page(first: 3) { nodes { page(first: 5) { nodes { id } } } } }",
            1 + 3 * (1 + 1 + 5),
        ),
        ("{ one { page { nodes { id } } } }", 1 + 1 + 4),
        ("{ search { id } }", 7),
        ("{ search(limit: 2, most: 9) { id } }", 9),
        (
            "{ found(limit: 6) { hits { id } other { id } } }",
            1 + 6 + 10,
        ),
        (
            "{ ...F ... on Query { ...F } } fragment F on Query { things { id } }",
            20,
        ),
        (
            "{ things @skip(if: true) { id } one @include(if: true) { id } }",
            1,
        ),
        ("{ __schema { types { fields { name } } } }", 0),
    ] {
        assert_eq!(cost(query, json!({})).await, expected, "{query}");
    }
}

#[tokio::test]
async fn variables_say_how_long_lists_are() {
    let page = "query ($n: Int) { page(first: $n) { nodes { parts { id } } } }";
    for (variables, expected) in [
        (json!({"n": 3}), 1 + 3 * 11),
        (json!({"n": 0}), 1),
        (json!({"n": -5}), 1),
        (json!({"n": null}), 1 + 10 * 11),
        (json!({}), 1 + 10 * 11),
        (json!({"n": 2_000_000_000}), 1 + 2_000_000_000 * 11),
    ] {
        assert_eq!(cost(page, variables.clone()).await, expected, "{variables}");
    }
    let search = "query ($n: Int, $m: Int) { search(limit: $n, most: $m) { id } }";
    assert_eq!(cost(search, json!({})).await, 7);
    assert_eq!(cost(search, json!({"n": 3, "m": 2})).await, 3);
    let included =
        "query ($yes: Boolean!) { things @include(if: $yes) { id } one @skip(if: $yes) { id } }";
    assert_eq!(cost(included, json!({"yes": true})).await, 10);
    assert_eq!(cost(included, json!({"yes": false})).await, 1);
    let nested = "query ($n: Int, $m: Int) { page(first: $n) { nodes { page(first: $m) { nodes { id } } } } }";
    assert_eq!(
        cost(nested, json!({"n": 2, "m": 3})).await,
        1 + 2 * (1 + 1 + 3)
    );
}

#[tokio::test]
async fn what_costs_too_much_is_refused_before_any_subgraph_is_asked() {
    let graph = graph(100);
    let query = "query ($n: Int = 200) { page(first: $n) { nodes { id } } }";
    let refused = |actual: u64| json!({"code": "COST_LIMIT_EXCEEDED", "limit": "cost", "maximum": 100, "actual": actual});
    for (answer, actual) in [
        (ask(&graph, query).await, 201),
        (
            ask_with(&graph, query, json!({"n": 1_000_000_000})).await,
            1_000_000_001,
        ),
        (
            ask(&graph, "{ page(first: 1000000000) { nodes { id } } }").await,
            1_000_000_001,
        ),
        (
            ask(
                &graph,
                "{ a: page(first: 50) { nodes { id } } b: page(first: 50) { nodes { id } } }",
            )
            .await,
            102,
        ),
    ] {
        assert_eq!(
            answer["errors"][0]["extensions"],
            refused(actual),
            "{answer}"
        );
        assert_eq!(answer.get("data"), None);
    }
    let answer = ask_with(&graph, query, json!({"n": 99})).await;
    assert_eq!(answer.get("errors"), None, "{answer}");
}

#[tokio::test]
async fn a_list_that_wants_one_slicing_argument_is_refused_without() {
    let graph = graph(100);
    let answer = ask(&graph, "{ found { hits { id } } }").await;
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(
        error["message"],
        "the field `found` takes exactly one of the arguments limit"
    );
}

#[tokio::test]
async fn a_cost_beyond_all_numbers_is_refused() {
    let nested = (0..9).fold("id".to_owned(), |inner, _| {
        format!("page(first: 2000000000) {{ nodes {{ {inner} }} }}")
    });
    let answer = ask(&graph(100), &format!("{{ one {{ {nested} }} }}")).await;
    assert_eq!(
        answer["errors"][0]["extensions"]["code"],
        "COST_LIMIT_EXCEEDED"
    );
}
