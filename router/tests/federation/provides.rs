//! `@provides`: nested, on interfaces and on unions.

use insta::assert_snapshot;
use serde_json::json;

use crate::world::Graph;

pub fn nested() -> Graph {
    Graph::new()
        .with("catalogue", r#"type Query { products: [Product!]! @provides(fields: "categories { id name parent { name } }") other: Product }
            type Product @key(fields: "id") { id: ID! categories: [Category!] @external }
            type Category @key(fields: "id") { id: ID! @external name: String @external parent: Group @external } type Group { name: String @external }"#)
        .with("categories", r#"type Product @key(fields: "id") { id: ID! categories: [Category!] @shareable }
            type Category @key(fields: "id") { id: ID! name: String @shareable parent: Group @shareable size: Int } type Group { name: String @shareable size: Int }"#)
        .data(json!({
            "Query": {"products": ["#p1", "#p2"], "other": "#p1"},
            "#p1": {"__typename": "Product", "id": "1", "categories": ["#c1", "#c2"]},
            "#p2": {"__typename": "Product", "id": "2", "categories": null},
            "#c1": {"__typename": "Category", "id": "1", "name": "One", "parent": null, "size": 1},
            "#c2": {"__typename": "Category", "id": "2", "name": "Two", "parent": {"name": "G", "size": 9}, "size": 2},
        }))
}

#[tokio::test]
async fn what_is_provided_deep_down_needs_no_fetch() {
    let graph = nested().serve();
    assert_snapshot!(
        graph
            .agrees("{ products { categories { name parent { name } } } }")
            .await
    );
}

#[tokio::test]
async fn what_is_not_provided_there_is_fetched() {
    let graph = nested().serve();
    assert_snapshot!(
        graph
            .agrees("{ products { categories { name size } } other { categories { name } } }")
            .await
    );
}

pub fn on_interface() -> Graph {
    Graph::new()
        .with("a", r#"type Query { media: Media @shareable } interface Media { id: ID! } type Book implements Media @key(fields: "id") { id: ID! animals: [Animal] @shareable }
            interface Animal { id: ID! } type Dog implements Animal @key(fields: "id") { id: ID! age: Int }
            type Cat implements Animal @key(fields: "id") { id: ID! age: Int }"#)
        .with("b", r#"type Query { media: Media @shareable @provides(fields: "animals { id name }") }
            interface Media { id: ID! animals: [Animal] } type Book implements Media @key(fields: "id") { id: ID! @shareable animals: [Animal] @external }
            interface Animal { id: ID! name: String } type Dog implements Animal { id: ID! @external name: String @external }
            type Cat implements Animal { id: ID! @external name: String @external }"#)
        .with("c", r#"type Book @key(fields: "id") { id: ID! animals: [Animal] @shareable }
            interface Animal { id: ID! name: String } type Dog implements Animal @key(fields: "id") { id: ID! name: String @shareable }
            type Cat implements Animal @key(fields: "id") { id: ID! name: String @shareable }"#)
        .data(json!({
            "Query": {"media": "#b"},
            "#b": {"__typename": "Book", "id": "1", "animals": ["#d", "#c"]},
            "#d": {"__typename": "Dog", "id": "d", "name": "Rex", "age": 3},
            "#c": {"__typename": "Cat", "id": "c", "name": "Tom", "age": null},
        }))
}

#[tokio::test]
async fn implementations_are_provided_through_their_interface() {
    let graph = on_interface().serve();
    assert_snapshot!(graph.agrees("{ media { id animals { id name } } }").await);
    graph
        .agrees("{ media { ... on Book { animals { ... on Cat { name age } id } } } }")
        .await;
}

pub fn on_union() -> Graph {
    Graph::new()
        .with("a", r#"type Query { media: [Media] @shareable @provides(fields: "... on Book { title } ... on Movie { length }") any: [Media] }
            union Media = Book | Movie type Book @key(fields: "id") { id: ID! title: String @external }
            type Movie @key(fields: "id") { id: ID! length: Int @external }"#)
        .with("b", r#"type Book @key(fields: "id") { id: ID! title: String @shareable } type Movie @key(fields: "id") { id: ID! length: Int @shareable }"#)
        .data(json!({
            "Query": {"media": ["#b", "#m"], "any": ["#m", null]},
            "#b": {"__typename": "Book", "id": "1", "title": "B"}, "#m": {"__typename": "Movie", "id": "2", "length": 90},
        }))
}

#[tokio::test]
async fn members_of_a_union_are_provided() {
    let graph = on_union().serve();
    assert_snapshot!(
        graph
            .agrees("{ media { ... on Book { title } ... on Movie { length } } }")
            .await
    );
    assert_snapshot!(
        graph
            .agrees("{ any { ... on Book { title } ... on Movie { length } } }")
            .await
    );
}

/// What is provided lies inside objects of the same type, which are not provided with it.
pub fn inside_itself() -> Graph {
    Graph::new()
        .with("people", r#"type Query { boss: Person @provides(fields: "name friend { name }") anyone: Person }
            type Person @key(fields: "id") { id: ID! name: String @external friend: Person @external deputy: Person @provides(fields: "name") }"#)
        .with("names", r#"type Person @key(fields: "id") { id: ID! name: String @shareable friend: Person @shareable age: Int }"#)
        .data(json!({
            "Query": {"boss": "#a", "anyone": "#b"},
            "#a": {"__typename": "Person", "id": "a", "name": "Ada", "friend": "#b", "deputy": "#b", "age": 36},
            "#b": {"__typename": "Person", "id": "b", "name": "Bob", "friend": "#a", "deputy": "#c", "age": null},
            "#c": {"__typename": "Person", "id": "c", "name": null, "friend": null, "deputy": null, "age": 1},
        }))
}

#[tokio::test]
async fn what_is_provided_of_an_object_is_not_provided_of_another_inside_it() {
    let graph = inside_itself().serve();
    assert_snapshot!(
        graph
            .agrees("{ boss { name friend { name friend { name } deputy { name deputy { name } } } } anyone { name } }")
            .await
    );
    graph
        .agrees("{ anyone { deputy { name age friend { name } } friend { deputy { name } } } }")
        .await;
}

#[tokio::test]
async fn the_root_that_provides_gives_the_rest_as_well() {
    let graph = Graph::new()
        .with("a", r#"type Query { media: [Media] @shareable } union Media = Book | Film
            type Book @key(fields: "id") { id: ID! } type Film @key(fields: "id") { id: ID! }"#)
        .with("b", r#"type Query { media: [Media] @shareable @provides(fields: "... on Book { title }") } union Media = Book | Film
            type Book @key(fields: "id") { id: ID! title: String @external } type Film @key(fields: "id") { id: ID! }"#)
        .with("c", r#"type Book @key(fields: "id") { id: ID! title: String @shareable pages: Int }
            type Film @key(fields: "id") { id: ID! title: String @shareable }"#)
        .data(json!({
            "Query": {"media": ["#b", "#f"]}, "#b": {"__typename": "Book", "id": "b", "title": "B", "pages": 9},
            "#f": {"__typename": "Film", "id": "f", "title": "F"},
        }))
        .serve();
    let asked = async |query: &str| {
        graph.agrees(query).await;
        let asked = graph.asked().into_iter();
        asked.map(|it| it.subgraph).collect::<Vec<_>>().join(" ")
    };
    let query = "{ media { ... on Book { id title } ... on Film { id title } } }";
    assert_eq!(asked(query).await, "b c");
    assert_eq!(
        asked("{ media { ... on Book { id title } ... on Film { id } } }").await,
        "b"
    );
    assert_eq!(
        asked("{ media { ... on Book { pages title } } }")
            .await
            .len(),
        3
    );
}
