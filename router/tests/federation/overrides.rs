//! `@override`: alone, with `@requires`, on types of an interface, and from a subgraph that is not there.

use insta::assert_snapshot;
use serde_json::json;

use crate::world::Graph;

pub fn plain() -> Graph {
    Graph::new()
        .with("old", r#"type Query { feed: [Post!]! @shareable } type Post @key(fields: "id") { id: ID! createdAt: String! text: String @shareable }"#)
        .with("new", r#"type Query { feed: [Post!]! @shareable latest: Post } type Post @key(fields: "id") { id: ID!
            createdAt: String! @override(from: "old") text: String @override(from: "nobody") @shareable }"#)
        .data(json!({
            "Query": {"feed": ["#p1", "#p2"], "latest": "#p1"},
            "#p1": {"__typename": "Post", "id": "1", "createdAt": "now", "text": "x"},
            "#p2": {"__typename": "Post", "id": "2", "createdAt": "then", "text": null},
        }))
}

#[tokio::test]
async fn the_new_subgraph_is_asked_for_what_it_took_over() {
    let graph = plain().serve();
    assert_snapshot!(
        graph
            .agrees("{ feed { createdAt text } latest { createdAt } }")
            .await
    );
}

/// What `b` took over from `a` is still required by `a`.
pub fn with_requires() -> Graph {
    Graph::new()
        .with("a", r#"type Query { things: [Thing!]! } type Thing @key(fields: "id") { id: ID! name: String! weight: Int }"#)
        .with("b", r#"type Thing @key(fields: "id") { id: ID! name: String! @override(from: "a") weight: Int @external
            label: String! @requires(fields: "weight") }"#)
        .with("c", r#"type Thing @key(fields: "id") { id: ID! name: String! @external label: String! @external
            sign: String! @requires(fields: "name label") }"#)
        .data(json!({
            "Query": {"things": ["#t1", "#t2"]},
            "#t1": {"__typename": "Thing", "id": "1", "name": "one", "weight": 1, "label": "1g", "sign": "one 1g"},
            "#t2": {"__typename": "Thing", "id": "2", "name": "two", "weight": null, "label": "?", "sign": "two ?"},
        }))
}

#[tokio::test]
async fn what_was_taken_over_is_required_from_its_new_owner() {
    let graph = with_requires().serve();
    assert_snapshot!(graph.agrees("{ things { sign } }").await);
    graph.agrees("{ things { label name } }").await;
}

pub fn on_implementations() -> Graph {
    Graph::new()
        .with("a", r#"type Query { feed: [Post!]! @shareable } interface Post { id: ID! createdAt: String! }
            type Text implements Post @key(fields: "id") { id: ID! createdAt: String! @override(from: "b") }"#)
        .with("b", r#"type Query { other: [Post!]! } interface Post { id: ID! createdAt: String! }
            type Text implements Post @key(fields: "id") { id: ID! createdAt: String! }
            type Image implements Post @key(fields: "id") { id: ID! createdAt: String! }"#)
        .data(json!({
            "Query": {"feed": ["#t"], "other": ["#t", "#i"]},
            "#t": {"__typename": "Text", "id": "1", "createdAt": "now"},
            "#i": {"__typename": "Image", "id": "1", "createdAt": "then"},
        }))
}

#[tokio::test]
async fn one_implementation_of_an_interface_moved_away() {
    let graph = on_implementations().serve();
    assert_snapshot!(
        graph
            .agrees("{ other { createdAt } feed { createdAt } }")
            .await
    );
    graph
        .agrees("{ other { ... on Text { createdAt } id __typename } }")
        .await;
}
