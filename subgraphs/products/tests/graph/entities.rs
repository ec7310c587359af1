//! What other subgraphs refer to.

use serde_json::{Value, json};
use stockgraph_kit::{caller::Caller, database::Engine, on_both_engines};
use stockgraph_products::domain::ProductStatus;

use crate::{Graph, category_id, data, product, product_id, staff};

const ENTITIES: &str = "query($of: [_Any!]!) { _entities(representations: $of) { __typename ... on Product { sku name } ... on Category { slug } } }";

async fn shop(engine: Engine) -> Graph {
    let graph = Graph::fresh(engine).await;
    graph.category(1, "devices", None).await;
    let product = |number, sku, status| {
        let mut product = product(number, sku, sku, "1");
        product.details.status = Some(status);
        product
    };
    graph
        .catalogue()
        .import_products(vec![
            product(1, "ACTIVE", ProductStatus::Active),
            product(2, "ARCHIVED", ProductStatus::Archived),
            product(3, "DRAFT", ProductStatus::Draft),
        ])
        .await
        .unwrap();
    graph
}

async fn entities(graph: &Graph, caller: Caller, of: Value) -> Value {
    data(graph.execute(caller, ENTITIES, json!({ "of": of })).await)["_entities"].take()
}

on_both_engines! {
    async fn a_mixed_batch_is_answered_in_its_order_with_null_for_what_there_is_not(engine: Engine) {
        let graph = shop(engine).await;
        let id = |number| json!({ "__typename": "Product", "id": product_id(number).to_string() });
        let sku = |sku: &str| json!({ "__typename": "Product", "sku": sku });
        let _ = graph.test.take_statements();
        let found = entities(&graph, Caller::Anonymous, json!([
            id(2), sku("ACTIVE"), id(1), id(99), sku("NONE"), id(3), sku("DRAFT"),
            { "__typename": "Product", "id": "42" },
            { "__typename": "Product", "id": category_id(1).to_string() },
            { "__typename": "Category", "id": category_id(1).to_string() },
            { "__typename": "Category", "id": category_id(99).to_string() },
            { "__typename": "Category", "id": "" },
            { "__typename": "Product", "id": product_id(1).to_string(), "sku": "ACTIVE" },
        ]))
        .await;
        let active = json!({ "__typename": "Product", "sku": "ACTIVE", "name": "ACTIVE" });
        let archived = json!({ "__typename": "Product", "sku": "ARCHIVED", "name": "ARCHIVED" });
        let devices = json!({ "__typename": "Category", "slug": "devices" });
        assert_eq!(found, json!([
            archived, active, active, null, null, null, null, null, null, devices, null, null, active,
        ]));
        assert_eq!(graph.test.take_statements().len(), 3, "by id, by SKU, and categories");
    }

    async fn drafts_are_shown_to_those_who_keep_the_catalogue(engine: Engine) {
        let graph = shop(engine).await;
        let draft = json!([{ "__typename": "Product", "id": product_id(3).to_string() }]);
        assert_eq!(entities(&graph, staff(), draft.clone()).await[0]["sku"], "DRAFT");
        assert_eq!(entities(&graph, Caller::Anonymous, draft).await, json!([null]));
    }
}
