//! `@requires`: nested, in chains, with arguments, on conditions, and in circles.

use insta::assert_snapshot;
use serde_json::json;

use crate::world::Graph;

/// What `c` requires, `b` computes from what `a` has.
pub fn chain() -> Graph {
    Graph::new()
        .with("a", r#"type Query { products: [Product!]! product: Product }
            type Product @key(fields: "id") { id: ID! price: Int! size: Size } type Size { width: Int height: Int unit: Unit }
            type Unit { name: String }"#)
        .with("b", r#"type Product @key(fields: "id") { id: ID! price: Int! @external
            size: Size @external discounted: Int! @requires(fields: "price") area: Int @requires(fields: "size { width height unit { name } }") }
            type Size { width: Int @external height: Int @external unit: Unit @external } type Unit { name: String @external }"#)
        .with("c", r#"type Product @key(fields: "id") { id: ID! discounted: Int! @external area: Int @external
            cheap: Boolean! @requires(fields: "discounted") both: String @requires(fields: "discounted area") }"#)
        .data(json!({
            "Query": {"products": ["#p1", "#p2"], "product": "#p2"},
            "#p1": {"__typename": "Product", "id": "1", "price": 10, "size": {"width": 2, "height": 3, "unit": {"name": "m"}},
                "discounted": 9, "area": 6, "cheap": true, "both": "9/6"},
            "#p2": {"__typename": "Product", "id": "2", "price": 99, "size": null,
                "discounted": 90, "area": null, "cheap": false, "both": null},
        }))
}

#[tokio::test]
async fn requirements_of_requirements_are_fetched_first() {
    let graph = chain().serve();
    assert_snapshot!(graph.agrees("{ products { cheap } }").await);
    graph.agrees("{ products { both area } }").await;
    graph
        .agrees("{ product { cheap both size { width } } }")
        .await;
}

/// The same field is required with different arguments, and asked for by the client with others.
pub fn arguments() -> Graph {
    Graph::new()
        .with("a", r#"type Query { posts: [Post!]! } type Post @key(fields: "id") { id: ID!
            title(case: Case = LOWER): String comments(limit: Int!): [Comment!] } enum Case { UPPER LOWER }
            type Comment @key(fields: "id") { id: ID! }"#)
        .with("b", r#"type Post @key(fields: "id") { id: ID! title(case: Case = LOWER): String @external
            comments(limit: Int!): [Comment!] @external
            loud: String @requires(fields: "title(case: UPPER)")
            still: String @requires(fields: "title(case: LOWER)")
            first: String @requires(fields: "comments(limit: 1) { id }") }
            enum Case { UPPER LOWER } type Comment @key(fields: "id") { id: ID! text: String }"#)
        .data(json!({
            "Query": {"posts": ["#p1", "#p2"]},
            "#p1": {"__typename": "Post", "id": "1", "title": "Hi", "comments": ["#c1"], "loud": "HI!", "still": "hi", "first": "c1"},
            "#p2": {"__typename": "Post", "id": "2", "title": null, "comments": null, "loud": null, "still": null, "first": null},
            "#c1": {"__typename": "Comment", "id": "c1", "text": "fine"},
        }))
}

#[tokio::test]
async fn a_field_is_required_with_arguments() {
    let graph = arguments().serve();
    assert_snapshot!(graph.agrees("{ posts { loud } }").await);
    graph
        .agrees("{ posts { first comments(limit: 7) { text } } }")
        .await;
}

#[tokio::test]
async fn the_same_field_is_required_with_different_arguments_and_asked_for_with_others() {
    let graph = arguments().serve();
    assert_snapshot!(graph.agrees("{ posts { loud still title } }").await);
    graph
        .agrees("{ posts { title(case: UPPER) still other: title(case: LOWER) loud } }")
        .await;
    graph
        .agrees("{ posts { loud: title still title: id } }")
        .await;
}

/// Requirements on a type's own variants.
pub fn fragments() -> Graph {
    Graph::new()
        .with("a", r#"type Query { accounts: [Account!]! } type Account @key(fields: "id") { id: ID! owner: Owner data: Data }
            interface Owner { id: ID! } type Person implements Owner { id: ID! name: String! }
            type Company implements Owner { id: ID! legalName: String! seat: Seat } type Seat { city: String }
            union Data = Note | Number type Note { text: String! } type Number { value: Int! }"#)
        .with("b", r#"type Account @key(fields: "id") { id: ID! owner: Owner @external data: Data @external
            label: String @requires(fields: "owner { id ... on Person { name } ... on Company { legalName seat { city } } }")
            summary: String @requires(fields: "data { ... on Note { text } ... on Number { value } }") }
            interface Owner { id: ID! } type Person implements Owner { id: ID! @external name: String! @external }
            type Company implements Owner { id: ID! @external legalName: String! @external seat: Seat @external } type Seat { city: String @external }
            union Data = Note | Number type Note { text: String! @external } type Number { value: Int! @external }"#)
        .data(json!({
            "Query": {"accounts": ["#a1", "#a2", "#a3"]},
            "#a1": {"__typename": "Account", "id": "1", "owner": {"__typename": "Person", "id": "p", "name": "Ada"},
                "data": {"__typename": "Note", "text": "n"}, "label": "Ada", "summary": "note"},
            "#a2": {"__typename": "Account", "id": "2", "owner": {"__typename": "Company", "id": "c", "legalName": "X", "seat": {"city": "Y"}},
                "data": {"__typename": "Number", "value": 4}, "label": "X, Y", "summary": "four"},
            "#a3": {"__typename": "Account", "id": "3", "owner": null, "data": null, "label": null, "summary": null},
        }))
}

#[tokio::test]
async fn requirements_depend_on_the_type() {
    let graph = fragments().serve();
    assert_snapshot!(graph.agrees("{ accounts { label } }").await);
    assert_snapshot!(
        graph
            .agrees("{ accounts { summary data { ... on Note { text } } } }")
            .await
    );
    graph
        .agrees("{ accounts { owner { ... on Company { seat { city } } } label summary } }")
        .await;
}

/// `a` requires what `b` has, which requires what `a` has.
pub fn circular() -> Graph {
    Graph::new()
        .with("a", r#"type Query { feed: [Post!]! } type Post @key(fields: "id") { id: ID! by: Author! @shareable
            byNovice: Boolean! @external byExpert: Boolean! @requires(fields: "byNovice") } type Author { years: Int! @shareable }"#)
        .with("b", r#"type Post @key(fields: "id") { id: ID! by: Author! @external
            byNovice: Boolean! @requires(fields: "by { years }") } type Author { years: Int! @external }"#)
        .data(json!({
            "Query": {"feed": ["#p1", "#p2"]},
            "#p1": {"__typename": "Post", "id": "1", "by": {"years": 1}, "byNovice": true, "byExpert": false},
            "#p2": {"__typename": "Post", "id": "2", "by": {"years": 9}, "byNovice": false, "byExpert": true},
        }))
}

#[tokio::test]
async fn requirements_go_back_and_forth() {
    let graph = circular().serve();
    assert_snapshot!(graph.agrees("{ feed { byExpert } }").await);
    graph.agrees("{ feed { byNovice } }").await;
}

/// A field requires what stands below an interface that entities of several subgraphs implement.
pub fn on_interface() -> Graph {
    Graph::new()
        .with("a", r#"type Query { nodes: [Node] } interface Node { id: ID! title: String }
            type Book implements Node @key(fields: "id") { id: ID! title: String isbn: String }
            type Film implements Node @key(fields: "id") { id: ID! title: String minutes: Int }"#)
        .with("b", r#"interface Node { id: ID! shelf: String }
            type Book implements Node @key(fields: "id") { id: ID! isbn: String @external shelf: String @requires(fields: "isbn") }
            type Film implements Node @key(fields: "id") { id: ID! minutes: Int @external shelf: String @requires(fields: "minutes") }"#)
        .data(json!({
            "Query": {"nodes": ["#b", "#f", null]},
            "#b": {"__typename": "Book", "id": "1", "title": "B", "isbn": "9", "shelf": "s9"},
            "#f": {"__typename": "Film", "id": "1", "title": "F", "minutes": 90, "shelf": "s90"},
        }))
}

#[tokio::test]
async fn implementations_of_an_interface_have_requirements_of_their_own() {
    let graph = on_interface().serve();
    assert_snapshot!(graph.agrees("{ nodes { shelf title } }").await);
    graph
        .agrees("{ nodes { ... on Film { shelf } __typename } }")
        .await;
}

/// Each subgraph finds items by a key of its own, and knows the other's.
pub fn other_key() -> Graph {
    Graph::new()
        .with("stock", r#"type Query { items: [Item!]! shelf: Shelf } type Shelf @key(fields: "id") { id: ID! item: Item }
            type Item @key(fields: "id") { id: ID! upc: ID! @shareable weight: Int }"#)
        .with("fees", r#"type Item @key(fields: "upc") { upc: ID! id: ID! @shareable weight: Int @external fee: Int @requires(fields: "weight") note: String }"#)
        .data(json!({
            "Query": {"items": ["#1", "#2"], "shelf": "#s"},
            "#s": {"__typename": "Shelf", "id": "s", "item": "#1"},
            "#1": {"__typename": "Item", "id": "1", "upc": "u1", "weight": 4, "fee": 8, "note": "n"},
            "#2": {"__typename": "Item", "id": "2", "upc": "u2", "weight": null, "fee": null, "note": null},
        }))
}

#[tokio::test]
async fn who_requires_something_is_told_its_own_key() {
    let graph = other_key().serve();
    assert_snapshot!(graph.agrees("{ shelf { item { fee } } }").await);
    graph.agrees("{ items { note fee id } }").await;
}

/// Users review users, and what a reviewer is greeted with requires what another subgraph has.
pub fn inside_itself() -> Graph {
    Graph::new()
        .with("users", r#"type Query { me: User } type User @key(fields: "id") { id: ID! name: String }"#)
        .with("reviews", r#"type User @key(fields: "id") { id: ID! name: String @external greeting: String @requires(fields: "name") reviews: [Review!] }
            type Review { stars: Int author: User }"#)
        .data(json!({
            "Query": {"me": "#1"},
            "#1": {"__typename": "User", "id": "1", "name": "Ada", "greeting": "Hi Ada", "reviews": [{"stars": 5, "author": "#2"}]},
            "#2": {"__typename": "User", "id": "2", "name": null, "greeting": null, "reviews": []},
        }))
}

#[tokio::test]
async fn an_object_requires_something_inside_another_of_its_type() {
    let graph = inside_itself().serve();
    assert_snapshot!(
        graph
            .agrees("{ me { reviews { stars author { greeting } } } }")
            .await
    );
    graph
        .agrees(
            "{ me { greeting reviews { author { greeting reviews { author { greeting } } } } } }",
        )
        .await;
}

/// The key by which `fees` is told what it requires comes from `ids`, which nobody asks for anything else.
pub fn key_from_elsewhere() -> Graph {
    Graph::new()
        .with("stock", r#"type Query { items: [Item!]! } type Item @key(fields: "id") { id: ID! weight: Int box: Box } type Box { item: Item }"#)
        .with("ids", r#"type Item @key(fields: "id") @key(fields: "upc") { id: ID! upc: ID! @shareable maker: Maker @shareable } type Maker { code: ID! @shareable }"#)
        .with("fees", r#"type Item @key(fields: "upc maker { code }") { upc: ID! @shareable maker: Maker @shareable weight: Int @external fee: Int @requires(fields: "weight") }
            type Maker { code: ID! @shareable }"#)
        .data(json!({
            "Query": {"items": ["#1", "#2"]},
            "#1": {"__typename": "Item", "id": "1", "upc": "u1", "maker": {"code": "m"}, "weight": 4, "fee": 8, "box": {"item": "#2"}},
            "#2": {"__typename": "Item", "id": "2", "upc": "u2", "maker": {"code": "n"}, "weight": null, "fee": null, "box": null},
        }))
}

#[tokio::test]
async fn a_requirement_is_told_with_a_key_from_elsewhere() {
    let graph = key_from_elsewhere().serve();
    assert_snapshot!(graph.agrees("{ items { fee } }").await);
    graph
        .agrees("{ items { box { item { fee weight maker { code } } } fee } }")
        .await;
}

#[tokio::test]
async fn the_deepest_operation_has_a_plan() {
    let graph = key_from_elsewhere().serve();
    let deep = (0..14).fold("{ fee }".to_owned(), |inner, _| {
        format!("{{ fee box {{ item {inner} }} }}")
    });
    graph.agrees(&format!("{{ items {deep} }}")).await;
}

#[tokio::test]
async fn what_a_client_calls_by_a_required_name_is_not_taken_for_it() {
    let graph = arguments().serve();
    graph
        .agrees("{ posts { loud title(case: LOWER) still } }")
        .await;
}

/// Two fields require each other, but one of them can be had elsewhere without.
pub fn circle_with_a_way_out() -> Graph {
    Graph::new()
        .with("a", r#"type Query { items: [Item!]! } type Item @key(fields: "id") { id: ID! net: Int @shareable @requires(fields: "gross") gross: Int @external }"#)
        .with("b", r#"type Item @key(fields: "id") { id: ID! gross: Int @requires(fields: "net") net: Int @external }"#)
        .with("c", r#"type Item @key(fields: "id") { id: ID! net: Int @shareable }"#)
        .data(json!({
            "Query": {"items": ["#1", "#2"]},
            "#1": {"__typename": "Item", "id": "1", "net": 10, "gross": 12},
            "#2": {"__typename": "Item", "id": "2", "net": null, "gross": null},
        }))
}

#[tokio::test]
async fn what_requires_itself_is_had_elsewhere() {
    let graph = circle_with_a_way_out().serve();
    assert_snapshot!(graph.agrees("{ items { gross } }").await);
    graph.agrees("{ items { net gross } }").await;
}
