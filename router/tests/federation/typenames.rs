//! `__typename`, wherever it may be asked for.

use insta::assert_snapshot;
use serde_json::json;

use crate::world::Graph;

pub fn graph() -> Graph {
    Graph::new()
        .with("a", r#"type Query { union: [Union] interface: Interface users: [User!]! } union Union = Oven | Toaster | User interface Interface { id: ID! }
            type Oven implements Interface @key(fields: "id") { id: ID! } type Toaster @key(fields: "id") { id: ID! warranty: Int } type User @key(fields: "id") { id: ID! }"#)
        .with("b", r#"type Query { b: Int } type Oven @key(fields: "id") { id: ID! warranty: Int } type User @key(fields: "id") { id: ID! friend: User boss: Boss! } type Boss { name: String }"#)
        .data(json!({
            "Query": {"union": ["#o", "#t", null, "#u"], "interface": "#o", "users": ["#u", "#v"], "b": 1},
            "#o": {"__typename": "Oven", "id": "1", "warranty": 2}, "#t": {"__typename": "Toaster", "id": "2", "warranty": 3},
            "#u": {"__typename": "User", "id": "u", "friend": "#v", "boss": {"name": "B"}},
            "#v": {"__typename": "User", "id": "v", "friend": null, "boss": {"name": null}},
        }))
}

#[tokio::test]
async fn it_is_known_at_the_root_without_asking() {
    let graph = graph().serve();
    assert_eq!(graph.agrees("{ __typename }").await, "");
    assert_eq!(
        graph
            .agrees(
                "{ a: __typename b: __typename ... { __typename } ... on Query { c: __typename } }"
            )
            .await,
        ""
    );
    graph
        .agrees("{ __typename union { __typename } t: __typename }")
        .await;
}

#[tokio::test]
async fn it_is_told_of_members_and_implementations() {
    let graph = graph().serve();
    assert_snapshot!(graph.agrees("{ union { __typename x: __typename ... on Oven { __typename y: __typename warranty } } interface { __typename } }").await);
    graph
        .agrees("{ union { ... on Toaster { __typename } ... on Interface { __typename } } }")
        .await;
    graph.agrees("{ union { ... on Oven { t: __typename } ... on User { t: __typename friend { t: __typename } } } }").await;
}

#[tokio::test]
async fn nothing_else_is_asked_of_an_entity() {
    let graph = graph().serve();
    assert_snapshot!(graph.agrees("{ users { __typename } }").await);
    assert_snapshot!(
        graph
            .agrees("{ users { friend { __typename } boss { __typename } } }")
            .await
    );
    graph.agrees("{ users { x: __typename ... on User { friend { y: __typename friend { __typename } } } } }").await;
}
