//! `@interfaceObject`: a subgraph that knows no implementation.

use insta::assert_snapshot;
use serde_json::json;

use crate::world::Graph;

pub fn simple() -> Graph {
    Graph::new()
        .with("users", r#"type Query { users: [Node!]! } interface Node @key(fields: "id") { id: ID! }
            type User implements Node @key(fields: "id") { id: ID! name: String! age: Int! }
            type Bot implements Node @key(fields: "id") { id: ID! name: String! }"#)
        .with("names", r#"type Query { anybody: Node everybody: [Node] } type Node @key(fields: "id") @interfaceObject { id: ID! username: String! }"#)
        .data(json!({
            "Query": {"users": ["#u", "#b"], "anybody": "#b", "everybody": ["#b", null, "#u"]},
            "#u": {"__typename": "User", "id": "1", "name": "Ada", "age": 36, "username": "ada"},
            "#b": {"__typename": "Bot", "id": "2", "name": "Bot", "username": "bot"},
        }))
}

#[tokio::test]
async fn fields_come_to_every_implementation() {
    let graph = simple().serve();
    assert_snapshot!(
        graph
            .agrees("{ users { username ... on User { age } } }")
            .await
    );
    graph
        .agrees("{ users { ... on User { username } ... on Bot { name } } }")
        .await;
}

#[tokio::test]
async fn the_concrete_type_is_asked_for_where_it_matters() {
    let graph = simple().serve();
    assert_snapshot!(graph.agrees("{ anybody { __typename username } }").await);
    assert_snapshot!(
        graph
            .agrees("{ everybody { ... on User { name age } } }")
            .await
    );
    graph.agrees("{ anybody { id } }").await;
    graph
        .agrees("{ everybody { id ... on Bot { username } } }")
        .await;
}

pub fn with_requires() -> Graph {
    Graph::new()
        .with("users", r#"type Query { users: [Node!]! } interface Node @key(fields: "id") { id: ID! name: String! }
            type User implements Node @key(fields: "id") { id: ID! name: String! age: Int! }"#)
        .with("names", r#"type Query { anybody: Node } type Node @key(fields: "id") @interfaceObject { id: ID!
            name: String! @external username: String! @requires(fields: "name") }"#)
        .data(json!({
            "Query": {"users": ["#u"], "anybody": "#u"},
            "#u": {"__typename": "User", "id": "1", "name": "Ada", "age": 36, "username": "ada"},
        }))
}

#[tokio::test]
async fn an_interface_object_requires_fields_of_the_interface() {
    let graph = with_requires().serve();
    assert_snapshot!(graph.agrees("{ users { username } }").await);
    assert_snapshot!(graph.agrees("{ anybody { username } }").await);
    graph
        .agrees(
            "{ users { ... on User { age username name } } anybody { ... on User { username } } }",
        )
        .await;
}

pub fn not_resolvable() -> Graph {
    Graph::new()
        .with("a", r#"type Query { product: Product } type Product @key(fields: "id") { id: ID! reviews: [Review] } 
            type Review @interfaceObject @key(fields: "id", resolvable: false) { id: ID! }"#)
        .with("b", r#"interface Review @key(fields: "id") { id: ID! stars: Int } type Good implements Review @key(fields: "id") { id: ID! stars: Int praise: String }
            type Bad implements Review @key(fields: "id") { id: ID! stars: Int }"#)
        .data(json!({
            "Query": {"product": "#p"}, "#p": {"__typename": "Product", "id": "1", "reviews": ["#g", "#b"]},
            "#g": {"__typename": "Good", "id": "1", "stars": 5, "praise": "yes"}, "#b": {"__typename": "Bad", "id": "2", "stars": 1},
        }))
}

#[tokio::test]
async fn an_interface_object_may_only_refer() {
    let graph = not_resolvable().serve();
    assert_snapshot!(
        graph
            .agrees("{ product { reviews { stars ... on Good { praise } __typename } } }")
            .await
    );
}

/// Two interface objects of one interface, and an implementation that a third subgraph extends.
pub fn several() -> Graph {
    Graph::new()
        .with("media", r#"type Query { media: [Media] } interface Media @key(fields: "id") { id: ID! title: String }
            type Book implements Media @key(fields: "id") { id: ID! title: String } type Film implements Media @key(fields: "id") { id: ID! title: String }"#)
        .with("author", r#"type Media @interfaceObject @key(fields: "id") { id: ID! author: Author } type Author @key(fields: "id") { id: ID! }"#)
        .with("playlist", r#"type Query { lists: [List!]! } type Media @interfaceObject @key(fields: "id") { id: ID! lists: Int! } type List { name: String! first: Media }"#)
        .with("pages", r#"type Book @key(fields: "id") { id: ID! pages: Int } type Author @key(fields: "id") { id: ID! name: String }"#)
        .data(json!({
            "Query": {"media": ["#b", "#f"], "lists": [{"name": "l", "first": "#b"}, {"name": "m", "first": null}]},
            "#b": {"__typename": "Book", "id": "b", "title": "B", "author": "#a", "lists": 2, "pages": 7},
            "#f": {"__typename": "Film", "id": "f", "title": "F", "author": null, "lists": 0},
            "#a": {"__typename": "Author", "id": "a", "name": "Ada"},
        }))
}

#[tokio::test]
async fn several_interface_objects_add_to_one_interface() {
    let graph = several().serve();
    assert_snapshot!(graph.agrees("{ media { author { name } lists } lists { name first { title ... on Book { pages author { id } } } } }").await);
    graph
        .agrees("{ media { ... on Book { lists pages } ... on Film { author { name } } } }")
        .await;
}

/// Interface objects that lead to each other: the place of one is not that of another.
pub fn inside_each_other() -> Graph {
    Graph::new()
        .with("media", r#"type Query { media: [Media] } interface Media @key(fields: "id") { id: ID! title: String }
            type Book implements Media @key(fields: "id") { id: ID! title: String pages: Int sequel: Media }
            type Film implements Media @key(fields: "id") { id: ID! title: String length: Int }"#)
        .with("likes", r#"type Query { liked: Media } type Media @interfaceObject @key(fields: "id") { id: ID! likes(since: Int): String like: Media alike: [Media!] }"#)
        .with("stock", r#"type Media @interfaceObject @key(fields: "id") { id: ID! title: String @external label: String @requires(fields: "title") }"#)
        .data(json!({
            "Query": {"media": ["#b", null, "#f"], "liked": "#b"},
            "#b": {"__typename": "Book", "id": "b", "title": "B", "pages": 7, "sequel": "#f", "likes": "many", "like": "#f", "alike": ["#b", "#f"], "label": "book"},
            "#f": {"__typename": "Film", "id": "f", "title": "F", "length": 90, "likes": "few", "like": "#b", "alike": [], "label": "film"},
        }))
}

#[tokio::test]
async fn an_interface_object_stands_inside_another() {
    let graph = inside_each_other().serve();
    assert_snapshot!(
        graph
            .agrees("{ liked { like { title like { title } } } }")
            .await
    );
    graph.agrees("{ liked { alike { label alike { label ... on Film { length } } } ... on Book { sequel { like { ... on Book { pages } } } } } }").await;
    graph
        .agrees("{ media { like { like { like { __typename label } } } } }")
        .await;
}

#[tokio::test]
async fn what_differs_by_type_is_asked_of_an_interface_object_type_by_type() {
    let graph = inside_each_other().serve();
    let differing =
        "... on Book { x: likes(since: 1) like { title } } ... on Film { x: likes(since: 2) }";
    assert_snapshot!(
        graph
            .agrees(&format!("{{ liked {{ {differing} }} }}"))
            .await
    );
    graph
        .agrees(&format!(
            "{{ media {{ {differing} alike {{ {differing} }} }} }}"
        ))
        .await;
    graph
        .agrees("{ liked { alike { ... on Book { x: label } ... on Film { x: title } } } }")
        .await;
    graph
        .agrees("{ liked { ... on Film { x: like { title } } ... on Book { x: like { label } } } }")
        .await;
}

#[tokio::test]
async fn the_plan_of_interfaces_inside_each_other_grows_with_their_depth_alone() {
    let graph = inside_each_other().serve();
    let query = |depth: usize| {
        let deep = (0..depth).fold("{ title }".to_owned(), |inner, _| {
            format!("{{ like {inner} ... on Book {{ pages alike {{ label }} }} }}")
        });
        format!("{{ liked {deep} }}")
    };
    let size = async |depth| graph.plan(&query(depth)).await.len();
    // Two objects at each level: of every combination there would be 64 times as many.
    assert!(size(12).await < 4 * size(6).await);
    graph.agrees(&query(4)).await;
}

#[tokio::test]
async fn an_interface_that_nothing_implements_is_what_its_object_says() {
    let graph = Graph::new()
        .with("a", r#"interface Node @key(fields: "id") { id: ID! } type Query { version: Int }"#)
        .with("b", r#"type Node @key(fields: "id", resolvable: false) @interfaceObject { id: ID! field: String } type Query { node: Node }"#)
        .data(json!({
            "Query": {"version": 1, "node": "#n"}, "#n": {"__typename": "Node", "id": "1", "field": "f"},
        }))
        .serve();
    for (query, node) in [
        ("{ node { id } }", json!({"id": "1"})),
        ("{ node { field id } }", json!({"field": "f", "id": "1"})),
        ("{ node { ... on Node { field } } }", json!({"field": "f"})),
    ] {
        assert_eq!(
            graph.ask(query).await,
            json!({"data": {"node": node}}),
            "for {query}"
        );
    }
}
