//! Values of variables are checked before anything is fetched.

use serde_json::{Value, json};
use std::sync::Arc;
use stockgraph_router::Router;

use crate::doubles::{Scripted, ask_with, router};

const SCHEMA: &str = "
type Query {
  int(v: Int): Int need(v: Int!): Int float(v: Float): Int id(v: ID): Int text(v: String): Int
  flag(v: Boolean): Int colour(v: Colour): Int list(v: [Int!]): Int input(v: Input): Int
  one(v: One): Int custom(v: Anything): Int
}
enum Colour { RED BLUE }
input Input { name: String! size: Int = 3 more: [Input!] }
input One @oneOf { a: Int b: String }
scalar Anything
";

fn graph() -> (Router, Arc<Scripted>) {
    let double = Scripted::always(json!({"data": {"x": 1}}));
    (router(vec![("only", SCHEMA, double.clone())]), double)
}

/// What the subgraph is given for a value.
async fn passed(field: &str, value_type: &str, value: Value) -> Value {
    let (router, double) = graph();
    let query = format!("query ($v: {value_type}) {{ x: {field}(v: $v) }}");
    let answer = ask_with(&router, &query, json!({"v": value})).await;
    assert_eq!(answer, json!({"data": {"x": 1}}));
    double.asked()[0].variables["v"].clone()
}

/// What is said about a value; nothing may have been fetched.
async fn refused(field: &str, value_type: &str, variables: Value) -> String {
    let (router, double) = graph();
    let query = format!("query ($v: {value_type}) {{ x: {field}(v: $v) }}");
    let answer = ask_with(&router, &query, variables).await;
    assert_eq!(answer.get("data"), None, "{answer}");
    assert!(double.asked().is_empty());
    let errors = answer["errors"].as_array().unwrap();
    assert!(
        errors
            .iter()
            .all(|error| error["extensions"]["code"] == "BAD_USER_INPUT")
    );
    let messages: Vec<&str> = errors
        .iter()
        .filter_map(|error| error["message"].as_str())
        .collect();
    messages.join("\n")
}

#[tokio::test]
async fn values_arrive_as_their_types_read_them() {
    assert_eq!(passed("int", "Int", json!(7)).await, json!(7));
    assert_eq!(passed("int", "Int", json!(7.0)).await, json!(7));
    assert_eq!(passed("int", "Int", json!(null)).await, json!(null));
    assert_eq!(passed("float", "Float", json!(7)).await, json!(7));
    assert_eq!(passed("id", "ID", json!(7)).await, json!("7"));
    assert_eq!(passed("list", "[Int!]", json!(7)).await, json!([7]));
    assert_eq!(passed("colour", "Colour", json!("RED")).await, json!("RED"));
    assert_eq!(
        passed("custom", "Anything", json!({"a": [1]})).await,
        json!({"a": [1]})
    );
    let input = json!({"name": "a", "more": {"name": "b"}});
    assert_eq!(
        passed("input", "Input", input).await,
        json!({"name": "a", "more": [{"name": "b"}]})
    );
    assert_eq!(passed("one", "One", json!({"a": 1})).await, json!({"a": 1}));
}

#[tokio::test]
async fn defaults_stand_in_and_undeclared_values_are_dropped() {
    let (router, double) = graph();
    let query = "query ($v: Int = 5, $w: Int) { x: int(v: $v) y: int(v: $w) }";
    ask_with(&router, query, json!({"other": 1})).await;
    assert_eq!(double.asked()[0].variables, json!({"v": 5}));
}

#[tokio::test]
async fn wrong_values_are_told_by_their_place_and_expected_type() {
    let mut told = String::new();
    for (field, value_type, value) in [
        ("int", "Int", json!("7")),
        ("int", "Int", json!(7.5)),
        ("int", "Int", json!(2_147_483_648_u64)),
        ("need", "Int!", json!(null)),
        ("float", "Float", json!("x")),
        ("id", "ID", json!(1.5)),
        ("text", "String", json!(1)),
        ("flag", "Boolean", json!("true")),
        ("colour", "Colour", json!("GREEN")),
        ("colour", "Colour", json!(1)),
        ("list", "[Int!]", json!([1, null, "x"])),
        ("input", "Input", json!([])),
        (
            "input",
            "Input",
            json!({"nam": "x", "more": [{"name": "ok"}, {"name": 1, "size": true}]}),
        ),
        ("one", "One", json!({"a": 1, "b": "x"})),
        ("one", "One", json!({"a": null})),
    ] {
        told += &refused(field, value_type, json!({"v": value})).await;
        told.push('\n');
    }
    told += &refused("need", "Int!", json!({})).await;
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn defaults_are_coerced_as_given_values_are() {
    let (router, double) = graph();
    let query = "query ($list: [Int!] = 5, $id: ID = 7) { x: list(v: $list) y: id(v: $id) }";
    ask_with(&router, query, json!({})).await;
    assert_eq!(double.asked()[0].variables["list"], json!([5]));
    assert_eq!(double.asked()[0].variables["id"], json!("7"));
}

#[tokio::test]
async fn a_long_list_of_wrong_items_is_not_answered_item_by_item() {
    let items: Vec<&str> = vec!["x"; 1_000];
    let told = refused("list", "[Int!]", json!({"v": items})).await;
    assert_eq!(told.lines().count(), 50);
}

#[tokio::test]
async fn a_condition_is_never_null() {
    let (router, double) = graph();
    let query = "query ($c: Boolean = true) { x: int @include(if: $c) }";
    let answer = ask_with(&router, query, json!({"c": null})).await;
    assert_eq!(answer.get("data"), None, "{answer}");
    let error = &answer["errors"][0];
    assert_eq!(
        error["message"],
        "the variable $c decides what is fetched: it must be true or false"
    );
    assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT");
    assert_eq!(double.asked().len(), 0);
    let answer = ask_with(&router, query, json!({})).await;
    assert_eq!(answer, json!({"data": {"x": 1}}));
    let answer = ask_with(&router, query, json!({"c": false})).await;
    assert_eq!(answer, json!({"data": {}}));
}
