//! Aliases and fragments that meet under one key, across subgraphs.

use insta::assert_snapshot;
use serde_json::json;

use crate::world::Graph;

pub fn graph() -> Graph {
    Graph::new()
        .with("a", r#"type Query { things: [Thing!]! lamp: Lamp } interface Thing { id: ID! }
            type Lamp implements Thing @key(fields: "id") { id: ID! name(size: Int): String maker: Maker }
            type Desk implements Thing @key(fields: "id") { id: ID! title: String makers: [Maker!] legs: Int } type Maker @key(fields: "id") { id: ID! }"#)
        .with("b", r#"type Lamp @key(fields: "id") { id: ID! label(lang: String): String parts: [String!] watts: Int }
            type Desk @key(fields: "id") { id: ID! label(lang: String): String size: Int } type Maker @key(fields: "id") { id: ID! name: String land: String }"#)
        .data(json!({
            "Query": {"things": ["#l", "#d", "#l"], "lamp": "#l"},
            "#l": {"__typename": "Lamp", "id": "1", "name": "Lamp", "maker": "#m", "label": "L", "parts": ["p"], "watts": 5},
            "#d": {"__typename": "Desk", "id": "1", "title": "Desk", "makers": ["#m", "#n"], "legs": 4, "label": "D", "size": 2},
            "#m": {"__typename": "Maker", "id": "m", "name": "M", "land": "X"}, "#n": {"__typename": "Maker", "id": "n", "name": null, "land": "Y"},
        }))
}

#[tokio::test]
async fn one_key_has_different_arguments_under_different_types() {
    let graph = graph().serve();
    assert_snapshot!(graph.agrees(r#"{ things { ... on Lamp { x: label(lang: "en") } ... on Desk { x: label(lang: "de") } } }"#).await);
    graph
        .agrees(r#"{ things { ... on Lamp { label(lang: "en") } ... on Desk { label } } }"#)
        .await;
}

#[tokio::test]
async fn one_key_has_different_fields_under_different_types() {
    let graph = graph().serve();
    graph
        .agrees("{ things { ... on Lamp { x: watts } ... on Desk { x: size } } }")
        .await;
    graph.agrees("{ things { ... on Lamp { x: watts y: name(size: 1) } ... on Desk { x: legs y: title } } }").await;
    graph.agrees("{ things { ... on Lamp { label: name } ... on Desk { label: title name: label } id } }").await;
}

#[tokio::test]
async fn objects_and_lists_stand_beside_each_other() {
    let graph = graph().serve();
    assert_snapshot!(graph.agrees("{ things { ... on Lamp { one: maker { name } } ... on Desk { many: makers { name land } } } }").await);
}

#[tokio::test]
async fn aliases_take_the_names_of_other_fields() {
    let graph = graph().serve();
    graph
        .agrees("{ lamp { id: label name: id label: name watts: watts } }")
        .await;
    graph
        .agrees("{ things { id: __typename __typename: id ... on Lamp { maker: watts } } }")
        .await;
    graph
        .agrees("{ lamp { maker { id: name name: land } other: maker { land: id } } }")
        .await;
    graph
        .agrees(
            "{ a: lamp { a: watts b: watts } b: lamp { a: label b: parts } lamp: things { id } }",
        )
        .await;
}

#[tokio::test]
async fn fragments_merge_deep_down() {
    let graph = graph().serve();
    graph.agrees("{ lamp { maker { id } ...A ...B } things { ...B ... on Lamp { ...A } } } fragment A on Lamp { maker { name } watts } fragment B on Thing { ... on Lamp { maker { land } } ... on Desk { makers { land } size } }").await;
    graph.agrees("{ things { ...T ... { ...T } ... on Thing { ...T } } } fragment T on Thing { id ... on Thing { ... on Desk { label } } }").await;
}

#[tokio::test]
async fn a_field_is_asked_for_under_several_keys_with_variables() {
    let graph = graph().serve();
    let query = r#"query($l: String, $n: Int) { lamp { a: label(lang: $l) b: label(lang: "x") c: label n: name(size: $n) m: name(size: 3) } }"#;
    graph.agrees_with(query, json!({"l": "en", "n": 4})).await;
    graph.agrees_with(query, json!({"l": null})).await;
    graph.agrees_with(query, json!({})).await;
}

/// What all objects of an interface are asked for is asked of the interface, if it has that.
#[tokio::test]
async fn an_interface_is_not_asked_for_what_only_its_objects_have() {
    let graph = Graph::new()
        .with("a", r#"type Query { things: [Any] things2: [Thing] } interface Thing { label: String size: Int } union Any = Lamp | Desk | Rug
            type Lamp implements Thing { label(lang: String): String size: Int! self: Thing }
            type Desk implements Thing { label(lang: String): String size: Int! self: Thing } type Rug { label: String size: Int! }"#)
        .data(json!({
            "Query": {"things": ["#l", "#d", "#r"], "things2": ["#l", "#d"]},
            "#l": {"__typename": "Lamp", "label": "L", "size": 1, "self": "#l"},
            "#d": {"__typename": "Desk", "label": "D", "size": 2, "self": "#l"},
            "#r": {"__typename": "Rug", "label": "R", "size": 3},
        }))
        .serve();
    for query in [
        r#"{ things2 { ... on Lamp { label(lang: "x") } ... on Desk { label(lang: "x") } } }"#,
        "{ things2 { ... on Lamp { self { size } } ... on Desk { self { size } } } }",
        "{ things { ... on Thing { label } ... on Lamp { size } ... on Desk { size } ... on Rug { label size } } }",
    ] {
        graph.agrees(query).await;
    }
}
