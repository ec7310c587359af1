//! Warehouses: opening, changing, activating and deactivating.

use serde_json::{Value, json};
use stockgraph_kit::on_both_engines;

use crate::graph::{TestGraph, errors};

const WAREHOUSE: &str = "warehouse { id code name location status priority createdAt updatedAt }";

on_both_engines! {
    async fn a_warehouse_is_opened_changed_and_read(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let input = json!({ "code": "jkt", "name": " Jakarta ", "location": "Cakung" });
        let payload = graph.mutate("createWarehouse", WAREHOUSE, input).await;
        let created = &payload["warehouse"];
        assert_eq!(
            (&created["code"], &created["name"], &created["status"], &created["priority"]),
            (&json!("JKT"), &json!("Jakarta"), &json!("ACTIVE"), &json!(0))
        );
        let input = json!({ "id": created["id"], "name": "Jakarta East", "location": null, "priority": 3 });
        let payload = graph.mutate("updateWarehouse", WAREHOUSE, input).await;
        let query = "query Test($id: ID!) { warehouse(id: $id) { id code name location status priority createdAt updatedAt } }";
        let read = graph.data(query, json!({ "id": created["id"] })).await;
        assert_eq!(payload["warehouse"], read["warehouse"]);
        assert_eq!(
            (&read["warehouse"]["name"], &read["warehouse"]["location"], &read["warehouse"]["priority"]),
            (&json!("Jakarta East"), &Value::Null, &json!(3))
        );
    }

    async fn a_code_is_taken_once_and_broken_rules_are_told_with_their_paths(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        graph.warehouse("JKT", 0).await;
        let again = json!({ "code": "jkt", "name": "Another" });
        let payload = graph.mutate("createWarehouse", WAREHOUSE, again).await;
        assert_eq!((errors(&payload), &payload["errors"][0]["code"]), (vec!["WarehouseCodeTaken".into()], &json!("JKT")));
        let wrong = json!({ "code": "J K", "name": "", "location": "x".repeat(501) });
        let payload = graph.mutate("createWarehouse", WAREHOUSE, wrong).await;
        assert_eq!(errors(&payload), ["InvalidInput code", "InvalidInput name", "InvalidInput location"]);
    }

    async fn changing_a_warehouse_that_is_not_there_is_told(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        for id in ["warehouse_01h455vb4pex5vsknk084sn02q", "product_01h455vb4pex5vsknk084sn02q", "nonsense"] {
            for mutation in ["updateWarehouse", "activateWarehouse", "deactivateWarehouse"] {
                let payload = graph.mutate(mutation, "warehouse { id }", json!({ "id": id })).await;
                assert_eq!(errors(&payload), ["NotFound"], "{mutation} {id}");
            }
        }
        let id = graph.warehouse("JKT", 0).await;
        let payload = graph.mutate("updateWarehouse", "warehouse { id }", json!({ "id": id, "name": " " })).await;
        assert_eq!(errors(&payload), ["InvalidInput name"]);
    }

    async fn stock_in_an_inactive_warehouse_is_not_available_but_what_is_held_there_can_be_sold(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (jakarta, product) = (graph.warehouse("JKT", 0).await, graph.product());
        graph.receive(&jakarta, &product, 10).await;
        let held = "018f0000-0000-7000-8000-000000000001";
        graph.reserve(held, &product, 4).await;
        let payload = graph.mutate("deactivateWarehouse", "warehouse { status }", json!({ "id": jakarta })).await;
        assert_eq!(payload["warehouse"]["status"], "INACTIVE");
        assert_eq!(graph.numbers(&product).await, [0, 0, 0]);
        let payload = graph.reserve("018f0000-0000-7000-8000-000000000002", &product, 1).await;
        assert_eq!((errors(&payload), &payload["errors"][0]["available"]), (vec!["InsufficientStock".into()], &json!(0)));
        let stock = graph.stock_of(&product, "byWarehouse { onHand } all: byWarehouse(includeInactive: true) { onHand reserved warehouse { status } }").await;
        assert_eq!(stock, json!({ "byWarehouse": [], "all": [{ "onHand": 10, "reserved": 4, "warehouse": { "status": "INACTIVE" } }] }));
        let payload = graph.mutate("commitReservation", "reservation { status }", json!({ "id": held })).await;
        assert_eq!(payload["reservation"]["status"], "COMMITTED");
        graph.mutate("activateWarehouse", "warehouse { status }", json!({ "id": jakarta })).await;
        assert_eq!(graph.numbers(&product).await, [6, 0, 6]);
        graph.verify().await;
    }
}
