//! Scalars, enums, inputs and lists that subgraphs know differently.

use insta::assert_snapshot;
use serde_json::json;

use crate::world::Graph;

/// `Kind` is answered only, `Order` is given only, `Unit` is both.
pub fn enums() -> Graph {
    Graph::new()
        .with("a", r#"type Query { users(order: Order, filter: Filter): [User] unit(of: Unit = M): Unit } type User @key(fields: "id") { id: ID! kind: Kind @shareable }
            enum Kind { ADMIN @inaccessible GUEST } enum Order { UP DOWN SIDE } enum Unit { M KM } input Filter { kind: String = "x" limit: Int! only: [Order!] extra: Int }"#)
        .with("b", r#"type Query { search(order: Order!, filter: Filter!): String } type User @key(fields: "id") { id: ID! kind: Kind @shareable level: Level } enum Kind { GUEST MEMBER }
            enum Order { UP DOWN } enum Level { LOW HIGH } input Filter { kind: String = "x" limit: Int! only: [Order!] }"#)
        .data(json!({
            "Query": {"users": ["#1", "#2"], "unit": "KM", "search": "found"},
            "#1": {"__typename": "User", "id": "1", "kind": "GUEST", "level": "LOW"}, "#2": {"__typename": "User", "id": "2", "kind": "GUEST", "level": null},
        }))
}

#[tokio::test]
async fn enums_are_joined_where_answered_and_cut_where_given() {
    let graph = enums().serve();
    assert_snapshot!(graph.router.public_sdl());
    graph
        .agrees("{ users(order: UP) { kind level } unit }")
        .await;
    let answer = graph.ask("{ users(order: SIDE) { id } }").await;
    assert_eq!(
        answer["errors"][0]["extensions"]["code"],
        "GRAPHQL_VALIDATION_FAILED"
    );
    let answer = graph
        .ask_with(
            "query($o: Order!) { users(order: $o) { id } }",
            json!({"o": "SIDE"}),
        )
        .await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
}

#[tokio::test]
async fn inputs_reach_their_subgraph_as_they_were_given() {
    let graph = enums().serve();
    graph
        .agrees("{ search(order: DOWN, filter: {limit: 3, only: [UP]}) }")
        .await;
    graph
        .agrees_with(
            "query($f: Filter!, $o: Order!) { search(order: $o, filter: $f) }",
            json!({"f": {"limit": 1}, "o": "UP"}),
        )
        .await;
    graph.agrees_with("query($n: Int!, $k: String) { search(order: UP, filter: {limit: $n, kind: $k, only: null}) }", json!({"n": 1, "k": "é\"\n\\"})).await;
    let answer = graph
        .ask("{ search(order: UP, filter: {limit: 1, extra: 2}) }")
        .await;
    assert_eq!(
        answer["errors"][0]["extensions"]["code"],
        "GRAPHQL_VALIDATION_FAILED"
    );
}

pub fn scalars() -> Graph {
    Graph::new()
        .with("a", r#"scalar JSON @tag(name: "x") scalar Date type Query { box: Box boxes: [[Box!]]! } type Box @key(fields: "id") { id: ID! big: Int ratio: Float grid: [[Int]!]! }"#)
        .with("b", r#"scalar JSON scalar Date type Box @key(fields: "id") { id: ID! any(of: JSON): JSON when: Date all: [JSON] deep: [[[String!]]] long: Long } scalar Long"#)
        .data(json!({
            "Query": {"box": "#1", "boxes": [["#1", "#2"], null, []]},
            "#1": {"__typename": "Box", "id": "1", "big": 2147483647_i64, "ratio": 1, "grid": [[1, null], []], "any": {"a": [1, {"__typename": "x", "b": null}]},
                "when": "2020-01-01", "all": [1, "x", null, [true]], "deep": [[["a"], null], null, []], "long": 9007199254740993_i64},
            "#2": {"__typename": "Box", "id": "2", "big": null, "ratio": 0.5, "grid": [], "any": "text", "when": null, "all": null, "deep": null, "long": -1},
        }))
}

#[tokio::test]
async fn custom_scalars_hold_anything_and_lists_lie_in_lists() {
    let graph = scalars().serve();
    graph
        .agrees("{ box { id big ratio grid any when all deep long } boxes { any deep long } }")
        .await;
    graph
        .agrees_with(
            "query($x: JSON) { box { any(of: {a: [1, $x]}) } boxes { any(of: $x) } }",
            json!({"x": {"y": [null]}}),
        )
        .await;
}

#[tokio::test]
async fn a_whole_number_beyond_32_bits_is_no_int() {
    let graph = Graph::new()
        .with(
            "a",
            "type Query { big: Int must: Wrap } type Wrap { big: Int! ok: Int }",
        )
        .data(json!({"Query": {"big": 2147483648_i64, "must": {"big": -2147483649_i64, "ok": 1}}}))
        .serve();
    let answer = graph.ask("{ big must { ok big } }").await;
    assert_eq!(answer["data"], json!({"big": null, "must": null}));
    let paths: Vec<_> = answer["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["path"])
        .collect();
    assert_eq!(paths, [&json!(["big"]), &json!(["must", "big"])]);
}

/// Arguments with default values, one of them in one subgraph only.
pub fn defaults() -> Graph {
    Graph::new()
        .with("a", r#"type Query { item: Item } type Item @key(fields: "id") { id: ID! text(a: Int = 1, b: String): String @shareable }"#)
        .with("b", r#"type Item @key(fields: "id") { id: ID! text(a: Int = 1, b: String = "x"): String @shareable list(of: [Int!] = [1, 2], in: In = {n: 4}): String } input In { n: Int = 3 m: In }"#)
        .data(json!({"Query": {"item": "#i"}, "#i": {"__typename": "Item", "id": "1", "text": "T", "list": "L"}}))
}

#[tokio::test]
async fn default_values_are_those_of_the_graph() {
    let graph = defaults().serve();
    graph.agrees("{ item { text list } }").await;
    graph.agrees("{ item { text(a: 2) list(of: null) } }").await;
    graph
        .agrees_with(
            "query($n: [Int!], $m: Int = 7) { item { list(of: $n, in: {n: $m, m: {}}) } }",
            json!({}),
        )
        .await;
}
