//! What operations cost, by the schema and their variables.

use serde_json::{Value, json};
use stockgraph_router::{GraphQLRequest, Router, RouterOptions, SubgraphDefinition};

use crate::doubles::{Scripted, ask, ask_with};

const SCHEMA: &str = r#"
    type Query {
        one: Thing
        things: [Thing]
        heavy: Int @cost(weight: 50)
        page(first: Int, last: Int): ThingConnection
        search(limit: Int = 7, most: Int, text: String): [Thing]
            @listSize(slicingArguments: ["limit", "most"], requireOneSlicingArgument: false)
        found(limit: Int): Found
            @listSize(slicingArguments: ["limit"], sizedFields: ["hits"])
        filtered(by: Filter, size: Int = 3): [Thing]
            @listSize(slicingArguments: ["by.page.first", "size"])
        told(by: Filter): [Thing]
            @listSize(assumedSize: 2, slicingArguments: ["by.page.first"], requireOneSlicingArgument: false)
        some: Some
        any: [Some]
        sum(of: [Filter!], dear: Int @cost(weight: 2)): Int
    }
    type Mutation { change: Thing }
    input Filter { page: Page dear: Int @cost(weight: 5) cheap: Int also: [Filter!] }
    input Page { first: Int = 6 }
    interface Some { id: ID weighed: Int things: [Thing] }
    type A implements Some { id: ID weighed: Int things: [Thing] aThings: [Thing] aPage(first: Int): ThingConnection }
    type B implements Some { id: ID weighed: Int @cost(weight: 7) things: [Thing] bThings: [Thing] one: Thing }
    type C implements Some { id: ID weighed: Int things: [Thing] }
    interface Named { name: String }
    type Thing implements Named { id: ID name: String parts: [Thing] page(first: Int = 4): ThingConnection }
    type ThingConnection { nodes: [Thing!]! edges: [Edge!]! total: Int pageInfo: Info }
    type Edge { node: Thing }
    type Info { more: Boolean }
    type Found { hits: [Thing] other: [Thing] }
    "#;

fn graph(maximum: u64) -> Router {
    let mut options = RouterOptions::default();
    options.limits.cost.maximum = maximum;
    let link = "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.9\", import: [\"@cost\", \"@listSize\"])";
    let only = SubgraphDefinition {
        name: "only".to_owned(),
        url: "http://only.test".to_owned(),
        sdl: format!("{link}{SCHEMA}"),
        transport: Scripted::always(json!({"data": {}})),
    };
    Router::compose(vec![only], options).unwrap_or_else(|error| panic!("{error}"))
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
        ("{ page { nodes { id } } }", 21),
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
        (json!({"n": null}), 1 + 20 * 11),
        (json!({}), 1 + 20 * 11),
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
async fn an_object_of_several_types_costs_what_its_dearest_type_does() {
    let dynamic = "query ($n: Int) { any { ... on A { aPage(first: $n) { nodes { id } } } ... on B { bThings { id } } } }";
    for (query, variables, expected) in [
        ("{ some { id } }", json!({}), 1),
        (
            "{ some { ... on A { aThings { id } } ... on B { bThings { id } one { id } } } }",
            json!({}),
            1 + 11,
        ),
        (
            "{ any { id things { id } ... on A { aThings { id } } ...F } } fragment F on B { bThings { id } }",
            json!({}),
            10 * (1 + 10 + 10),
        ),
        // Both stand for the same type.
        (
            "{ some { ... on A { aThings { id } } ... on Some { ... on A { more: aThings { id } } } ... on B { one { id } } } }",
            json!({}),
            1 + 20,
        ),
        // No object is of both.
        (
            "{ some { id ... on A { ... on Some { ... on B { bThings { id } } } } } }",
            json!({}),
            1,
        ),
        // An object's own type, by a detour.
        (
            "{ one { ... on Named { ... on Thing { things: parts { id } } } } }",
            json!({}),
            1 + 10,
        ),
        ("{ some { weighed } }", json!({}), 1 + 7),
        ("{ some { ... on A { weighed } } }", json!({}), 1),
        (dynamic, json!({"n": 3}), 10 * (1 + 10)),
        (dynamic, json!({"n": 30}), 10 * (1 + 31)),
        (
            "query ($yes: Boolean!) { some { ... on A @include(if: $yes) { aThings { id } } ... on B { one { id } } } }",
            json!({"yes": false}),
            1 + 1,
        ),
    ] {
        assert_eq!(cost(query, variables).await, expected, "{query}");
    }
}

#[tokio::test]
async fn arguments_and_fields_of_input_objects_cost_when_they_are_given() {
    let inside = "query ($d: Filter!) { sum(of: [{dear: 1}, $d]) }";
    for (query, variables, expected) in [
        ("{ sum }", json!({}), 0),
        ("{ sum(dear: 1) }", json!({}), 2),
        ("{ sum(of: []) }", json!({}), 0),
        (
            "{ sum(of: [{dear: 1, cheap: 2}, {dear: 2}]) }",
            json!({}),
            10,
        ),
        (
            "{ sum(of: {also: [{dear: 1}, {also: {dear: 2}}]}) }",
            json!({}),
            10,
        ),
        (
            inside,
            json!({"d": {"also": [{"dear": 1}, {"dear": 1}]}}),
            15,
        ),
        (inside, json!({"d": {"cheap": 1}}), 5),
    ] {
        assert_eq!(cost(query, variables).await, expected, "{query}");
    }
}

#[tokio::test]
async fn a_slicing_argument_may_be_a_field_of_an_input_object() {
    let told = "query ($by: Filter, $page: Page, $n: Int) { a: told(by: $by) { id } b: told(by: {page: $page}) { id } c: told(by: {page: {first: $n}}) { id } }";
    for (query, variables, expected) in [
        ("{ told { id } }", json!({}), 2),
        ("{ told(by: {cheap: 1}) { id } }", json!({}), 6),
        ("{ told(by: {page: {}}) { id } }", json!({}), 6),
        ("{ told(by: {page: {first: 40}}) { id } }", json!({}), 40),
        (
            told,
            json!({"by": {"page": {"first": 30}}, "page": {"first": 8}, "n": 2}),
            40,
        ),
        (told, json!({}), 18),
    ] {
        assert_eq!(
            cost(query, variables.clone()).await,
            expected,
            "{query} {variables}"
        );
    }
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
async fn the_default_of_the_one_slicing_argument_will_do_but_two_will_not() {
    assert_eq!(cost("{ filtered { id } }", json!({})).await, 3);
    assert_eq!(cost("{ filtered(size: 9) { id } }", json!({})).await, 9);
    let answer = ask(
        &graph(100),
        "{ filtered(size: 1, by: {page: {first: 2}}) { id } }",
    )
    .await;
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(
        error["message"],
        "the field `filtered` takes exactly one of the arguments by.page.first, size"
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
