//! Imports: many products, all or none.

use serde_json::{Value, json};
use stockgraph_kit::on_both_engines;

use crate::{Graph, category_id, fields, skus};

fn row(sku: &str, price: &str) -> Value {
    json!({ "sku": sku, "name": sku, "price": { "amount": price, "currency": "IDR" }, "status": "ACTIVE" })
}

async fn import(graph: &Graph, products: impl IntoIterator<Item = Value>) -> Value {
    let products: Vec<Value> = products.into_iter().collect();
    graph
        .mutate(
            "importProducts",
            json!({ "products": products }),
            "created updated",
        )
        .await
}

on_both_engines! {
    async fn new_skus_are_created_and_known_ones_updated(engine: Engine) {
        let graph = Graph::fresh(engine).await;
        let payload = import(&graph, [row("A", "1"), row("B", "2")]).await;
        assert_eq!(payload, json!({ "created": 2, "updated": 0, "errors": [] }));
        let before = graph.customer("{ productBySku(sku: \"B\") { id createdAt } }").await;
        graph.clock.advance(chrono::TimeDelta::minutes(1));
        let payload = import(&graph, [row("C", "3"), row("B", "2.5"), row("A", "1")]).await;
        assert_eq!(payload, json!({ "created": 1, "updated": 2, "errors": [] }));
        let data = graph.customer("{ products { nodes { sku price { amount } updatedAt } } }").await;
        assert_eq!(data["products"]["nodes"], json!([
            { "sku": "A", "price": { "amount": "1.00" }, "updatedAt": "2027-01-15T08:00:00Z" },
            { "sku": "B", "price": { "amount": "2.50" }, "updatedAt": "2027-01-15T08:01:00Z" },
            { "sku": "C", "price": { "amount": "3.00" }, "updatedAt": "2027-01-15T08:01:00Z" },
        ]));
        assert_eq!(graph.customer("{ productBySku(sku: \"B\") { id createdAt } }").await, before);
    }

    async fn what_an_import_leaves_out_stays_as_it_is(engine: Engine) {
        let graph = Graph::fresh(engine).await;
        graph.category(1, "mice", None).await;
        let mut full = row("A", "1");
        full["description"] = json!("Long");
        full["categoryId"] = json!(category_id(1).to_string());
        full["options"] = json!([{ "name": "Size", "value": "M" }]);
        full["imageUrl"] = json!("https://cdn.example/a.png");
        import(&graph, [full]).await;
        let price = json!({ "amount": "9", "currency": "IDR" });
        import(&graph, [json!({ "sku": "A", "name": "A", "price": price, "imageUrl": null })]).await;
        let query = "{ productBySku(sku: \"A\") { price { amount } status description category { slug } options { value } imageUrl } }";
        assert_eq!(graph.customer(query).await["productBySku"], json!({
            "price": { "amount": "9.00" }, "status": "ACTIVE", "description": "Long", "category": { "slug": "mice" },
            "options": [{ "value": "M" }], "imageUrl": null,
        }));
    }

    async fn one_wrong_row_keeps_all_of_them_out(engine: Engine) {
        let graph = Graph::fresh(engine).await;
        import(&graph, [row("A", "1")]).await;
        let mut lost = row("F", "1");
        lost["categoryId"] = json!(category_id(99).to_string());
        for (rows, expected) in [
            (vec![row("A", "5"), row("B", "1"), row("C", "1"), row("D", "-1"), row("E E", "1")], &["products.3.price", "products.4.sku"][..]),
            (vec![row("A", "5"), row("B", "0.001"), row("E E", "1")], &["products.1.price", "products.2.sku"]),
            (vec![row("B", "1"), row("A", "5"), row("B", "2")], &["products.2.sku"]),
            (vec![row("B", "1"), lost], &["products.1.categoryId"]),
        ] {
            let payload = import(&graph, rows).await;
            assert_eq!(fields(&payload), expected);
            assert_eq!((&payload["created"], &payload["updated"]), (&json!(0), &json!(0)));
        }
        let data = graph.staff("{ products { nodes { sku price { amount } } } }").await;
        assert_eq!(data["products"]["nodes"], json!([{ "sku": "A", "price": { "amount": "1.00" } }]));
    }

    async fn a_thousand_products_make_a_handful_of_statements_and_one_more_is_too_many(engine: Engine) {
        let graph = Graph::fresh(engine).await;
        let rows = |price: &str, count: usize| -> Vec<Value> {
            (0..count).map(|number| row(&format!("SKU-{number}"), price)).collect()
        };
        let _ = graph.test.take_statements();
        assert_eq!(import(&graph, rows("1", 1_000)).await["created"], 1_000);
        let created = graph.test.take_statements();
        assert!(created.len() <= 4, "{created:?}");
        assert_eq!(import(&graph, rows("2", 1_000)).await["updated"], 1_000);
        assert!(graph.test.take_statements().len() <= 4);
        let payload = import(&graph, rows("3", 1_001)).await;
        assert_eq!(fields(&payload), ["products"]);
        let data = graph.customer("{ products(first: 1, sort: { field: PRICE, direction: DESC }) { totalCount nodes { price { amount } } } }").await;
        assert_eq!(data["products"], json!({ "totalCount": 1_000, "nodes": [{ "price": { "amount": "2.00" } }] }));
    }

    async fn an_empty_import_does_nothing(engine: Engine) {
        let graph = Graph::fresh(engine).await;
        assert_eq!(import(&graph, []).await, json!({ "created": 0, "updated": 0, "errors": [] }));
    }

    async fn concurrent_imports_of_the_same_products_all_succeed(engine: Engine) {
        let graph = Graph::fresh(engine).await;
        let import_some = |turn: usize| {
            let graph = &graph;
            async move {
                let mut rows: Vec<Value> = (0..20).map(|number| row(&format!("SKU-{number}"), &format!("{turn}"))).collect();
                rows.rotate_left(turn);
                import(graph, rows).await
            }
        };
        let payloads = futures_util::future::join_all((0..8).map(import_some)).await;
        for payload in payloads {
            assert_eq!(payload["errors"], json!([]));
            assert_eq!(payload["created"].as_i64().unwrap() + payload["updated"].as_i64().unwrap(), 20);
        }
        let data = graph.customer("{ products { totalCount nodes { sku } } }").await;
        assert_eq!(data["products"]["totalCount"], 20);
        assert_eq!(skus(&data["products"]["nodes"]).len(), 20);
    }
}
