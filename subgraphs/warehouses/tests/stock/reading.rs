//! What can be read of stock, and with how many statements.

use serde_json::{Value, json};
use stockgraph_kit::on_both_engines;

use crate::graph::{TestGraph, text};

on_both_engines! {
    async fn a_product_that_was_never_in_stock_has_none(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let stock = graph.stock_of(&graph.product(), "onHand reserved available inTransit inStock byWarehouse { id }").await;
        assert_eq!(stock, json!({ "onHand": 0, "reserved": 0, "available": 0, "inTransit": 0, "inStock": false, "byWarehouse": [] }));
    }

    async fn the_stock_of_fifty_products_takes_one_statement_for_levels_and_one_for_warehouses(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let warehouses = [graph.warehouse("SUB", 2).await, graph.warehouse("JKT", 1).await];
        let products: Vec<_> = (0..50).map(|_| graph.product()).collect();
        for warehouse in &warehouses {
            let lines: Vec<_> = products.iter().map(|id| json!({ "productId": id, "quantity": 7 })).collect();
            graph.mutate("receiveStock", "stockLevels { id }", json!({ "warehouseId": warehouse, "lines": lines })).await;
        }
        let query = "query Test($of: [_Any!]!) { _entities(representations: $of) { ... on Product { \
            stock { onHand available byWarehouse { onHand warehouse { name status } } } } } }";
        let of: Vec<_> = products.iter().map(|id| json!({ "__typename": "Product", "id": id })).collect();
        drop(graph.database.take_statements());
        let data = graph.data(query, json!({ "of": of })).await;
        let statements = graph.database.take_statements();
        assert_eq!(statements.len(), 2, "{statements:#?}");
        let expected = json!({ "stock": { "onHand": 14, "available": 14, "byWarehouse": [
            { "onHand": 7, "warehouse": { "name": "JKT", "status": "ACTIVE" } },
            { "onHand": 7, "warehouse": { "name": "SUB", "status": "ACTIVE" } },
        ] } });
        assert_eq!(data["_entities"], json!(vec![expected; 50]));
    }

    async fn entities_are_found_by_their_keys_and_what_is_not_there_spoils_nothing(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (jakarta, product) = (graph.warehouse("JKT", 0).await, graph.product());
        graph.receive(&jakarta, &product, 7).await;
        let levels = graph.stock_of(&product, "byWarehouse { id }").await;
        let query = "query Test($of: [_Any!]!) { _entities(representations: $of) { __typename \
            ... on Product { id } ... on Warehouse { code } ... on StockLevel { onHand warehouse { code } } } }";
        let of = json!([
            { "__typename": "Warehouse", "id": jakarta },
            { "__typename": "Warehouse", "code": "JKT" },
            { "__typename": "Warehouse", "code": "NOPE" },
            { "__typename": "Warehouse", "id": "nonsense" },
            { "__typename": "StockLevel", "id": levels["byWarehouse"][0]["id"] },
            { "__typename": "StockLevel", "id": product },
            { "__typename": "Product", "id": product },
            { "__typename": "Product", "id": jakarta },
        ]);
        let data = graph.data(query, json!({ "of": of })).await;
        assert_eq!(data["_entities"], json!([
            { "__typename": "Warehouse", "code": "JKT" },
            { "__typename": "Warehouse", "code": "JKT" },
            null,
            null,
            { "__typename": "StockLevel", "onHand": 7, "warehouse": { "code": "JKT" } },
            null,
            { "__typename": "Product", "id": product },
            null,
        ]));
    }

    async fn warehouses_are_listed_by_rank(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        graph.warehouse("B", 1).await;
        let closed = graph.warehouse("C", 0).await;
        graph.warehouse("A", 1).await;
        graph.mutate("deactivateWarehouse", "warehouse { id }", json!({ "id": closed })).await;
        let query = "{ all: warehouses { code } active: warehouses(status: ACTIVE) { code } inactive: warehouses(status: INACTIVE) { code } }";
        assert_eq!(graph.data(query, Value::Null).await, json!({
            "all": [{ "code": "C" }, { "code": "A" }, { "code": "B" }],
            "active": [{ "code": "A" }, { "code": "B" }],
            "inactive": [{ "code": "C" }],
        }));
    }

    async fn the_levels_of_a_warehouse_are_paged_and_counted(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let jakarta = graph.warehouse("JKT", 0).await;
        for quantity in 1..=5 {
            graph.receive(&jakarta, &graph.product(), quantity).await;
        }
        let page = async |arguments: &str| {
            let query = format!("query Test($id: ID!) {{ warehouse(id: $id) {{ stockLevels({arguments}) {{ totalCount nodes {{ onHand }} pageInfo {{ endCursor hasNextPage }} }} }} }}");
            let mut data = graph.data(&query, json!({ "id": jakarta })).await;
            data["warehouse"]["stockLevels"].take()
        };
        let mut seen = Vec::new();
        let mut after = String::new();
        loop {
            let found = page(&format!("first: 2{after}")).await;
            assert_eq!(found["totalCount"], 5);
            seen.extend(found["nodes"].as_array().unwrap().iter().map(|node| node["onHand"].as_i64().unwrap()));
            if found["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = format!(", after: \"{}\"", text(&found["pageInfo"]["endCursor"]));
        }
        seen.sort_unstable();
        assert_eq!(seen, [1, 2, 3, 4, 5]);
    }

    async fn low_stock_is_listed_the_emptiest_first_and_paged_both_ways(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let jakarta = graph.warehouse("JKT", 0).await;
        let surabaya = graph.warehouse("SUB", 1).await;
        for (warehouse, quantity) in [(&jakarta, 5), (&jakarta, 3), (&jakarta, 3), (&jakarta, 6), (&surabaya, 1)] {
            let product = graph.product();
            graph.receive(warehouse, &product, quantity).await;
            let policy = json!({ "warehouseId": warehouse, "productId": product, "lowStockThreshold": 5 });
            graph.mutate("setStockPolicy", "stockLevel { id }", policy).await;
        }
        let page = async |arguments: &str| {
            let query = format!("{{ lowStock({arguments}) {{ totalCount nodes {{ available }} edges {{ cursor }} pageInfo {{ hasNextPage hasPreviousPage }} }} }}");
            let mut data = graph.data(&query, Value::Null).await;
            data["lowStock"].take()
        };
        let available = |found: &Value| -> Vec<i64> {
            found["nodes"].as_array().unwrap().iter().map(|node| node["available"].as_i64().unwrap()).collect()
        };
        let all = page("first: 10").await;
        assert_eq!((available(&all), &all["totalCount"]), (vec![1, 3, 3, 5], &json!(4)));
        let after = text(&all["edges"][1]["cursor"]);
        assert_eq!(available(&page(&format!("first: 1, after: \"{after}\"")).await), [3]);
        assert_eq!(available(&page("last: 2").await), [3, 5]);
        let before = text(&all["edges"][2]["cursor"]);
        assert_eq!(available(&page(&format!("last: 1, before: \"{before}\"")).await), [3]);
        let of_surabaya = page(&format!("warehouseId: \"{surabaya}\"")).await;
        assert_eq!((available(&of_surabaya), &of_surabaya["totalCount"]), (vec![1], &json!(1)));
    }

    async fn a_mutation_answers_with_what_is_after_it_and_not_before(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (jakarta, product) = (graph.warehouse("JKT", 0).await, graph.product());
        let query = "mutation Test($in: ReceiveStockInput!) { \
            a: receiveStock(input: $in) { stockLevels { onHand product { stock { onHand } } } } \
            b: receiveStock(input: $in) { stockLevels { onHand product { stock { onHand } } } } }";
        let input = json!({ "warehouseId": jakarta, "lines": [{ "productId": product, "quantity": 2 }] });
        let data = graph.data(query, json!({ "in": input })).await;
        let told = |on_hand: i32| json!({ "stockLevels": [{ "onHand": on_hand, "product": { "stock": { "onHand": on_hand } } }] });
        assert_eq!(data, json!({ "a": told(2), "b": told(4) }));
    }
}
