//! Shared fields that lead to other objects in other subgraphs: unions with other members there, interfaces with other
//! implementations. A list is one subgraph's; what another has there may be something else.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::world::{Graph, Served};

/// Both subgraphs have the pages of a book, but each has blocks that the other does not know.
fn book() -> Served {
    let part = |own: &str, more: &str| {
        format!(
            r#"type Query {{ first{own}: Page page: Page @shareable {more} }}
            type Page @key(fields: "id") {{ id: ID! body: Body @shareable bodyOf{own}: Body }}
            type Body @shareable {{ blocks: [Block!]! head: Block parts: [Part!]! }}
            union Block = Text | {own}
            type Text @shareable {{ text: String }} type {own} {{ size{own}: Int }}
            interface Part {{ name: String }} type Line implements Part @shareable {{ name: String }}
            type Part{own} implements Part {{ name: String }}"#
        )
    };
    Graph::new()
        .with("a", &part("Image", ""))
        .with("b", &part("Film", "last: Page"))
        .data(json!({
            "Query": {"firstImage": "#p", "firstFilm": "#p", "page": "#p", "last": "#p"},
            "#p": {"__typename": "Page", "id": "1", "body": "#b", "bodyOfImage": "#b", "bodyOfFilm": "#b"},
            "#b": {
                "__typename": "Body", "blocks": {"$in": {"a": ["#t", "#i"], "b": ["#f", "#t", "#f"]}},
                "head": {"$in": {"a": "#i", "b": "#f"}}, "parts": {"$in": {"a": ["#l", "#pi"], "b": ["#pf"]}},
            },
            "#t": {"__typename": "Text", "text": "T"},
            "#i": {"__typename": "Image", "sizeImage": 1}, "#f": {"__typename": "Film", "sizeFilm": 2},
            "#l": {"__typename": "Line", "name": "L"},
            "#pi": {"__typename": "PartImage", "name": "PI"}, "#pf": {"__typename": "PartFilm", "name": "PF"},
        }))
        .serve()
}

const BLOCKS: &str = "blocks { __typename ... on Text { text } ... on Image { sizeImage } ... on Film { sizeFilm } }";

#[tokio::test]
async fn a_list_comes_from_the_subgraph_that_is_asked_anyway() {
    let graph = book();
    for (subgraph, root) in [
        ("a", "firstImage"),
        ("b", "firstFilm"),
        ("b", "last"),
        ("a", "page"),
    ] {
        let query =
            format!("{{ {root} {{ body {{ {BLOCKS} head {{ ... on Film {{ sizeFilm }} }} }} }} }}");
        graph.agrees_with_values_of(subgraph, &query).await;
        assert_eq!(graph.asked().len(), 1, "for {query}");
        let query =
            format!("{{ {root} {{ body {{ parts {{ name ... on PartFilm {{ name }} }} }} }} }}");
        graph.agrees_with_values_of(subgraph, &query).await;
    }
    let query = format!("{{ firstImage {{ body {{ {BLOCKS} }} }} }}");
    assert_snapshot!(graph.plan(&query).await);
}

#[tokio::test]
async fn a_field_that_only_another_subgraph_has_leads_to_its_objects() {
    let graph = book();
    let query = format!("{{ firstImage {{ bodyOfFilm {{ {BLOCKS} }} }} }}");
    assert_snapshot!(graph.agrees_with_values_of("b", &query).await);
}

#[tokio::test]
async fn members_that_the_list_cannot_have_are_not_asked_for() {
    let graph = book();
    let query = "{ firstImage { body { blocks { ... on Film { sizeFilm } } head { ... on Film { __typename } } } } }";
    graph.agrees_with_values_of("a", query).await;
    assert_eq!(graph.asked().len(), 1);
}

#[tokio::test]
async fn a_root_that_is_asked_anyway_gives_the_list() {
    let graph = book();
    let query = format!("{{ page {{ body {{ {BLOCKS} }} }} last {{ id }} }}");
    graph.agrees_with_values_of("b", &query).await;
    assert_eq!(graph.asked().len(), 1);
}

/// Neither subgraph alone can say everything of a `Text`, which has no key.
fn halves(a: Value, b: Value) -> Served {
    Graph::new()
        .with("a", "type Query { blocks: [Block!]! @shareable } union Block = Text | Image type Text { text: String } type Image { size: Int }")
        .with("b", "type Query { blocks: [Block!]! @shareable } union Block = Text | Film type Text { length: Int } type Film { size: Int }")
        .data(json!({
            "Query": {"blocks": {"$in": {"a": a, "b": b}}}, "#t": {"__typename": "Text", "text": "T", "length": 1},
            "#i": {"__typename": "Image", "size": 2}, "#f": {"__typename": "Film", "size": 3},
        }))
        .serve()
}

const HALVES: &str = "{ blocks { __typename ... on Text { text length } ... on Image { size } } }";

#[tokio::test]
async fn what_no_subgraph_has_alone_is_put_together() {
    let graph = halves(json!(["#t", "#t"]), json!(["#t", "#t"]));
    graph.agrees_with_values_of("a", HALVES).await;
    graph
        .agrees_with_values_of("a", "{ blocks { ... on Text { length } } }")
        .await;
    assert_eq!(graph.asked().len(), 1);
}

#[tokio::test]
async fn objects_that_are_not_the_same_are_not_put_together() {
    let graph = halves(json!(["#t", "#i"]), json!(["#t", "#f"]));
    let answer = graph.ask(HALVES).await;
    assert_eq!(
        answer["data"]["blocks"][0],
        json!({"__typename": "Text", "text": "T", "length": 1})
    );
    assert_eq!(
        answer["data"]["blocks"][1],
        json!({"__typename": "Image", "size": 2})
    );
    assert_eq!(
        answer["errors"].as_array().map(Vec::len),
        Some(1),
        "{answer}"
    );
    assert_eq!(answer["errors"][0]["path"], json!(["blocks", 1]));
    assert_eq!(
        answer["errors"][0]["extensions"]["code"],
        "SUBGRAPH_BAD_ANSWER"
    );
    let graph = halves(json!(["#t", "#i"]), json!(["#t"]));
    let answer = graph.ask(HALVES).await;
    assert_eq!(
        answer["data"]["blocks"][0],
        json!({"__typename": "Text", "text": "T", "length": null})
    );
    assert_eq!(answer["errors"][0]["path"], json!(["blocks"]));
}
