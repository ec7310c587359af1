//! `@key`: several, compound, nested, not resolvable, and what leads from one to another.

use insta::assert_snapshot;
use serde_json::json;

use crate::world::Graph;

/// No subgraph knows both ends: `upc` leads to `id`, `id` to `code`.
pub fn chain() -> Graph {
    Graph::new()
        .with("a", r#"type Query { items: [Item!]! } type Item @key(fields: "upc") { upc: ID! }"#)
        .with("b", r#"type Item @key(fields: "upc") @key(fields: "id") { upc: ID! id: ID! name: String! }"#)
        .with("c", r#"type Item @key(fields: "id") @key(fields: "code region { id }") {
            id: ID! code: String! region: Region! @shareable }
            type Region @key(fields: "id") { id: ID! }"#)
        .with("d", r#"type Item @key(fields: "code region { id }") { code: String! region: Region! @shareable price: Int }
            type Region @key(fields: "id") { id: ID! title: String! }"#)
        .data(json!({
            "Query": {"items": ["#i1", "#i2", "#i1"]},
            "#i1": {"__typename": "Item", "upc": "u1", "id": "1", "name": "Lamp", "code": "c", "region": "#r1", "price": 3},
            "#i2": {"__typename": "Item", "upc": "u2", "id": "2", "name": "Desk", "code": "c", "region": "#r2", "price": null},
            "#r1": {"__typename": "Region", "id": "n", "title": "North"},
            "#r2": {"__typename": "Region", "id": "s", "title": "South"},
        }))
}

#[tokio::test]
async fn one_key_leads_to_the_next() {
    let graph = chain().serve();
    assert_snapshot!(
        graph
            .agrees("{ items { price region { title } name } }")
            .await
    );
}

/// Keys with lists of objects in them, and an object that is found by either of two keys.
pub fn compound() -> Graph {
    Graph::new()
        .with("teams", r#"type Query { teams: [Team!]! }
            type Team @key(fields: "members { id } lead { id name { first } }") {
                members: [Person!]! lead: Person! motto: String }
            type Person @key(fields: "id") { id: ID! name: Name! @shareable }
            type Name @shareable { first: String! }"#)
        .with("scores", r#"type Team @key(fields: "lead { name { first } id } members { id }") {
                members: [Person!]! lead: Person! score: Int! }
            type Person @key(fields: "id") { id: ID! name: Name! @shareable age: Int }
            type Name @shareable { first: String! }"#)
        .data(json!({
            "Query": {"teams": ["#t1", "#t2"]},
            "#t1": {"__typename": "Team", "members": ["#p1", "#p2"], "lead": "#p1", "motto": "go", "score": 5},
            "#t2": {"__typename": "Team", "members": [], "lead": "#p2", "motto": null, "score": 7},
            "#p1": {"__typename": "Person", "id": "1", "name": {"first": "Ada"}, "age": 36},
            "#p2": {"__typename": "Person", "id": "2", "name": {"first": "Bob"}, "age": null},
        }))
}

#[tokio::test]
async fn a_key_of_objects_and_lists_is_told_whole() {
    let graph = compound().serve();
    assert_snapshot!(graph.agrees("{ teams { score members { age } } }").await);
    graph
        .agrees("{ teams { score motto lead { name { first } age } } }")
        .await;
}

/// `b` only refers to users; `c` finds them by another key than `a` gives them.
pub fn not_resolvable() -> Graph {
    Graph::new()
        .with("a", r#"type Query { users: [User!]! } type User @key(fields: "id") @key(fields: "email") { id: ID! email: String! name: String }"#)
        .with("b", r#"type Query { posts: [Post!]! } type Post { id: ID! author: User! }
            type User @key(fields: "id", resolvable: false) { id: ID! }"#)
        .with("c", r#"type User @key(fields: "email") @key(fields: "id", resolvable: false) { id: ID! email: String! karma: Int! }"#)
        .data(json!({
            "Query": {"users": ["#u1", "#u2"], "posts": [{"id": "p", "author": "#u2"}, {"id": "q", "author": "#u1"}]},
            "#u1": {"__typename": "User", "id": "1", "email": "a@x", "name": "Ada", "karma": 3},
            "#u2": {"__typename": "User", "id": "2", "email": "b@x", "name": null, "karma": 4},
        }))
}

#[tokio::test]
async fn a_key_that_is_not_resolvable_only_refers() {
    let graph = not_resolvable().serve();
    assert_snapshot!(
        graph
            .agrees("{ posts { id author { karma name } } users { karma } }")
            .await
    );
}

/// The parent must be asked for again, since only it has the field.
pub fn parent_entity() -> Graph {
    Graph::new()
        .with("a", r#"type Query { products: [Product!]! }
            type Product @key(fields: "id pid") { id: ID! pid: ID! category: Category @shareable }
            type Category { details: Details @shareable } type Details { products: Int @shareable }"#)
        .with("b", r#"type Product @key(fields: "id") { id: ID! category: Category @shareable }
            type Category @shareable { id: ID! details: Details } type Details { size: Int products: Int @shareable }"#)
        .data(json!({
            "Query": {"products": ["#p1", "#p2"]},
            "#p1": {"__typename": "Product", "id": "1", "pid": "p1", "category": "#c1"},
            "#p2": {"__typename": "Product", "id": "2", "pid": "p2", "category": null},
            "#c1": {"__typename": "Category", "id": "c1", "details": {"products": 4, "size": 2}},
        }))
}

#[tokio::test]
async fn a_value_without_key_is_completed_through_its_parent() {
    let graph = parent_entity().serve();
    assert_snapshot!(
        graph
            .agrees("{ products { category { id details { products size } } } }")
            .await
    );
}

/// Entities that refer to each other in a circle, across subgraphs.
pub fn circle() -> Graph {
    Graph::new()
        .with("users", r#"type Query { me: User } type User @key(fields: "id") { id: ID! name: String! }"#)
        .with("posts", r#"type User @key(fields: "id") { id: ID! posts: [Post!]! } type Post @key(fields: "id") { id: ID! author: User! }"#)
        .with("comments", r#"type Post @key(fields: "id") { id: ID! comments: [Comment] } type Comment { by: User text: String! }
            type User @key(fields: "id") { id: ID! last: Comment }"#)
        .data(json!({
            "Query": {"me": "#u1"},
            "#u1": {"__typename": "User", "id": "1", "name": "Ada", "posts": ["#p1", "#p2"], "last": "#c1"},
            "#u2": {"__typename": "User", "id": "2", "name": "Bob", "posts": [], "last": null},
            "#p1": {"__typename": "Post", "id": "1", "author": "#u1", "comments": ["#c1", null, "#c2"]},
            "#p2": {"__typename": "Post", "id": "2", "author": "#u1", "comments": null},
            "#c1": {"by": "#u1", "text": "first"}, "#c2": {"by": "#u2", "text": "second"},
        }))
}

#[tokio::test]
async fn entities_lead_round_in_circles() {
    let graph = circle().serve();
    assert_snapshot!(
        graph
            .agrees("{ me { posts { author { name last { by { name } } } comments { text by { name posts { id } } } } } }")
            .await
    );
}

#[tokio::test]
async fn an_entity_in_many_places_is_asked_for_once() {
    let graph = chain().serve();
    graph.agrees("{ items { name } }").await;
    let asked = graph.asked();
    let representations = asked
        .iter()
        .find_map(|it| it.variables.get("representations"));
    assert_eq!(representations.unwrap().as_array().unwrap().len(), 2);
}
