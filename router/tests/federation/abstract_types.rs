//! Interfaces and unions whose members differ between subgraphs.

use insta::assert_snapshot;
use serde_json::json;

use crate::world::Graph;

/// The union has more members in one subgraph, each with a field that the other lacks.
pub fn union_of_parts() -> Graph {
    Graph::new()
        .with("a", r#"type Query { media: [Media] viewer: Viewer @shareable } union Media = Book | Song
            type Viewer @shareable { media: Media } type Book @key(fields: "id") { id: ID! title: String @shareable } type Song { name: String }"#)
        .with("b", r#"type Query { found: [Media] } union Media = Book | Movie
            type Book @key(fields: "id") { id: ID! title: String @shareable pages: Int } type Movie @key(fields: "id") { id: ID! minutes: Int }"#)
        .data(json!({
            "Query": {"media": ["#b", {"__typename": "Song", "name": "S"}], "found": ["#m", "#b"], "viewer": {"media": "#b"}},
            "#b": {"__typename": "Book", "id": "1", "title": "B", "pages": 3}, "#m": {"__typename": "Movie", "id": "2", "minutes": 90},
        }))
}

#[tokio::test]
async fn a_subgraph_is_not_asked_for_members_it_does_not_know() {
    let graph = union_of_parts().serve();
    assert_snapshot!(graph.agrees("{ media { ... on Book { title pages } ... on Movie { minutes } ... on Song { name } } }").await);
    graph.agrees("{ found { __typename ... on Song { name } ... on Movie { id minutes } ... on Book { title } } }").await;
    graph
        .agrees("{ viewer { media { ... on Movie { minutes } ... on Book { pages } } } }")
        .await;
    graph.agrees("{ media { ... on Movie { minutes } } }").await;
}

/// An interface with different fields and implementations.
pub fn interface_of_parts() -> Graph {
    Graph::new()
        .with("shop", r#"type Query { products: [Product] node(id: ID!): Node } interface Node { id: ID! } interface Product { id: ID! price: Int }
            type Lamp implements Product & Node @key(fields: "id") { id: ID! price: Int watts: Int }
            type Desk implements Product & Node @key(fields: "id") { id: ID! price: Int }"#)
        .with("reviews", r#"type Query { reviewed: [Reviewed!] } interface Reviewed { stars: Int } interface Node { id: ID! }
            type Lamp implements Reviewed & Node @key(fields: "id") { id: ID! stars: Int }
            type Desk implements Reviewed @key(fields: "id") { id: ID! stars: Int } type Shop implements Reviewed { stars: Int name: String }"#)
        .data(json!({
            "Query": {"products": ["#l", "#d"], "reviewed": ["#d", {"__typename": "Shop", "stars": 4, "name": "S"}, "#l"],
                "node": {"$by": ["id", {"l": "#l", "d": "#d"}]}},
            "#l": {"__typename": "Lamp", "id": "l", "price": 9, "watts": 5, "stars": 3},
            "#d": {"__typename": "Desk", "id": "d", "price": null, "stars": null},
        }))
}

#[tokio::test]
async fn implementations_are_completed_elsewhere() {
    let graph = interface_of_parts().serve();
    assert_snapshot!(
        graph
            .agrees("{ products { id ... on Reviewed { stars } ... on Lamp { watts } } }")
            .await
    );
    assert_snapshot!(
        graph
            .agrees("{ reviewed { stars ... on Product { price } ... on Shop { name } } }")
            .await
    );
    graph
        .agrees("{ reviewed { ... on Node { id } __typename } }")
        .await;
}

#[tokio::test]
async fn a_node_is_found_by_its_id_and_completed() {
    let graph = interface_of_parts().serve();
    assert_snapshot!(
        graph
            .agrees(r#"{ node(id: "l") { id ... on Lamp { stars watts } ... on Desk { price } } }"#)
            .await
    );
    graph.agrees(r#"{ a: node(id: "d") { ...P } b: node(id: "l") { ...P } c: node(id: "x") { id } } fragment P on Product { price ... on Reviewed { stars } }"#).await;
}

/// A field's type is an interface in one subgraph and one of its implementations in the other.
pub fn narrower_type() -> Graph {
    Graph::new()
        .with("a", r#"type Query { owner: Being @shareable pets: [Pet] } interface Being { name: String } type Person implements Being @shareable { name: String }
            type Pet @key(fields: "id") { id: ID! owner: Being @shareable }"#)
        .with("b", r#"type Query { owner: Person @shareable } interface Being { name: String } type Person implements Being @shareable { name: String age: Int }
            type Pet @key(fields: "id") { id: ID! owner: Person @shareable }"#)
        .data(json!({
            "Query": {"owner": {"__typename": "Person", "name": "Ada", "age": 36}, "pets": ["#p"]},
            "#p": {"__typename": "Pet", "id": "1", "owner": {"__typename": "Person", "name": "Bob", "age": null}},
        }))
}

#[tokio::test]
async fn a_field_has_a_narrower_type_in_one_subgraph() {
    let graph = narrower_type().serve();
    assert_snapshot!(graph.agrees("{ owner { name ... on Person { age } } pets { owner { __typename ... on Person { age } } } }").await);
}

/// Interfaces inside interfaces.
pub fn hierarchy() -> Graph {
    Graph::new()
        .with("a", r#"type Query { all: [Thing!]! } interface Thing { id: ID! } interface Living implements Thing { id: ID! legs: Int }
            type Dog implements Living & Thing @key(fields: "id") { id: ID! legs: Int friend: Thing } type Stone implements Thing @key(fields: "id") { id: ID! }"#)
        .with("b", r#"interface Thing { id: ID! weight: Int } interface Living implements Thing { id: ID! weight: Int } type Dog implements Living & Thing @key(fields: "id") { id: ID! weight: Int }
            type Stone implements Thing @key(fields: "id") { id: ID! weight: Int }"#)
        .data(json!({
            "Query": {"all": ["#d", "#s"]}, "#d": {"__typename": "Dog", "id": "1", "legs": 4, "friend": "#s", "weight": 20},
            "#s": {"__typename": "Stone", "id": "2", "weight": 99},
        }))
}

#[tokio::test]
async fn interfaces_implement_interfaces() {
    let graph = hierarchy().serve();
    assert_snapshot!(
        graph
            .agrees("{ all { weight ... on Living { legs ... on Dog { friend { weight } } } } }")
            .await
    );
}

#[tokio::test]
async fn a_selection_that_can_never_be_is_answered_with_nothing() {
    let graph = Graph::new()
        .with("a", r#"type Query { some: [Some] } union Some = A | B type A @key(fields: "id") { id: ID! other: Some } type B @key(fields: "id") { id: ID! }"#)
        .with("b", r#"type A @key(fields: "id") { id: ID! name: String } type B @key(fields: "id") { id: ID! size: Int }"#)
        .data(json!({
            "Query": {"some": ["#a", "#b", null]},
            "#a": {"__typename": "A", "id": "a", "name": "A", "other": "#b"}, "#b": {"__typename": "B", "id": "b", "size": 2},
        }))
        .serve();
    graph
        .agrees("{ some { ... on A { ... on Some { ... on B { size } } } } }")
        .await;
    graph
        .agrees("{ some { ... on A { ... on Some { ... on B { size } ... on A { name } } other { ... on A { ... on Some { ... on B { id } } } } } } }")
        .await;
}
