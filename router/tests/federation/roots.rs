//! Roots: shared, renamed, reached again from below, and mutations in their order.

use insta::assert_snapshot;
use serde_json::json;

use crate::world::Graph;

/// Every subgraph has the root field, each with a part of what it answers.
pub fn shared() -> Graph {
    Graph::new()
        .with("a", r#"type Query { product: Product @shareable products: [Product] @shareable } type Product @shareable { id: ID! name: Name } type Name @shareable { id: ID! brand: String }"#)
        .with("b", r#"type Query { product: Product @shareable products: [Product] @shareable } type Product @shareable { id: ID! category: Category } type Category @shareable { id: ID! name: String }"#)
        .with("c", r#"type Query { product: Product @shareable products: [Product] @shareable } type Product @shareable { id: ID! price: Price } type Price @shareable { id: ID! amount: Int }"#)
        .data(json!({
            "Query": {"product": "#p", "products": ["#p", "#q", null]},
            "#p": {"__typename": "Product", "id": "1", "name": {"id": "n", "brand": "B"}, "category": {"id": "c", "name": "C"}, "price": {"id": "p", "amount": 9}},
            "#q": {"__typename": "Product", "id": "2", "name": null, "category": {"id": "d", "name": null}, "price": null},
        }))
}

#[tokio::test]
async fn a_shared_root_field_is_asked_of_each_who_has_a_part() {
    let graph = shared().serve();
    assert_snapshot!(
        graph
            .agrees("{ product { id name { brand } category { name } price { amount } } }")
            .await
    );
    graph
        .agrees("{ products { id price { amount } name { brand id } category { name } } }")
        .await;
}

/// A field leads back to the root.
pub fn reentry() -> Graph {
    Graph::new()
        .with("a", r#"type Query { me: User version: Int @shareable } type User @key(fields: "id") { id: ID! root: Query }"#)
        .with("b", r#"type Query { time: Int user: User } type User @key(fields: "id") { id: ID! name: String viewer: Viewer } type Viewer { query: Query! }"#)
        .data(json!({
            "Query": {"me": "#u", "version": 1, "time": 5, "user": "#u"},
            "#u": {"__typename": "User", "id": "1", "root": "Query", "name": "Ada", "viewer": {"query": {}}},
        }))
}

#[tokio::test]
async fn a_field_leads_back_to_the_root() {
    let graph = reentry().serve();
    let answer = graph
        .ask("{ me { root { time user { name } __typename } } }")
        .await;
    assert_eq!(
        answer,
        json!({"data": {"me": {"root": {"time": 5, "user": {"name": "Ada"}, "__typename": "Query"}}}})
    );
    assert_snapshot!(graph.plan("{ me { root { time user { name } } } }").await);
}

pub fn renamed() -> Graph {
    Graph::new()
        .with_as_is("a", r#"schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"]) { query: Root mutation: Change }
            type Root { item: Item } type Change { touch(id: ID!): Item again: Root } type Item @key(fields: "id") { id: ID! }"#)
        .with("b", r#"type Query { other: Item } type Mutation { drop: Int } type Item @key(fields: "id") { id: ID! name: String }"#)
        .data(json!({
            "Query": {"item": "#i", "other": "#i"}, "Mutation": {"touch": {"$by": ["id", {"i": "#i"}]}, "drop": 3},
            "#i": {"__typename": "Item", "id": "i", "name": "I"},
        }))
}

#[tokio::test]
async fn roots_may_have_names_of_their_own() {
    let graph = renamed().serve();
    assert_snapshot!(
        graph
            .agrees("{ item { name } other { id } __typename }")
            .await
    );
    graph
        .agrees(r#"mutation { touch(id: "i") { id name } drop __typename }"#)
        .await;
}

pub fn mutations() -> Graph {
    Graph::new()
        .with("a", r#"type Query { sum: Int @shareable product: Product } type Mutation { addProduct(name: String!): Product! multiply(by: Int!): Int! }
            type Product @key(fields: "id") { id: ID! name: String! price: Int! }"#)
        .with("b", r#"type Query { sum: Int @shareable } type Mutation { delete: Int! addCategory(name: String!): Category }
            type Product @key(fields: "id") { id: ID! price: Int! @external expensive: Boolean @requires(fields: "price") } type Category { id: ID! first: Product }"#)
        .with("c", r#"type Mutation { add(by: Int!): Int! }"#)
        .data(json!({
            "Query": {"sum": 1, "product": "#p"},
            "Mutation": {"addProduct": "#p", "multiply": 2, "delete": 3, "addCategory": {"id": "c", "first": "#p"}, "add": 4},
            "#p": {"__typename": "Product", "id": "1", "name": "P", "price": 10, "expensive": false},
        }))
}

#[tokio::test]
async fn mutations_of_several_subgraphs_run_one_after_the_other() {
    let graph = mutations().serve();
    let query = r#"mutation { one: add(by: 1) two: multiply(by: 2) three: add(by: 3) four: delete five: delete six: multiply(by: 6) }"#;
    assert_snapshot!(graph.agrees(query).await);
    let order: Vec<String> = graph.asked().into_iter().map(|it| it.subgraph).collect();
    assert_eq!(order, ["c", "a", "c", "b", "a"]);
}

#[tokio::test]
async fn what_a_mutation_answers_is_completed_elsewhere() {
    let graph = mutations().serve();
    assert_snapshot!(graph.agrees(r#"mutation { addProduct(name: "x") { name expensive } addCategory(name: "y") { id first { name expensive } } }"#).await);
}
