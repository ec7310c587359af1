//! Federation 1 subgraphs among themselves and beside Federation 2.

use insta::assert_snapshot;
use serde_json::json;

use crate::world::Graph;

pub fn extends() -> Graph {
    Graph::new()
        .with_as_is("users", r#"extend type Query { users: [User] me: User } type User @key(fields: "id") { id: ID! name: String email: String }"#)
        .with_as_is("orders", r#"extend type User @key(fields: "id") { id: ID! @external name: String @external orders: Int greeting: String @requires(fields: "name") }
            type Order { id: ID! buyer: User @provides(fields: "name") } extend type Query { orders: [Order!] }"#)
        .with_as_is("mails", r#"type User @key(fields: "id") @extends { id: ID! @external email: String @external domain: String @requires(fields: "email") }"#)
        .data(json!({
            "Query": {"users": ["#u1", "#u2"], "me": "#u1", "orders": [{"id": "o", "buyer": "#u1"}, {"id": "p", "buyer": "#u2"}]},
            "#u1": {"__typename": "User", "id": "1", "name": "Ada", "email": "a@x", "orders": 1, "greeting": "Hi Ada", "domain": "x"},
            "#u2": {"__typename": "User", "id": "2", "name": null, "email": null, "orders": null, "greeting": null, "domain": null},
        }))
}

#[tokio::test]
async fn extended_types_are_completed_by_their_extensions() {
    let graph = extends().serve();
    assert_snapshot!(
        graph
            .agrees("{ users { greeting domain orders } orders { id buyer { name } } }")
            .await
    );
    graph
        .agrees("{ orders { buyer { email domain greeting } } }")
        .await;
}

pub fn mixed() -> Graph {
    Graph::new()
        .with_as_is("old", r#"type Query { products: [Product!] } type Product @key(fields: "upc") { upc: String! name: String dimensions: Dimensions }
            type Dimensions { width: Int height: Int } interface Named { name: String }"#)
        .with("new", r#"type Product @key(fields: "upc") { upc: String! stock: Int! dimensions: Dimensions @external
            volume: Int @requires(fields: "dimensions { width height }") }
            type Dimensions { width: Int @external height: Int @external }"#)
        .with_as_is("older", r#"extend type Product @key(fields: "upc") { upc: String! @external reviews: [Review] } type Review { stars: Int product: Product } type Dimensions { width: Int height: Int }
            extend type Query { top: Review }"#)
        .data(json!({
            "Query": {"products": ["#p"], "top": {"stars": 5, "product": "#p"}},
            "#p": {"__typename": "Product", "upc": "1", "name": "Lamp", "dimensions": {"width": 1, "height": 2}, "stock": 3, "volume": 2, "reviews": [{"stars": 5, "product": "#p"}]},
        }))
}

#[tokio::test]
async fn both_federations_share_a_graph() {
    let graph = mixed().serve();
    assert_snapshot!(graph.agrees("{ products { stock volume reviews { stars product { name } } } top { product { stock dimensions { width } } } }").await);
}

/// Federation 1's external key is no reason to refuse: the extension knows it.
pub fn external_elsewhere() -> Graph {
    Graph::new()
        .with_as_is("a", r#"type Query { randomUser: User } type User @extends @key(fields: "id") { id: ID! @external rid: ID }"#)
        .with_as_is("b", r#"type User @key(fields: "id") { id: ID! name: String! } type Query { userById(id: ID): User }"#)
        .with_as_is("c", r#"type Query { providedRandomUser: User @provides(fields: "name") } type User @extends @key(fields: "id") { id: ID! @external name: String! @external }"#)
        .data(json!({
            "Query": {"randomUser": "#u", "userById": {"$by": ["id", {"u": "#u"}]}, "providedRandomUser": "#u"},
            "#u": {"__typename": "User", "id": "u", "rid": "r", "name": "Ada"},
        }))
}

#[tokio::test]
async fn an_extension_answers_with_the_key_it_calls_external() {
    let graph = external_elsewhere().serve();
    assert_snapshot!(graph.agrees(r#"{ randomUser { id rid name } userById(id: "u") { rid name } providedRandomUser { id name } }"#).await);
    graph.agrees("{ providedRandomUser { rid } }").await;
}
