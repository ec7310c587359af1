//! Adding products and changing them.

use serde_json::{Value, json};
use stockgraph_kit::{
    caller::{Caller, Scope},
    database::Engine,
    on_both_engines,
};

use crate::{Graph, category_id, code, fields, product_id};

const ALL: &str = "product { id sku name description price { amount currency } status category { slug } options { name value } \
                   imageUrl createdAt updatedAt variants { sku } }";

fn mouse() -> Value {
    json!({
        "sku": "MOUSE-RED",
        "name": "Mouse, red",
        "description": "Two buttons.\nOne wheel.",
        "price": { "amount": "600000", "currency": "IDR" },
        "status": "ACTIVE",
        "categoryId": category_id(1).to_string(),
        "family": "mouse",
        "options": [{ "name": "Colour", "value": "Red" }, { "name": "Buttons", "value": "2" }],
        "imageUrl": "https://cdn.example/mouse.png",
    })
}

fn with(mut input: Value, changes: Value) -> Value {
    let fields = input.as_object_mut().unwrap();
    for (field, value) in changes.as_object().unwrap() {
        fields.insert(field.clone(), value.clone());
    }
    input
}

async fn shop(engine: Engine) -> (Graph, String) {
    let graph = Graph::fresh(engine).await;
    graph.category(1, "mice", None).await;
    let payload = graph.mutate("createProduct", mouse(), ALL).await;
    assert_eq!(payload["errors"], json!([]));
    let id = payload["product"]["id"].as_str().unwrap().to_owned();
    (graph, id)
}

on_both_engines! {
    async fn a_new_product_has_all_that_was_said_of_it(engine: Engine) {
        let (graph, id) = shop(engine).await;
        let product = graph.customer(&format!("{{ {} }}", ALL.replacen("product", &format!("product(id: \"{id}\")"), 1))).await;
        assert_eq!(product["product"], json!({
            "id": id,
            "sku": "MOUSE-RED",
            "name": "Mouse, red",
            "description": "Two buttons.\nOne wheel.",
            "price": { "amount": "600000.00", "currency": "IDR" },
            "status": "ACTIVE",
            "category": { "slug": "mice" },
            "options": [{ "name": "Colour", "value": "Red" }, { "name": "Buttons", "value": "2" }],
            "imageUrl": "https://cdn.example/mouse.png",
            "createdAt": "2027-01-15T08:00:00Z",
            "updatedAt": "2027-01-15T08:00:00Z",
            "variants": [],
        }));
    }

    async fn a_new_product_needs_few_words_and_is_a_draft(engine: Engine) {
        let graph = Graph::fresh(engine).await;
        let input = json!({ "sku": "A", "name": "A", "price": { "amount": "1.5", "currency": "USD" } });
        let payload = graph.mutate("createProduct", input, ALL).await;
        assert_eq!(payload["product"]["status"], "DRAFT");
        assert_eq!(payload["product"]["price"], json!({ "amount": "1.50", "currency": "USD" }));
        assert_eq!(payload["product"]["options"], json!([]));
        let nulls = json!({
            "sku": "B", "name": "B", "price": { "amount": "0", "currency": "JPY" }, "description": null, "status": null,
            "categoryId": null, "family": null, "options": null, "imageUrl": null,
        });
        let payload = graph.mutate("createProduct", nulls, ALL).await;
        assert_eq!(payload["product"]["status"], "DRAFT");
        assert_eq!(payload["product"]["category"], json!(null));
    }

    async fn a_sku_is_taken_once(engine: Engine) {
        let (graph, _) = shop(engine).await;
        let payload = graph.mutate("createProduct", mouse(), "product { id }").await;
        assert_eq!(payload, json!({
            "product": null,
            "errors": [{ "__typename": "SkuTaken", "message": "Another product has the SKU MOUSE-RED." }],
        }));
    }

    async fn a_product_that_breaks_rules_is_not_made(engine: Engine) {
        let (graph, _) = shop(engine).await;
        for (changes, expected) in [
            (json!({ "sku": "NO SKU", "name": " ", "imageUrl": "mouse.png" }), &["sku", "name", "imageUrl"][..]),
            (json!({ "price": { "amount": "-1", "currency": "IDR" } }), &["price"]),
            (json!({ "price": { "amount": "0.001", "currency": "IDR" }, "categoryId": "42" }), &["price", "categoryId"]),
            (json!({ "price": { "amount": "1000000000001", "currency": "IDR" } }), &["price"]),
            (json!({ "categoryId": category_id(99).to_string() }), &["categoryId"]),
            (json!({ "categoryId": product_id(1).to_string() }), &["categoryId"]),
            (json!({ "options": [{ "name": "Size", "value": "M" }, { "name": "size", "value": "L" }] }), &["options.1.name"]),
            (json!({ "description": "\0" }), &["description"]),
        ] {
            let input = with(mouse(), with(json!({ "sku": "OTHER" }), changes.clone()));
            let payload = graph.mutate("createProduct", input, "product { id }").await;
            assert_eq!(fields(&payload), expected, "{changes}");
            assert_eq!(payload["product"], json!(null));
        }
        assert_eq!(graph.staff("{ products { totalCount } }").await["products"]["totalCount"], 1);
    }

    async fn a_change_leaves_what_is_not_given_and_takes_away_what_is_null(engine: Engine) {
        let (graph, id) = shop(engine).await;
        graph.clock.advance(chrono::TimeDelta::minutes(1));
        let input = json!({ "id": id, "price": { "amount": "550000", "currency": "IDR" } });
        let payload = graph.mutate("updateProduct", input, ALL).await;
        let product = &payload["product"];
        assert_eq!(product["price"]["amount"], "550000.00");
        assert_eq!(product["name"], "Mouse, red");
        assert_eq!(product["description"], "Two buttons.\nOne wheel.");
        assert_eq!(product["category"], json!({ "slug": "mice" }));
        assert_eq!(product["options"].as_array().unwrap().len(), 2);
        assert_eq!((&product["createdAt"], &product["updatedAt"]), (&json!("2027-01-15T08:00:00Z"), &json!("2027-01-15T08:01:00Z")));

        let input = json!({
            "id": id, "name": "Mouse", "status": "ARCHIVED", "description": null, "categoryId": null, "family": null, "imageUrl": null,
            "options": [],
        });
        graph.mutate("updateProduct", input, "product { id }").await;
        let query = format!("{{ {} }}", ALL.replacen("product", &format!("product(id: \"{id}\")"), 1));
        let stored = graph.staff(&query).await;
        assert_eq!(stored["product"], json!({
            "id": id, "sku": "MOUSE-RED", "name": "Mouse", "description": null, "price": { "amount": "550000.00", "currency": "IDR" },
            "status": "ARCHIVED", "category": null, "options": [], "imageUrl": null, "createdAt": "2027-01-15T08:00:00Z",
            "updatedAt": "2027-01-15T08:01:00Z", "variants": [],
        }));
    }

    async fn a_change_that_changes_nothing_leaves_its_instant(engine: Engine) {
        let (graph, id) = shop(engine).await;
        graph.clock.advance(chrono::TimeDelta::minutes(1));
        let payload = graph.mutate("updateProduct", json!({ "id": id, "name": "Mouse, red" }), "product { updatedAt }").await;
        assert_eq!(payload["product"]["updatedAt"], "2027-01-15T08:00:00Z");
    }

    async fn a_change_that_breaks_rules_is_not_made(engine: Engine) {
        let (graph, id) = shop(engine).await;
        for (input, expected) in [
            (json!({ "id": "42", "price": { "amount": "0.001", "currency": "IDR" }, "categoryId": "42" }), &["id", "price", "categoryId"][..]),
            (json!({ "id": id, "name": "", "family": "" }), &["name", "family"]),
            (json!({ "id": id, "price": { "amount": "-1", "currency": "IDR" } }), &["price"]),
            (json!({ "id": id, "categoryId": category_id(99).to_string() }), &["categoryId"]),
        ] {
            let payload = graph.mutate("updateProduct", input.clone(), "product { id }").await;
            assert_eq!(fields(&payload), expected, "{input}");
            assert_eq!(payload["product"], json!(null));
        }
        let payload = graph.mutate("updateProduct", json!({ "id": product_id(99).to_string() }), "product { id }").await;
        assert_eq!(payload["errors"][0]["__typename"], "NotFound");
    }

    async fn only_those_with_the_scope_write(engine: Engine) {
        let graph = Graph::fresh(engine).await;
        let other = Caller::Service { name: "test".to_owned(), scopes: [Scope::StockWrite].into() };
        for (mutation, fields) in [
            ("createProduct(input: { sku: \"A\", name: \"A\", price: { amount: 1, currency: \"IDR\" } })", "product { id }"),
            ("updateProduct(input: { id: \"42\" })", "product { id }"),
            ("importProducts(input: { products: [] })", "created"),
            ("createCategory(input: { name: \"A\", slug: \"a\" })", "category { id }"),
        ] {
            let query = format!("mutation {{ {mutation} {{ {fields} }} }}");
            assert_eq!(graph.refusal(&query).await, "UNAUTHENTICATED");
            assert_eq!(code(&graph.execute(other.clone(), &query, json!({})).await), "FORBIDDEN");
        }
        assert_eq!(graph.staff("{ products { totalCount } categories { id } }").await, json!({ "products": { "totalCount": 0 }, "categories": [] }));
    }
}
