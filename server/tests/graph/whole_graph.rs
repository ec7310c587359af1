//! Queries that cross the subgraphs, on the demo shop.

use crate::test_graph::{As, TestGraph};
use chrono::TimeDelta;
use serde_json::{Value, json};
use stockgraph_kit::on_both_engines;

const BROWSE: &str = "query ($first: Int) { products(first: $first) { nodes { name price { amount currency } stock { available byWarehouse { warehouse { name status } onHand reserved available } } } } }";

fn levels(product: &Value) -> Vec<(String, i64, i64)> {
    product["stock"]["byWarehouse"]
        .as_array()
        .unwrap()
        .iter()
        .map(|level| {
            (
                level["warehouse"]["name"].as_str().unwrap().to_owned(),
                level["onHand"].as_i64().unwrap(),
                level["reserved"].as_i64().unwrap(),
            )
        })
        .collect()
}

on_both_engines! {
    async fn the_catalogue_shows_price_and_stock_by_warehouse(engine: Engine) {
        let graph = TestGraph::demo(engine).await;
        let data = graph.data(&As::anonymous(), BROWSE, json!({ "first": 100 })).await;
        let products = data["products"]["nodes"].as_array().unwrap();
        assert!(products.len() >= 36, "{} products", products.len());
        let named = |name: &str| products.iter().find(|product| product["name"] == name).unwrap();
        let jakarta = |on_hand, reserved| ("Main Warehouse Jakarta".to_owned(), on_hand, reserved);
        let surabaya = |on_hand, reserved| ("Secondary Warehouse Surabaya".to_owned(), on_hand, reserved);
        let laptop = named("Awesome Laptop 16GB RAM");
        assert_eq!(laptop["price"], json!({ "amount": "14000000.00", "currency": "IDR" }));
        assert_eq!(levels(laptop), [jakarta(50, 5), surabaya(20, 0)]);
        assert_eq!(laptop["stock"]["available"], 65);
        assert_eq!(levels(named("Wireless Ergonomic Mouse")), [jakarta(200, 10)]);
        assert_eq!(levels(named("Mechanical RGB Keyboard")), [jakarta(100, 0), surabaya(75, 2)]);
    }

    async fn a_signed_in_customer_sees_their_orders_with_products_and_stock(engine: Engine) {
        let graph = TestGraph::demo(engine).await;
        let customer = graph.log_in("081234567890", "password123").await;
        let query = "{ me { orders { nodes { number status total { amount } lines { quantity product { name stock { available } } } } } } }";
        let data = graph.data(&customer, query, json!({})).await;
        let orders = data["me"]["orders"]["nodes"].as_array().unwrap();
        let lines = json!([
            { "quantity": 1, "product": { "name": "Awesome Laptop 16GB RAM", "stock": { "available": 65 } } },
            { "quantity": 2, "product": { "name": "Wireless Ergonomic Mouse", "stock": { "available": 190 } } },
        ]);
        let seed = orders.iter().find(|order| order["lines"] == lines).unwrap();
        assert_eq!(seed["status"], "PENDING_PAYMENT");
        assert_eq!(seed["total"]["amount"], "15200000.00");
    }

    async fn the_demo_has_orders_in_every_state_and_agrees_with_itself(engine: Engine) {
        let graph = TestGraph::demo(engine).await;
        let data = graph.data(&graph.everything(), "{ orders(first: 100) { nodes { status } } }", json!({})).await;
        let mut states: Vec<&str> = data["orders"]["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|order| order["status"].as_str().unwrap())
            .collect();
        states.sort_unstable();
        states.dedup();
        assert_eq!(states, ["CANCELLED", "DELIVERED", "EXPIRED", "PAID", "PENDING_PAYMENT", "SHIPPED"]);
        graph.assert_verified().await;
        // What is pending stays so for the first days that somebody looks at it.
        graph.pass(TimeDelta::days(7)).await;
        graph.assert_verified().await;
        let data = graph.data(&graph.everything(), "{ orders(first: 100, filter: { status: [PENDING_PAYMENT] }) { totalCount } }", json!({})).await;
        assert!(data["orders"]["totalCount"].as_i64().unwrap() > 0);
    }

    async fn a_query_makes_one_statement_per_table_whatever_the_number_of_products(engine: Engine) {
        let graph = TestGraph::demo(engine).await;
        let mut counts = Vec::new();
        for first in [2, 40] {
            graph.data(&As::anonymous(), BROWSE, json!({ "first": first })).await;
            let mut statements = graph.take_statements();
            statements.sort();
            let all = statements.len();
            statements.dedup();
            assert_eq!(all, statements.len(), "a statement was sent twice");
            counts.push(all);
        }
        // Products, stock levels, warehouses.
        assert_eq!(counts, [3, 3]);
    }

    async fn one_document_reads_back_what_it_was_answered(engine: Engine) {
        let graph = TestGraph::demo(engine).await;
        let customer = graph.log_in("user1@example.com", "password123").await;
        let query = "{ me { id email phoneNumber roles orders(first: 1) { totalCount nodes { id customer { email } payments { status } reservation { status lines { quantity product { sku } allocations { quantity warehouse { code } } } } } } } }";
        let data = graph.data(&customer, query, json!({})).await;
        let order = &data["me"]["orders"]["nodes"][0];
        assert_eq!(order["customer"]["email"], "user1@example.com");
        assert_eq!(data["me"]["phoneNumber"], "+6281234567890");
        assert!(order["reservation"]["status"].is_string(), "{order:#}");
    }
}
