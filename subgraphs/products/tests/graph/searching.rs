//! Full-text search.

use serde_json::{Value, json};
use stockgraph_kit::{caller::Caller, database::Engine, on_both_engines};

use crate::{Graph, data, described, product, skus};

const SEARCH: &str = "query($text: String!, $sort: ProductSort) { products(filter: { search: $text }, sort: $sort) { totalCount nodes { sku } } }";

async fn shop(engine: Engine) -> Graph {
    let graph = Graph::fresh(engine).await;
    let products = vec![
        described(
            product(1, "LAPTOP-16-SILVER", "Awesome Laptop 16GB RAM", "14000000"),
            "Light, with a mouse in the box.",
        ),
        described(
            product(2, "MOUSE-ERGO", "Wireless Ergonomic Mouse", "600000"),
            "For either hand; rests like a café chair.",
        ),
        described(
            product(3, "KEYBOARD-RGB", "Mechanical RGB Keyboard", "1200000"),
            "USB-C/HDMI hub included.",
        ),
        product(4, "MOUSEPAD", "Ärmel Mousepad", "90000"),
    ];
    graph.catalogue().import_products(products).await.unwrap();
    graph
}

async fn search(graph: &Graph, text: &str, sort: Value) -> Vec<String> {
    let mut variables = json!({ "text": text });
    if !sort.is_null() {
        variables["sort"] = sort;
    }
    let found = data(graph.execute(Caller::Anonymous, SEARCH, variables).await);
    let found = &found["products"];
    let found_skus: Vec<String> = skus(&found["nodes"])
        .into_iter()
        .map(str::to_owned)
        .collect();
    assert_eq!(found["totalCount"], found_skus.len());
    found_skus
}

on_both_engines! {
    async fn words_are_found_in_name_sku_and_description(engine: Engine) {
        let graph = shop(engine).await;
        for (text, expected) in [
            ("laptop", &["LAPTOP-16-SILVER"][..]),
            ("SILVER", &["LAPTOP-16-SILVER"]),
            ("laptop-16", &["LAPTOP-16-SILVER"]),
            ("16gb laptop", &["LAPTOP-16-SILVER"]),
            ("hdmi", &["KEYBOARD-RGB"]),
            ("usb-c hub", &["KEYBOARD-RGB"]),
            ("cafe", &["MOUSE-ERGO"]),
            ("café", &["MOUSE-ERGO"]),
            ("CAFÉ chair", &["MOUSE-ERGO"]),
            ("armel", &["MOUSEPAD"]),
            ("ärmel", &["MOUSEPAD"]),
            ("laptop keyboard", &[]),
            ("unicorn", &[]),
        ] {
            assert_eq!(search(&graph, text, Value::Null).await, expected, "{text}");
        }
    }

    async fn the_last_word_may_be_a_beginning_and_the_others_may_not(engine: Engine) {
        let graph = shop(engine).await;
        assert_eq!(search(&graph, "ergo wire", Value::Null).await, ["MOUSE-ERGO"]);
        assert_eq!(search(&graph, "mechanical k", Value::Null).await, ["KEYBOARD-RGB"]);
        assert_eq!(search(&graph, "mech keyboard", Value::Null).await, Vec::<String>::new());
    }

    async fn the_best_match_comes_first_unless_a_sort_is_given(engine: Engine) {
        let graph = shop(engine).await;
        let found = search(&graph, "mouse", Value::Null).await;
        assert_eq!(found.len(), 3);
        assert_eq!(found[0], "MOUSE-ERGO", "a whole word in the name before a beginning and before the description: {found:?}");
        let by_name = json!({ "field": "NAME", "direction": "ASC" });
        assert_eq!(search(&graph, "mouse", by_name).await, ["LAPTOP-16-SILVER", "MOUSE-ERGO", "MOUSEPAD"]);
        let by_price = json!({ "field": "PRICE", "direction": "ASC" });
        assert_eq!(search(&graph, "mouse", by_price).await, ["MOUSEPAD", "MOUSE-ERGO", "LAPTOP-16-SILVER"]);
    }

    async fn matches_are_read_page_by_page_from_either_end(engine: Engine) {
        let graph = shop(engine).await;
        let all = search(&graph, "mouse", Value::Null).await;
        for (size, cursor, end) in [("first", "after", "endCursor"), ("last", "before", "startCursor")] {
            let mut seen = Vec::new();
            let mut place = String::new();
            for _ in 0..all.len() {
                let query = format!(
                    "{{ products({size}: 1 {place} filter: {{ search: \"mouse\" }}) {{ nodes {{ sku }} pageInfo {{ {end} }} }} }}"
                );
                let data = graph.customer(&query).await;
                seen.extend(skus(&data["products"]["nodes"]).into_iter().map(str::to_owned));
                place = format!("{cursor}: {}", data["products"]["pageInfo"][end]);
            }
            if size == "last" {
                seen.reverse();
            }
            assert_eq!(seen, all);
        }
    }

    async fn nothing_that_is_typed_breaks_the_search(engine: Engine) {
        let graph = shop(engine).await;
        for text in [
            "mouse\"", "\"", "'", "*", "mouse*", "mouse AND", "AND", "NOT mouse", "(", "mouse)", "a:b", "name:mouse",
            "mouse & | ! <-> :*", "\\", "\\'", "%", "_", "--", "; DROP TABLE products", "NEAR(mouse)", "^mouse", "+mouse -laptop",
            "\u{0}", "😀", "\u{301}", "e\u{345}", "１２", "\u{fdfa}", "ﬁ", "한글", "0x1F", "1e5", "$1", "?", "$$", "16GB/32", "a@b.example",
        ] {
            search(&graph, text, Value::Null).await;
        }
        assert_eq!(search(&graph, "\"mouse\" & (wireless)", Value::Null).await, ["MOUSE-ERGO"]);
        assert_eq!(search(&graph, "!!!", Value::Null).await, Vec::<String>::new());
        assert_eq!(search(&graph, "  ", Value::Null).await.len(), 4);
    }

    async fn a_renamed_product_is_found_by_its_new_name_only(engine: Engine) {
        let graph = shop(engine).await;
        let input = json!({ "id": crate::product_id(2).to_string(), "name": "Trackball", "description": null });
        graph.mutate("updateProduct", input, "product { sku }").await;
        assert_eq!(search(&graph, "trackball", Value::Null).await, ["MOUSE-ERGO"]);
        assert_eq!(search(&graph, "ergonomic", Value::Null).await, Vec::<String>::new());
        let renamed = product(9, "MOUSE-ERGO", "Joystick", "1");
        graph.catalogue().import_products(vec![renamed]).await.unwrap();
        assert_eq!(search(&graph, "joystick", Value::Null).await, ["MOUSE-ERGO"]);
        assert_eq!(search(&graph, "trackball", Value::Null).await, Vec::<String>::new());
    }

    async fn search_and_category_and_status_combine(engine: Engine) {
        let graph = shop(engine).await;
        graph.category(1, "devices", None).await;
        graph.category(2, "mice", Some(1)).await;
        let input = json!({ "id": crate::product_id(2).to_string(), "categoryId": crate::category_id(2).to_string() });
        graph.mutate("updateProduct", input, "product { sku }").await;
        let query = format!(
            "{{ products(filter: {{ search: \"mouse\", categoryId: \"{}\", status: ACTIVE, maxPrice: 1000000 }}) {{ totalCount nodes {{ sku }} }} }}",
            crate::category_id(1),
        );
        assert_eq!(graph.customer(&query).await["products"], json!({ "totalCount": 1, "nodes": [{ "sku": "MOUSE-ERGO" }] }));
    }
}
