//! Nulls in keys and entities, how they travel up, and where errors are said to be.

use serde_json::json;

use crate::world::Graph;

/// Either of two keys may be null.
pub fn keys() -> Graph {
    Graph::new()
        .with("a", r#"type Query { books: [Book] } type Book @key(fields: "upc") @key(fields: "id") { id: ID upc: ID }"#)
        .with("b", r#"type Book @key(fields: "id") { id: ID author: Author } type Author @key(fields: "id") { id: ID! }"#)
        .with("c", r#"type Author @key(fields: "id") { id: ID! name: String }"#)
        .data(json!({
            "Query": {"books": ["#1", "#2", null, "#3"]},
            "#1": {"__typename": "Book", "id": "1", "upc": "u", "author": "#a"},
            "#2": {"__typename": "Book", "id": "2", "upc": null, "author": null},
            "#3": {"__typename": "Book", "id": "3", "upc": "v", "author": "#a"},
            "#a": {"__typename": "Author", "id": "a", "name": "Ada"},
        }))
}

#[tokio::test]
async fn null_entities_and_keys_lead_nowhere() {
    let graph = keys().serve();
    graph.agrees("{ books { upc author { name } } }").await;
}

/// `strict` and `lax` are given by a subgraph that does not know one of the entities.
pub fn entities() -> Graph {
    Graph::new()
        .with("a", r#"type Query { one: Item two: Item all: [Item] full: [Item!]! must: [[Item!]] } type Item @key(fields: "id") { id: ID! }"#)
        .with("b", r#"type Item @key(fields: "id") { id: ID! lax: Int strict: Int! inner: Inner! } type Inner { deep: String! }"#)
        .data(json!({
            "Query": {"one": "#1", "two": "#2", "all": ["#1", "#2", null], "full": ["#1"], "must": [["#1"], ["#1", "#2"], []]},
            "#1": {"__typename": "Item", "id": "1", "lax": 1, "strict": 1, "inner": {"deep": "d"}},
            "#2": {"__typename": "Item", "id": "2", "lax": 2, "strict": 2, "inner": {"deep": null}},
        }))
}

#[tokio::test]
async fn an_entity_that_is_unknown_elsewhere_lacks_what_that_subgraph_has() {
    let graph = entities().unknown_to("b", "#2").serve();
    let answer = graph
        .ask("{ one { id lax } two { id lax } all { lax } }")
        .await;
    assert_eq!(
        answer,
        json!({"data": {"one": {"id": "1", "lax": 1}, "two": {"id": "2", "lax": null}, "all": [{"lax": 1}, {"lax": null}, null]}})
    );
    let answer = graph.ask("{ two { id strict } must { id strict } }").await;
    assert_eq!(
        answer["data"],
        json!({"two": null, "must": [[{"id": "1", "strict": 1}], null, []]})
    );
    let paths: Vec<_> = answer["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["path"])
        .collect();
    assert_eq!(
        paths,
        [&json!(["two", "strict"]), &json!(["must", 1, 1, "strict"])]
    );
}

#[tokio::test]
async fn an_error_below_an_entity_is_told_where_the_client_asked_for_it() {
    let graph = entities().serve();
    let answer = graph.ask("{ x: all { y: inner { z: deep } } }").await;
    assert_eq!(
        answer["data"],
        json!({"x": [{"y": {"z": "d"}}, null, null]})
    );
    assert_eq!(answer["errors"].as_array().unwrap().len(), 1);
    assert_eq!(answer["errors"][0]["path"], json!(["x", 1, "y", "z"]));
    let answer = graph
        .ask("{ full { inner { deep } } two { inner { deep } lax } }")
        .await;
    assert_eq!(
        answer["data"],
        json!({"full": [{"inner": {"deep": "d"}}], "two": null})
    );
}

/// A field fails, at the root and in an entity.
pub fn failing() -> Graph {
    Graph::new()
        .with("a", r#"type Query { good: Item bad: Int items: [Item!]! worst: Int! @shareable } type Item @key(fields: "id") { id: ID! own: Int price: Int }"#)
        .with("b", r#"type Item @key(fields: "id") { id: ID! other: Int price: Int @external tax: Int @requires(fields: "price") }"#)
        .data(json!({
            "Query": {"good": "#1", "bad": {"$error": "root"}, "items": ["#1", "#2"], "worst": {"$error": "all"}},
            "#1": {"__typename": "Item", "id": "1", "own": {"$error": "own"}, "other": 1, "price": 1, "tax": 2},
            "#2": {"__typename": "Item", "id": "2", "own": 2, "other": {"$error": "other"}, "price": null, "tax": {"$error": "tax"}},
        }))
}

#[tokio::test]
async fn errors_of_all_subgraphs_are_told_and_the_rest_is_answered() {
    let graph = failing().serve();
    let answer = graph
        .ask("{ bad good { own other } items { id other tax } }")
        .await;
    assert_eq!(
        answer["data"],
        json!({"bad": null, "good": {"own": null, "other": 1}, "items": [{"id": "1", "other": 1, "tax": 2}, {"id": "2", "other": null, "tax": null}]})
    );
    let mut errors: Vec<String> = answer["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            format!(
                "{} {} {}",
                it["message"], it["path"], it["extensions"]["service"]
            )
        })
        .collect();
    errors.sort();
    assert_eq!(
        errors,
        [
            r#""other" ["items",1,"other"] "b""#,
            r#""own" ["good","own"] "a""#,
            r#""root" ["bad"] "a""#,
            r#""tax" ["items",1,"tax"] "b""#
        ]
    );
    let answer = graph.ask("{ good { other } worst }").await;
    assert_eq!(answer["data"], json!(null));
    assert_eq!(answer["errors"].as_array().unwrap().len(), 1);
}

/// Subgraphs with fields that must not be null and fail.
pub fn strict() -> Graph {
    Graph::new()
        .with("a", r#"type Query { good: Int! bad: Int! item: Item items: [Item] } type Item @key(fields: "id") { id: ID! }"#)
        .with("b", r#"type Item @key(fields: "id") { id: ID! size: Int! weight: Int! note: Int }"#)
        .data(json!({
            "Query": {"good": 1, "bad": {"$error": "gone"}, "item": "#1", "items": ["#2", "#1"]},
            "#1": {"__typename": "Item", "id": "1", "size": {"$error": "lost"}, "weight": 1, "note": 2},
            "#2": {"__typename": "Item", "id": "2", "size": 1, "weight": 1, "note": 2},
        }))
}

#[tokio::test]
async fn what_an_error_took_along_has_no_error_of_its_own() {
    let graph = strict().serve();
    let paths = |answer: &serde_json::Value| {
        let errors = answer["errors"].as_array().cloned().unwrap_or_default();
        errors
            .iter()
            .map(|it| it["path"].clone())
            .collect::<Vec<_>>()
    };
    let answer = graph.ask("{ good bad item { id } }").await;
    assert_eq!(answer["data"], json!(null));
    assert_eq!(paths(&answer), [json!(["bad"])]);
    let answer = graph.ask("{ x: item { note w: weight s: size } }").await;
    assert_eq!(answer["data"], json!({"x": null}));
    assert_eq!(paths(&answer), [json!(["x", "s"])]);
    let answer = graph.ask("{ items { weight size } }").await;
    assert_eq!(
        answer["data"],
        json!({"items": [{"weight": 1, "size": 1}, null]})
    );
    assert_eq!(paths(&answer), [json!(["items", 1, "size"])]);
}
