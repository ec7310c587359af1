//! `@skip` and `@include` with variables, wherever they may stand.

use insta::assert_snapshot;
use serde_json::json;

use crate::world::Graph;

pub fn graph() -> Graph {
    Graph::new()
        .with("a", r#"type Query { product: Product products: [Product!]! any: [Any!]! } union Any = Product | Note type Note { text: String }
            type Product @key(fields: "id") { id: ID! price: Int name: String }"#)
        .with("b", r#"type Product @key(fields: "id") { id: ID! price: Int @external isCheap: Boolean @requires(fields: "price") } type Maker @key(fields: "id") { id: ID! rating: Int }"#)
        .with("c", r#"type Product @key(fields: "id") { id: ID! isCheap: Boolean @external include: Boolean @requires(fields: "isCheap") skip: String parts: [Part!] } type Part { name: String owner: Maker }
            type Maker @key(fields: "id") { id: ID! rating: Int @external good: Boolean @requires(fields: "rating") skip: Int }"#)
        .data(json!({
            "Query": {"product": "#p", "products": ["#p", "#q"], "any": ["#q", {"__typename": "Note", "text": "t"}]},
            "#p": {"__typename": "Product", "id": "p", "price": 1, "name": "P", "isCheap": true, "include": true, "skip": "s", "parts": [{"name": "x", "owner": "#m"}]},
            "#m": {"__typename": "Maker", "id": "m", "rating": 4, "good": true, "skip": 7},
            "#q": {"__typename": "Product", "id": "q", "price": 99, "name": "Q", "isCheap": false, "include": null, "skip": null, "parts": null},
        }))
}

/// Asks with all values of `$a` and `$b`.
async fn under_all_conditions(query: &str) -> String {
    let graph = graph().serve();
    let declared = if query.contains("$b") {
        ", $b: Boolean = true"
    } else {
        ""
    };
    let query = format!("query($a: Boolean!{declared}) {query}");
    let mut plan = String::new();
    for a in [true, false] {
        for b in [true, false] {
            plan = graph.agrees_with(&query, json!({"a": a, "b": b})).await;
        }
        graph.agrees_with(&query, json!({"a": a})).await;
    }
    plan
}

#[tokio::test]
async fn a_field_on_a_condition_is_fetched_on_the_condition() {
    assert_snapshot!(under_all_conditions("{ product { name include @include(if: $a) } }").await);
    assert_snapshot!(under_all_conditions("{ product { price skip @skip(if: $a) } }").await);
}

#[tokio::test]
async fn both_directives_stand_on_one_field() {
    assert_snapshot!(
        under_all_conditions("{ product { name include @include(if: $a) @skip(if: $b) } }").await
    );
    under_all_conditions("{ product @skip(if: $a) @include(if: $b) { isCheap } products { id } }")
        .await;
}

#[tokio::test]
async fn conditions_stand_on_fragments() {
    under_all_conditions("{ product { ... @include(if: $a) { isCheap parts { name } } ...F @skip(if: $b) } } fragment F on Product { skip include }").await;
    under_all_conditions("{ any { ... on Product @include(if: $a) { isCheap name } ... on Note @skip(if: $b) { text } } }").await;
    under_all_conditions(
        "{ ... @include(if: $a) { product { isCheap } } ... @skip(if: $b) { products { skip } } }",
    )
    .await;
}

#[tokio::test]
async fn a_field_that_serves_a_requirement_is_fetched_even_if_the_client_skips_it() {
    under_all_conditions("{ products { price @skip(if: $a) isCheap @include(if: $b) } }").await;
    under_all_conditions("{ products { isCheap @skip(if: $a) include } }").await;
    under_all_conditions("{ products { isCheap @include(if: $a) include @include(if: $b) } }")
        .await;
}

#[tokio::test]
async fn the_same_field_is_asked_for_on_different_conditions() {
    under_all_conditions("{ product { isCheap @include(if: $a) isCheap @include(if: $b) } products { skip skip @skip(if: $a) } }").await;
    under_all_conditions(
        "{ product { parts @include(if: $a) { name } parts @skip(if: $b) { owner { good } } } }",
    )
    .await;
    under_all_conditions("{ product @include(if: $a) { name } product { isCheap @skip(if: $b) } }")
        .await;
}

#[tokio::test]
async fn conditions_stand_inside_each_other() {
    under_all_conditions("{ product @include(if: $a) { parts @include(if: $b) { owner @skip(if: $a) { good } name } skip } }").await;
    under_all_conditions("{ product { ... @include(if: $a) { ... @include(if: $b) { include } parts { owner { ... @skip(if: $b) { skip } id } } } } }").await;
}

#[tokio::test]
async fn constant_conditions_cost_nothing() {
    let graph = graph().serve();
    assert_snapshot!(graph.agrees("{ product { id isCheap @skip(if: true) include @include(if: false) skip @include(if: true) } }").await);
    graph
        .agrees("{ product { include @skip(if: true) } }")
        .await;
    graph
        .agrees("{ product { ... @skip(if: true) { id } } }")
        .await;
    graph.agrees("{ product @skip(if: true) { id } }").await;
}

#[tokio::test]
async fn everything_may_be_left_out() {
    under_all_conditions("{ product { id @include(if: $a) } }").await;
    under_all_conditions("{ product { isCheap @include(if: $a) } }").await;
    under_all_conditions("{ any { ... on Product { include @include(if: $a) } } }").await;
    under_all_conditions("{ product @include(if: $a) { id } }").await;
    under_all_conditions("{ __typename @skip(if: $a) product { __typename @include(if: $b) } }")
        .await;
}

#[tokio::test]
async fn a_directive_that_every_subgraph_defines_may_be_written() {
    let graph = Graph::new()
        .with(
            "a",
            "directive @trace(level: Int = 1) on FIELD | QUERY type Query { a: Int }",
        )
        .with(
            "b",
            "directive @trace(level: Int = 1) on FIELD | QUERY type Query { b: Int }",
        )
        .data(json!({"Query": {"a": 1, "b": 2}}))
        .serve();
    graph
        .agrees("query @trace { a @trace b @trace(level: 2) }")
        .await;
}

#[tokio::test]
async fn what_is_left_out_is_not_fetched() {
    let graph = graph().serve();
    let query =
        "query($a: Boolean!) { product { name price @include(if: $a) skip @include(if: $a) } }";
    graph.agrees_with(query, json!({"a": false})).await;
    let asked = graph.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].query, "{product{name}}");
    graph.agrees_with(query, json!({"a": true})).await;
    assert_eq!(graph.asked().len(), 2);
}

#[tokio::test]
async fn more_variables_than_are_decided_beforehand_are_obeyed_all_the_same() {
    let graph = graph().serve();
    let names: Vec<String> = (0..12).map(|it| format!("v{it}")).collect();
    let declared: Vec<String> = names.iter().map(|it| format!("${it}: Boolean!")).collect();
    let fields: Vec<String> = names
        .iter()
        .map(|it| format!("{it}: name @include(if: ${it})"))
        .collect();
    let query = format!(
        "query({}) {{ product {{ {} }} }}",
        declared.join(", "),
        fields.join(" ")
    );
    let values = names.iter().enumerate();
    let variables = values.map(|(at, name)| (name.clone(), json!(at % 3 == 0)));
    graph
        .agrees_with(&query, serde_json::Value::Object(variables.collect()))
        .await;
}

#[tokio::test]
async fn conditions_stand_inside_each_other_ten_deep() {
    let graph = graph().serve();
    let names: Vec<String> = (0..10).map(|it| format!("v{it}")).collect();
    let declared: Vec<String> = names.iter().map(|it| format!("${it}: Boolean!")).collect();
    let nested = names
        .iter()
        .rev()
        .fold(String::from("price"), |inside, name| {
            format!("{name}: isCheap ... on Product @include(if: ${name}) {{ {inside} }}")
        });
    let declared = declared.join(", ");
    let query = format!("query({declared}) {{ products {{ {nested} }} }}");
    for false_at in 0..=names.len() {
        let values = names.iter().enumerate();
        let variables = values.map(|(at, name)| (name.clone(), json!(at != false_at)));
        graph
            .agrees_with(&query, serde_json::Value::Object(variables.collect()))
            .await;
    }
}

#[tokio::test]
async fn a_condition_of_the_wrong_type_is_the_clients_fault() {
    let graph = graph().serve();
    let query = "query($a: Boolean!) { product { name @include(if: $a) } }";
    for variables in [json!({"a": "yes"}), json!({"a": null}), json!({})] {
        let answer = graph.ask_with(query, variables).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
        assert_eq!(answer.get("data"), None);
    }
}
