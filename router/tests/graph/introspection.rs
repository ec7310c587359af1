//! Introspection says what graphql-js says of the same schema.
//!
//! `introspection/expected.json` is what graphql-js 16.10 answers to its own `getIntrospectionQuery`
//! with every option on (`introspection/query.graphql`), over `introspection/schema.graphql`.
//! `introspection/regenerate.mjs` makes it anew.

use serde_json::{Value, json};
use stockgraph_router::Router;

use crate::doubles::{Scripted, ask, ask_with, router};

const SCHEMA: &str = include_str!("introspection/schema.graphql");
const QUERY: &str = include_str!("introspection/query.graphql");
const EXPECTED: &str = include_str!("introspection/expected.json");

fn graph() -> Router {
    let double = Scripted::always(json!({"data": {"old": 1}}));
    router(vec![("only", SCHEMA, double)])
}

/// Orders types, fields and so on by name, and leaves out descriptions of what every schema has:
/// their words are each server's own.
fn comparable(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(comparable).collect();
            items.sort_by_key(|item| item["name"].as_str().unwrap_or_default().to_owned());
            items.into()
        }
        Value::Object(object) => {
            let name = object
                .get("name")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let is_builtin = name.starts_with("__")
                || [
                    "Int",
                    "Float",
                    "String",
                    "Boolean",
                    "ID",
                    "include",
                    "skip",
                    "deprecated",
                ]
                .contains(&name)
                || ["specifiedBy", "oneOf"].contains(&name);
            let members = object.iter().map(|(key, member)| {
                let member = if is_builtin {
                    without_descriptions(member)
                } else {
                    comparable(member)
                };
                let member = if is_builtin && key == "description" {
                    Value::Null
                } else {
                    comparable(&member)
                };
                (key.clone(), member)
            });
            members.collect()
        }
        other => other.clone(),
    }
}

fn without_descriptions(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(without_descriptions).collect(),
        Value::Object(object) => object
            .iter()
            .map(|(key, member)| {
                let member = if key == "description" {
                    Value::Null
                } else {
                    without_descriptions(member)
                };
                (key.clone(), member)
            })
            .collect(),
        other => other.clone(),
    }
}

#[tokio::test]
async fn the_full_query_is_answered_as_graphql_js_answers_it() {
    let answer = ask(&graph(), QUERY).await;
    assert_eq!(answer.get("errors"), None);
    let expected: Value = serde_json::from_str(EXPECTED).unwrap();
    let (ours, theirs) = (comparable(&answer["data"]), comparable(&expected));
    let types = |schema: &Value| schema["__schema"]["types"].as_array().unwrap().clone();
    for (ours, theirs) in types(&ours).iter().zip(&types(&theirs)) {
        assert_eq!(ours, theirs);
    }
    assert_eq!(ours, theirs);
}

#[tokio::test]
async fn deprecated_fields_are_listed_only_when_asked_for() {
    let query = "query ($all: Boolean) { __type(name: \"Query\") { fields(includeDeprecated: $all) { name } } }";
    let graph = graph();
    let has_old = |answer: &Value| {
        answer["data"]["__type"]["fields"]
            .to_string()
            .contains("old")
    };
    assert!(!has_old(&ask_with(&graph, query, json!({})).await));
    assert!(has_old(
        &ask_with(&graph, query, json!({"all": true})).await
    ));
}

#[tokio::test]
async fn introspection_and_data_come_in_one_answer_in_the_order_asked_for() {
    let query = "query ($n: String! = \"Colour\") { t: __typename
        ...Meta old type: __type(name: $n) { kind } none: __type(name: \"Nothing\") { name } skipped: __schema @skip(if: true) { types { name } } }
        fragment Meta on Query { __schema { queryType { __typename n: name } } }";
    assert_eq!(
        ask(&graph(), query).await.to_string(),
        json!({"data": {"t": "Query",
            "__schema": {"queryType": {"__typename": "__Type", "n": "Query"}},
            "old": 1, "type": {"kind": "ENUM"}, "none": null}})
        .to_string()
    );
}

#[tokio::test]
async fn the_machinery_of_federation_shows_nowhere() {
    let graph = graph();
    let answer = ask(
        &graph,
        "{ __schema { types { name fields { name } } directives { name } } }",
    )
    .await;
    let text = answer.to_string() + graph.public_sdl();
    for hidden in [
        "join__",
        "link__",
        "_Entity",
        "_Any",
        "_service",
        "_entities",
        "inaccessible",
        "Hidden",
        "FieldSet",
    ] {
        assert!(!text.contains(hidden), "{hidden} shows");
    }
}
